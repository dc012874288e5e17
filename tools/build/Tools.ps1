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

# The system's name in the folder runtimes, as the module's loader spells it.
function Get-Rid {
    $system = $IsWindows ? 'win' : $IsMacOS ? 'osx' : [Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier -match 'musl' ? 'linux-musl' : 'linux'
    "$system-$([Runtime.InteropServices.RuntimeInformation]::OSArchitecture)".ToLowerInvariant()
}

# Copies a file that has changed; whether it did. The new one takes the old one's place whole: a process that has the old
# one mapped keeps it.
function Update-File([string] $From, [string] $To) {
    if ((Test-Path $To) -and (Get-FileHash $From).Hash -eq (Get-FileHash $To).Hash) { return $false }
    $null = New-Item -ItemType Directory -Force (Split-Path $To)
    $fresh = "$To.$PID"
    Copy-Item $From $fresh
    (Get-Item $fresh).LastWriteTimeUtc = [datetime]::UtcNow
    [IO.File]::Move($fresh, $To, $true)
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
