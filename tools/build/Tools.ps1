# What several steps of the build do.

# Sets environment variables, or removes those without a value; what they were before.
function Set-Environment([hashtable] $Values) {
    $before = @{}
    foreach ($name in $Values.Keys) {
        $before[$name] = [Environment]::GetEnvironmentVariable($name)
        Set-Item "Env:$name" $Values[$name]
    }
    $before
}

# The words that start another PowerShell of the kind that runs this. One that came as a .NET tool has no program, only pwsh.dll.
function Get-PowerShellCommand {
    $program = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
    (Test-Path $program) ? $program : @('dotnet', (Join-Path $PSHOME 'pwsh.dll'))
}

# The table of systems that the module is made for.
function Get-Systems { (Import-PowerShellDataFile (Join-Path $PSScriptRoot 'Systems.psd1')).Systems | ForEach-Object { [pscustomobject] $_ } }

# The row of the system that cargo builds for: the one that CARGO_BUILD_TARGET names, else cargo's own.
function Get-System {
    $triple = $env:CARGO_BUILD_TARGET ? $env:CARGO_BUILD_TARGET : ((rustc -vV) -match '^host: ' -replace '^host: ')
    $found = @(Get-Systems).Where({ $triple -in $_.Targets })
    if (-not $found) { throw "cargo builds for $triple, which is none of the targets in tools/build/Systems.psd1" }
    $found[0]
}

# What cargo is told for a release build: no path of this machine gets into what is shipped.
function Get-ReleaseFlags([string] $Root) {
    $homeOfCargo = $env:CARGO_HOME ? $env:CARGO_HOME : (Join-Path $HOME '.cargo')
    $maps = foreach ($pair in ($Root, '/mgupload'), ($homeOfCargo, '/cargo')) { "--remap-path-prefix=$($pair[0])=$($pair[1])" }
    # A literal string of TOML: paths of Windows have backslashes.
    '--config', "target.'cfg(all())'.rustflags=[$(($maps | ForEach-Object { "'$_'" }) -join ',')]"
}

# Copies a file that has changed; whether it did. The new one takes the old one's place whole: a process that has the old
# one mapped keeps it. Windows replaces no library that is loaded, but renames one.
function Update-File([string] $From, [string] $To) {
    if ((Test-Path $To) -and (Get-FileHash $From).Hash -eq (Get-FileHash $To).Hash) { return $false }
    $null = New-Item -ItemType Directory -Force (Split-Path $To)
    $fresh = "$To.$PID"
    Copy-Item $From $fresh
    (Get-Item $fresh).LastWriteTimeUtc = [datetime]::UtcNow
    try { [IO.File]::Move($fresh, $To, $true) }
    catch [IO.IOException], [UnauthorizedAccessException] {
        $replaced = New-Item -ItemType Directory -Force (Join-Path $PSScriptRoot '../../out/replaced')
        Get-ChildItem $replaced | Remove-Item -ErrorAction Ignore # as far as nobody has it loaded any more
        [IO.File]::Move($To, (Join-Path $replaced ([guid]::NewGuid())))
        [IO.File]::Move($fresh, $To)
    }
    $true
}

# Whether a folder was made from just these files as they are now, by the list of them that Set-Stamp keeps beside it.
function Test-Stamp([string] $Folder, [IO.FileInfo[]] $From) {
    (Test-Path $Folder) -and (Test-Path "$Folder.from") -and (Get-Content -Raw "$Folder.from") -ceq (Get-Stamp $From)
}

function Set-Stamp([string] $Folder, [IO.FileInfo[]] $From) { Get-Stamp $From | Set-Content -NoNewline "$Folder.from" }

function Get-Stamp([IO.FileInfo[]] $From) { ($From | ForEach-Object { "$($_.FullName) $($_.LastWriteTimeUtc.Ticks)" }) -join "`n" }

# Starts a program whose output goes to a log; what it writes to stderr stays visible.
function Start-Runner([string] $Log, [string[]] $Command) {
    $start = [Diagnostics.ProcessStartInfo]::new($Command[0], [string[]] ($Command | Select-Object -Skip 1))
    $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $file = [IO.File]::Create($Log)
    [pscustomobject] @{ Process = $process; Log = $Log; File = $file; Copying = $process.StandardOutput.BaseStream.CopyToAsync($file) }
}

# The status that it ends with. No runner may hang for longer than CI waits.
function Wait-Runner($Runner) {
    $ended = $Runner.Process.WaitForExit([timespan]::FromMinutes(40))
    if (-not $ended) { $Runner.Process.Kill($true) }
    $Runner.Copying.Wait()
    $Runner.File.Dispose()
    $ended ? $Runner.Process.ExitCode : -1
}
