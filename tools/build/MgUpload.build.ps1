# The steps of build.ps1, as tasks of Invoke-Build: task NAME, what has to be done before, { what it does }.
# Each is done once in a run, and is quick when nothing has changed.
param(
    [string] $Configuration = 'Release',
    [string] $Path,
    [switch] $Quick,
    [switch] $All
)
. (Join-Path $PSScriptRoot 'Modules.ps1')
. (Join-Path $PSScriptRoot 'Counts.ps1')
. (Join-Path $PSScriptRoot 'Tools.ps1')
. (Join-Path $PSScriptRoot 'Package.ps1')
. (Join-Path $PSScriptRoot 'Secrets.ps1')

$root = Split-Path (Split-Path $PSScriptRoot)
$module = Join-Path $root 'out/MgUpload'
$tools = Join-Path $root 'out/tools'
$results = Join-Path $root 'out/test-results'
$published = Join-Path $root "out/publish/$Configuration"
$target = $env:CARGO_TARGET_DIR ? [IO.Path]::GetFullPath($env:CARGO_TARGET_DIR, $OriginalLocation) : (Join-Path $root 'target')
$cargo = $IsWindows ? 'cargo' : (Join-Path $root 'tools/cargo.sh')
$isVerbose = $VerbosePreference -eq 'Continue'
$isRelease = $Configuration -eq 'Release'
$exe = $IsWindows ? '.exe' : ''
$hasValgrind = [bool] (Get-Command valgrind -CommandType Application -ErrorAction Ignore)

# A library has the name of its crate, and ours another one: two crates of a workspace cannot share a name.
$system = Get-System
$library = $system.Library
$libraryOfCargo = Join-Path $target "$env:CARGO_BUILD_TARGET" ($isRelease ? 'dist' : 'debug') ($library -replace 'mg_upload', 'mg_upload_ffi')
$release = Get-ReleaseFlags $root
$native = Join-Path $root 'out/native'

Enter-Build {
    $script:before = Set-Environment @{
        CARGO_TARGET_DIR        = $target
        # Nothing of .NET stays behind when the build ends, and holds its output open.
        MSBUILDDISABLENODEREUSE = '1'
        UseSharedCompilation    = 'false'
        DOTNET_NOLOGO           = '1'
        # Requests to the stand-in go to it, whatever proxy the machine uses.
        NO_PROXY                = "127.0.0.1,localhost,$env:NO_PROXY".TrimEnd(',')
        # Uploads are recorded here, and not among the user's.
        MGUPLOAD_STATE          = Join-Path ([IO.Path]::GetTempPath()) "mgupload-build-$PID"
        # Where tests tell which secrets they have used.
        MGUPLOAD_TEST_SECRETS   = Join-Path ([IO.Path]::GetTempPath()) "mgupload-secrets-$PID"
        MGUPLOAD_STANDIN        = Join-Path $tools "graph-standin$exe"
        MGUPLOAD_SHOW_MATRIX    = $isVerbose ? '1' : $null
    }
}

Exit-Build {
    Remove-Item $env:MGUPLOAD_STATE, $env:MGUPLOAD_TEST_SECRETS -Recurse -Force -ErrorAction Ignore
    $null = Set-Environment $before
}

Set-BuildHeader { param($name) print Cyan "== $name" }
Set-BuildFooter {}

# Build

task Build Library, Programs, Example, Assemblies, Help, Module

# Synopsis: the library, as it is shipped: alone, for cargo leaves link-time optimisation out where it makes an rlib along with it.
task Library {
    $words = @($release) + '--package', 'mg-upload-ffi', '--lib', '--crate-type', 'cdylib', '--profile', 'dist'
    # For an old glibc, and for processors other than this one's, zig links, where it is there and a target is named.
    if ($isRelease -and $env:CARGO_BUILD_TARGET -match '-linux-' -and (Get-Command cargo-zigbuild -CommandType Application -ErrorAction Ignore)) {
        exec { cargo-zigbuild rustc @words --target (@($env:CARGO_BUILD_TARGET) + $system.Glibc -ne $null -join '.') }
    }
    elseif ($isRelease) { exec { & $cargo rustc @words } }
    else { exec { & $cargo build --package mg-upload-ffi } }
    $copied = Update-File $libraryOfCargo (Join-Path $tools $library)
    # cargo writes its own folder into the library, and the C example would look for it there.
    if ($copied -and $IsMacOS) { exec { install_name_tool -id "@rpath/$library" (Join-Path $tools $library) } }
    # A release brings the libraries of all systems along: its own for this one needs an older glibc than what is built here.
    $isKept = $All -and (Test-Path (Join-Path $native $system.Rid $library))
    if ($isRelease -and -not $isKept) { $null = Update-File $libraryOfCargo (Join-Path $native $system.Rid $library) }
}

# Synopsis: what tests and demo work with, in the profile of the tests.
task Programs {
    exec { & $cargo build --package graph-standin --package cmdlet-table }
    $null = Update-File (Join-Path $target "debug/graph-standin$exe") (Join-Path $tools "graph-standin$exe")
}

# Synopsis: the authorization server of the tests, which is never shipped.
$identity = Join-Path $root tests/identity
$identitySources = { Get-ChildItem $identity -File }
task Identity -If { -not (Test-Stamp (Join-Path $tools identity) (& $identitySources)) } {
    exec { dotnet build $identity --configuration Release --output (Join-Path $tools identity) --nologo --verbosity quiet }
    Set-Stamp (Join-Path $tools identity) (& $identitySources)
}

# Synopsis: what other modules have of Azure, for the tests.
$otherAzure = Join-Path $root tests/other-azure/other-azure.csproj
task OtherAzure -If { -not (Test-Stamp (Join-Path $tools other-azure) $otherAzure) } {
    exec { dotnet build $otherAzure --configuration Release --output (Join-Path $tools other-azure) --nologo --verbosity quiet }
    Set-Stamp (Join-Path $tools other-azure) $otherAzure
}

$include = Join-Path $root 'crates/mg-upload-ffi/include'
$example = @{
    # It is written for POSIX and built where cc is a compiler of that kind.
    If      = -not $IsWindows
    Inputs  = { Join-Path $root 'examples/upload.c'; Join-Path $include 'mg_upload.h'; Join-Path $tools $library }
    Outputs = Join-Path $tools 'upload'
    Jobs    = 'Library', {
        $origin = $IsMacOS ? '@loader_path' : '$ORIGIN'
        exec { cc -std=c11 -Wall -Wextra -Werror -O2 -pthread -I $include -o (Join-Path $tools 'upload') (Join-Path $root 'examples/upload.c') -L $tools -lmg_upload "-Wl,-rpath,$origin" }
    }
}
task Example @example

# Synopsis: the module's assemblies, compiled ahead of time for this system where that can be done.
$sources = {
    Get-ChildItem (Join-Path $root pwsh-module/src) -Recurse -File | Where-Object FullName -NotMatch '[\\/](bin|obj)[\\/]'
    Get-Item (Join-Path $root pwsh-module/Directory.Build.*), (Join-Path $root Cargo.toml)
}
task Assemblies -If { -not (Test-Stamp $published (& $sources)) } {
    remove $published
    $project = Join-Path $root 'pwsh-module/src/MgUpload'
    $signIn = Join-Path $root 'pwsh-module/src/MgUpload.SignIn'
    $ahead = $isRelease ? @('--runtime', $system.Rid, '-p:PublishReadyToRun=true') : @()
    # The compiler is a package, which a mirror of NuGet may lack.
    if ($ahead) {
        $null = dotnet restore $project @ahead
        if ($LASTEXITCODE) {
            print Yellow "The module is not compiled ahead of time, and first calls take longer: NuGet has no crossgen2 for $($system.Rid), or not the framework for it."
            $ahead = @()
        }
    }
    exec { dotnet publish $project --configuration $Configuration --output $published @ahead --nologo --verbosity quiet }
    # What signs in has a folder, and a load context, of its own.
    exec { dotnet publish $signIn --configuration $Configuration --output (Join-Path $published signin) @ahead --nologo --verbosity quiet }
    Set-Stamp $published (& $sources)
}

# Synopsis: the help pages as Get-Help reads them.
task Help Programs, { exec { & (Join-Path $target "debug/cmdlet-table$exe") help (Join-Path $root 'out/help') } }

# Synopsis: out/MgUpload, ready to be imported.
task Module Library, Assemblies, Help, {
    $files = @{ (Join-Path runtimes $system.Rid native $library) = $libraryOfCargo }
    foreach ($file in Get-Item "$published/*.dll", "$published/*.pdb", "$root/pwsh-module/MgUpload.*", "$root/LICENSE-*") { $files[$file.Name] = $file.FullName }
    foreach ($file in Get-ChildItem "$published/signin" -Recurse -File) { $files[[IO.Path]::GetRelativePath($published, $file.FullName)] = $file.FullName }
    foreach ($file in Get-Item "$root/out/help/*") { $files[(Join-Path en-US $file.Name)] = $file.FullName }
    foreach ($name in $files.Keys) { $null = Update-File $files[$name] (Join-Path $module $name) }
    # What an earlier build left, and this one does not make, would be imported or shipped.
    Get-ChildItem $module -Recurse -File | Where-Object { -not $files.ContainsKey([IO.Path]::GetRelativePath($module, $_.FullName)) } | Remove-Item
    "built: $(Resolve-Path (Join-Path $module 'MgUpload.psd1') -Relative -RelativeBasePath $OriginalLocation)"
}

# Package

# Synopsis: what is published: the module with all native libraries that are in out/native, as package and zip.
task Package Library, Programs, Help, Package.Assemblies, Package.Folder, Package.Files, Package.Try

# Synopsis: plain assemblies. What is compiled ahead of time loads on one system only.
$packaged = Join-Path $root 'out/publish/Package'
$lock = Join-Path $root 'Cargo.lock'
$plain = '--configuration', 'Release', '--nologo', '--verbosity', 'quiet', '-p:ContinuousIntegrationBuild=true', "-p:PathMap=$root=/mgupload", '-p:DebugType=none'
task Package.Assemblies Package.Ahead, {
    if (Test-Stamp $packaged (& $sources)) { return }
    remove $packaged
    exec { dotnet publish (Join-Path $root pwsh-module/src/MgUpload) @plain --output $packaged }
    exec { dotnet publish (Join-Path $root pwsh-module/src/MgUpload.SignIn) @plain --output (Join-Path $packaged signin) }
    Set-Stamp $packaged (& $sources)
}

# Synopsis: what most of a first sign-in runs in, compiled ahead of time for the systems that the table names, where they have a
# library. Before the plain assemblies, whose restored packages are the package's list.
task Package.Ahead {
    $project = Join-Path $root pwsh-module/src/MgUpload.SignIn
    foreach ($one in @(Get-Systems).Where({ $_.SignInAhead -and (Test-Path (Join-Path $native $_.Rid $_.Library)) })) {
        $folder = "$packaged.ahead/$($one.Rid)"
        if (Test-Stamp $folder (& $sources)) { continue }
        remove $folder
        $ahead = '--runtime', $one.Rid, '-p:PublishReadyToRun=true'
        $null = dotnet restore $project @ahead
        if ($LASTEXITCODE) {
            if ($All) { throw "NuGet has no compiler ahead of time for $($one.Rid), or not the framework for it" }
            print Yellow "A first sign-in takes longer on $($one.Rid): NuGet has no compiler ahead of time for it, or not the framework."
            continue
        }
        $all = "$folder.all"
        exec { dotnet publish $project @plain @ahead --output $all }
        $null = New-Item -ItemType Directory $folder
        Copy-Item "$all/MgUpload.SignIn.dll", "$all/Microsoft.Identity.Client.dll" $folder
        remove $all
        Set-Stamp $folder (& $sources)
    }
}

$package = Join-Path $root 'out/package'
task Package.Folder {
    remove $package
    $folder = New-Item -ItemType Directory (Join-Path $package 'MgUpload')
    Copy-Item "$packaged/*.dll", "$root/pwsh-module/MgUpload.*", "$root/LICENSE-*" $folder
    Copy-Item "$packaged/signin" $folder -Recurse
    Copy-Item "$root/out/help" (Join-Path $folder 'en-US') -Recurse
    $there, $missing = @(Get-Systems).Where({ Test-Path (Join-Path $native $_.Rid $_.Library) }, 'Split')
    foreach ($one in $there) {
        if (Test-Path "$packaged.ahead/$($one.Rid)") { Copy-Item "$packaged.ahead/$($one.Rid)" (Join-Path $folder signin) -Recurse }
        $place = New-Item -ItemType Directory (Join-Path $folder runtimes $one.Rid native)
        Copy-Item (Join-Path $native $one.Rid $one.Library) $place
    }
    $parts = @(Get-ShippedCrates $cargo) + @(Get-ShippedPackages (Join-Path $root 'pwsh-module/src/MgUpload.SignIn/obj/project.assets.json'))
    Assert-Licences $parts
    Get-Notices $parts | Set-Content -NoNewline (Join-Path $folder 'THIRD-PARTY-NOTICES.txt')
    Get-Bom $parts (Get-ModuleVersion $folder) | Set-Content -NoNewline (Join-Path $folder 'MgUpload.cdx.json')
    "libraries for: $($there.Rid -join ', ')"
    if ($missing -and $All) { throw "there are no libraries for $($missing.Rid -join ', ') in out/native" }
    if ($missing) { print Yellow "without: $($missing.Rid -join ', '), which are not in out/native" }
}

task Package.Files {
    $folder = Join-Path $package 'MgUpload'
    $version = Get-ModuleVersion $folder
    Compress-Folder $folder (Join-Path $package "MgUpload-$version.zip")
    Compress-PSResource -Path $folder -DestinationPath $package
    foreach ($file in Get-Item "$package/*.zip", "$package/*.nupkg") {
        if ($file.Length -gt 20MB) { throw "$($file.Name) has $($file.Length) bytes; 20 MB is the bound" }
        '{0}  {1}' -f (Get-FileHash $file).Hash.ToLowerInvariant(), $file.Name | Add-Content (Join-Path $package 'SHA256SUMS')
        "packed: out/package/$($file.Name), $($file.Length) bytes"
    }
}

# Synopsis: published to a folder, installed from it, imported and used, each in a process of its own.
task Package.Try -If { Test-Path (Join-Path $package MgUpload/runtimes $system.Rid) } Identity, {
    $program, $words = Get-PowerShellCommand
    exec { & $program @words -NoLogo -NoProfile -NonInteractive -File (Join-Path $PSScriptRoot 'try-package.ps1') (Join-Path $package 'MgUpload') $system.Rid }
}

# Test: every part is run, whatever becomes of those before; but nothing is tested that could not be built.

task Test ?Test.Rustfmt, ?Test.Clippy, ?Test.Cargo, ?ModuleTests, ?Test.Secrets
task ModuleTests Build, ?Test.Dotnet, ?Test.Pester, ?Test.Counts

task Results { $null = New-Item -ItemType Directory -Force $results }

task Test.Rustfmt { exec { & $cargo fmt --all --check }; Complete-Part (New-Counts 1) }

task Test.Clippy { exec { & $cargo clippy --workspace --all-targets -- -D warnings }; Complete-Part (New-Counts 1) }

# Synopsis: all Rust tests, in the profile that checks most (debug assertions, overflow).
task Test.Cargo Results, {
    $log = Join-Path $results 'cargo.log'
    $show = $isVerbose ? @('--', '--show-output') : @()
    $status = Wait-Runner (Start-Runner $log ($cargo, 'test', '--workspace', '--no-fail-fast' + $show))
    Complete-Part (Read-CargoCounts $log $status)
}

task Test.Dotnet Results, Build, {
    $counts = foreach ($project in Get-ChildItem (Join-Path $root 'tests/dotnet') -Filter *.csproj -Recurse) {
        $log, $report = 'log', 'trx' | ForEach-Object { Join-Path $results "$($project.BaseName).$_" }
        Remove-Item $report -ErrorAction Ignore
        $status = Wait-Runner (Start-Runner $log ('dotnet', 'test', $project.FullName, '--configuration', $Configuration, '--nologo', '--verbosity', 'quiet',
                '--logger', 'console;verbosity=minimal', '--logger', "trx;LogFileName=$report"))
        Read-TrxCounts $report $status $log
    }
    Complete-Part $counts
}

# Synopsis: what an upload costs, in instructions of the release build, against crates/bench/baseline.json.
task Test.Counts Results, Build, {
    if (-not $hasValgrind) { return Complete-Part (New-LeftOut 'the counts of instructions (crates/bench): there is no valgrind on PATH') }
    if (-not $isRelease) { return Complete-Part (New-LeftOut 'the counts of instructions (crates/bench): they are of the release build') }
    exec { & $cargo build --package bench --bin bench }
    $report = Join-Path $results 'counts.json'
    Remove-Item $report -ErrorAction Ignore
    & (Join-Path $target debug/bench) counts --report $report
    Complete-Part (Read-JsonCounts $report $LASTEXITCODE)
}

# Synopsis: Pester, each file in a process of its own: a module, a session or a type that a test has left behind is gone with it.
task Test.Pester Results, Build, Identity, OtherAzure, {
    $words = @(Get-PowerShellCommand) + '-NoLogo', '-NoProfile', '-NonInteractive', '-File', (Join-Path $PSScriptRoot 'pester.ps1'), (Join-Path (Get-BuildModule 'Pester') 'Pester.psd1')
    # The large ones first, as far as size tells how long they take; and one more than there are processors, for most of them wait.
    $files = [Collections.Generic.Queue[object]] @(Get-ChildItem (Join-Path $root 'tests/pester') -Filter *.Tests.ps1 | Sort-Object Length -Descending)
    $running = [Collections.Generic.List[object]]::new()
    $counts = while ($files.Count -or $running.Count) {
        while ($files.Count -and $running.Count -le [Environment]::ProcessorCount) {
            $file = $files.Dequeue()
            $log, $report = 'log', 'json' | ForEach-Object { Join-Path $results "$($file.BaseName).$_" }
            Remove-Item $report -ErrorAction Ignore
            $running.Add((Start-Runner $log ($words + $file.FullName, $report) | Add-Member Report $report -PassThru))
        }
        $index = [Threading.Tasks.Task]::WaitAny($running.Process.WaitForExitAsync(), [timespan]::FromMinutes(40))
        if ($index -lt 0) { $running.Process.Kill($true) }
        $first = $running[[Math]::Max($index, 0)]
        $null = $running.Remove($first)
        Read-JsonCounts $first.Report (Wait-Runner $first) $first.Log
    }
    foreach ($program in $IsLinux ? @('gnome-keyring-daemon', 'dbus-run-session') : @()) { if (-not (Get-Command $program -CommandType Application -ErrorAction Ignore)) { $counts += New-LeftOut "a sign-in that the keyring keeps (SignIn.Tests.ps1): $program is not on PATH" } }
    if ($IsLinux -and -not (Get-Command chromium, chromium-browser, google-chrome -CommandType Application -ErrorAction Ignore)) { $counts += New-LeftOut 'a sign-in at a real browser (SignIn.Tests.ps1): neither chromium, chromium-browser nor google-chrome is on PATH' }
    if (-not $hasValgrind) { $counts += New-LeftOut 'the C example (examples/upload.c) under valgrind: there is none on PATH' }
    Complete-Part $counts
}

# Synopsis: nothing that the tests have written holds a token or a secret that they have used; and upload URLs are in records alone.
task Test.Secrets Results, {
    $secrets = @(Get-ChildItem $env:MGUPLOAD_TEST_SECRETS -Filter *.txt -ErrorAction Ignore | Get-Content | Sort-Object -Unique)
    if (-not $secrets) { return Complete-Part (New-LeftOut 'the search for secrets in what the tests have written: none that signs in has run') }
    $records = Join-Path $env:MGUPLOAD_TEST_SECRETS 'records'
    $found = @(Find-Secrets $results $secrets $uploadUrl) + @(if (Test-Path $records) { Find-Secrets $records $secrets })
    foreach ($place in $found) { print Red "a secret stands in $place" }
    Complete-Part (New-Counts ($found ? 0 : 1) $found.Count)
}

# Synopsis: whether the tests notice slips; takes hours, and so is no part of Test. Its last lines are counts of its own.
task Test.Mutants {
    $program, $words = Get-PowerShellCommand
    exec { & $program @words -NoLogo -NoProfile -File (Join-Path $root tools/slips/slips.ps1) }
    Complete-Part (New-Counts 1)
}

# Demo, Docs, Bench

# Synopsis: what is generated from pwsh-module/cmdlets.json, the help pages among it; Build compiles them.
task Docs { exec { & $cargo run --package cmdlet-table } }

task Demo Build, {
    $program, $words = Get-PowerShellCommand
    exec { & $program @words -NoLogo -NoProfile -File (Join-Path $PSScriptRoot 'demo.ps1') $Path }
}

# Everything is measured, whatever became of what was before. A quick look is no picture of anything, and leaves out what is slow.
$parts = $Quick ? '?Bench.Contenders' : ('?Bench.Contenders', '?Bench.Parts', '?Bench.Counts')
task Bench $parts

# Synopsis: the benchmark and the stand-in as fast as they can be.
task Bench.Programs Build, {
    if ($IsWindows) { throw 'the benchmark takes a program''s cost from wait4, which only Unix has' }
    exec { & $cargo build @release --release --package bench --package graph-standin }
}

task Bench.Contenders Bench.Programs, {
    exec { dotnet publish (Join-Path $root crates/bench/empty-module) --configuration Release --output (Join-Path $root out/bench/empty-module) --nologo --verbosity quiet }
    $kind = $Quick ? @('--quick') : @('--picture', (Join-Path $root docs/bench.svg))
    exec { & (Join-Path $target release/bench) run --pwsh @(Get-PowerShellCommand)[-1] @kind }
}

task Bench.Parts { exec { & $cargo bench --package bench --bench parts } }

task Bench.Counts Bench.Programs, {
    if (-not $hasValgrind) { return print Yellow 'left out: counts of instructions, for there is no valgrind on PATH' }
    exec { & (Join-Path $target release/bench) counts }
}
