# What all test files share: the module as it was built, and the stand-in as a child process.

$root = (Resolve-Path (Join-Path $PSScriptRoot '../..')).Path
$script:standin = $null

# What the tests leave open must not show among the user's own uploads, nor an environment of theirs among his.
$env:MGUPLOAD_STATE = Join-Path ([System.IO.Path]::GetTempPath()) "mgupload-state-$PID"
$env:MGUPLOAD_SETTINGS = Join-Path ([System.IO.Path]::GetTempPath()) "mgupload-settings-$PID"

# As if nothing had ever been uploaded here.
function Reset-State { if (Test-Path -LiteralPath $env:MGUPLOAD_STATE) { Remove-Item -LiteralPath $env:MGUPLOAD_STATE -Recurse -Force } }

# The module under test is the built one, never the sources.
function Import-BuiltModule {
    $manifest = if ($env:MGUPLOAD_MODULE) { $env:MGUPLOAD_MODULE } else { Join-Path $root 'out/MgUpload/MgUpload.psd1' }
    Import-Module $manifest -Global -ErrorAction Stop
}

# The words that start another PowerShell of the kind that runs this. Where it came as a .NET tool, its process is dotnet.
function Get-PowerShellCommand {
    $program = Get-Item (Join-Path $PSHOME 'pwsh'), (Join-Path $PSHOME 'pwsh.exe') -ErrorAction Ignore | Select-Object -First 1
    if ($program) { $program.FullName } else { 'dotnet', (Join-Path $PSHOME 'pwsh.dll') }
}

function Invoke-PowerShell {
    $program, $words = Get-PowerShellCommand
    $words = @($words | Where-Object { $_ }) + $args
    & $program @words
}

function Get-RepositoryRoot { $root }

function Get-Vector([string] $Name) {
    Get-Content -Raw (Join-Path $root "tests/vectors/$Name") | ConvertFrom-Json -AsHashtable -DateKind String
}

# Starts the stand-in; it ends when its standard input closes, so also when this process dies.
function Start-Standin {
    $program = if ($env:MGUPLOAD_STANDIN) { $env:MGUPLOAD_STANDIN } else { Join-Path $root 'out/tools/graph-standin' }
    $start = [System.Diagnostics.ProcessStartInfo]::new($program)
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $script:standin = $process.StandardOutput.ReadLine() | ConvertFrom-Json -AsHashtable
    $script:standin.process = $process
    $script:standin
}

function Stop-Standin {
    if ($script:standin) {
        $script:standin.process.StandardInput.Close()
        if (-not $script:standin.process.WaitForExit(5000)) { $script:standin.process.Kill() }
        $script:standin = $null
        if ($env:MGUPLOAD_TEST_SECRETS -and (Test-Path -LiteralPath $env:MGUPLOAD_STATE)) {
            Copy-Item -LiteralPath $env:MGUPLOAD_STATE (New-Item -ItemType Directory -Force "$env:MGUPLOAD_TEST_SECRETS/records/$PID-$(New-Guid)") -Recurse
        }
        Reset-State
        if (Test-Path -LiteralPath $env:MGUPLOAD_SETTINGS) { Remove-Item -LiteralPath $env:MGUPLOAD_SETTINGS -Recurse }
    }
}

# What must stand in nothing that the tests write: the task Test.Secrets looks for it.
function Add-Secrets([string[]] $Secrets) {
    if ($env:MGUPLOAD_TEST_SECRETS) {
        $null = New-Item -ItemType Directory -Force $env:MGUPLOAD_TEST_SECRETS
        # Short ones stand everywhere.
        $Secrets | Where-Object Length -GT 7 | Add-Content "$env:MGUPLOAD_TEST_SECRETS/$PID.txt"
    }
}

function Connect-Standin([string] $Token = 'token') {
    Connect-MgUpload -AccessToken (ConvertTo-SecureString $Token -AsPlainText -Force) -GraphEndpoint $script:standin.graph
}

function Invoke-Control([string] $Path, [string] $Method = 'Get', $Body) {
    $arguments = @{ Uri = $script:standin.control + $Path; Method = $Method; NoProxy = $true }
    if ($null -ne $Body) { $arguments.Body = ConvertTo-Json $Body -Depth 20; $arguments.ContentType = 'application/json' }
    Invoke-RestMethod @arguments
}

function Reset-Standin { Invoke-Control '/reset' 'Post' @{} | Out-Null }

# One rule a call; the answer is scripted, the request is recorded all the same.
function Add-Fault($On, $Do) { Invoke-Control '/faults' 'Post' @(, @{ on = $On; do = $Do }) | Out-Null }

function Get-Requests([string] $Listener) {
    @(Invoke-Control '/requests') | ForEach-Object { $_ } | Where-Object { -not $Listener -or $_.listener -eq $Listener }
}

# What has arrived.
function Get-Stored { @(Invoke-Control '/files') | ForEach-Object { $_ } }

# A folder's files as what has to arrive at that place of a drive, and what has arrived: each once, and byte by byte.
function Get-ToArrive([string] $Root, [string] $At) {
    Get-ChildItem $Root -Recurse -File | ForEach-Object { "$At/$([IO.Path]::GetRelativePath($Root, $_.FullName).Replace('\', '/').Normalize()) $((Get-FileHash -LiteralPath $_.FullName).Hash.ToLower())" } | Sort-Object -CaseSensitive
}

function Get-Arrived { Get-Stored | ForEach-Object { "$($_.path) $($_.sha256)" } | Sort-Object -CaseSensitive }

# A stand-in as new, whose folders have to be made, and nothing on record here.
function Reset-Tree {
    Reset-Standin
    Reset-State
    Invoke-Control '/config' 'Post' @{ drive = @{ implicitFolders = $false } } | Out-Null
    Connect-Standin
}

function Get-Posts { @(Get-Requests 'graph' | Where-Object method -EQ 'POST') }

# Waits for a number of the stand-in's ("requests" or "files").
function Wait-Count([string] $Name, [int] $Least, [int] $Seconds = 60) {
    $deadline = [DateTime]::UtcNow.AddSeconds($Seconds)
    while ((Invoke-Control '/counts').$Name -lt $Least) {
        if ([DateTime]::UtcNow -gt $deadline) { throw "there are fewer than $Least $Name after $Seconds s" }
        [System.Threading.Thread]::Sleep(10)
    }
}

# A PowerShell of its own with the module and a connection to the stand-in, which may be killed.
function Start-Shell([string] $Script) {
    $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
    $begin = "`$ProgressPreference = 'SilentlyContinue'; Import-Module '$manifest'; Connect-MgUpload (ConvertTo-SecureString token -AsPlainText -Force) -GraphEndpoint '$($script:standin.graph)'; "
    $program, $words = Get-PowerShellCommand
    $start = [System.Diagnostics.ProcessStartInfo]::new($program)
    foreach ($word in @($words | Where-Object { $_ }) + '-NoProfile', '-NonInteractive', '-Command', ($begin + $Script)) { $start.ArgumentList.Add($word) }
    $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    [System.Diagnostics.Process]::Start($start)
}

# What such a PowerShell has written, once it has ended; what it has written as errors fails.
function Receive-Shell($Process) {
    $wrong = $Process.StandardError.ReadToEndAsync()
    $said = $Process.StandardOutput.ReadToEnd()
    $Process.WaitForExit()
    if ($wrong.Result) { throw $wrong.Result }
    $said.Trim()
}

function Get-Violations { @(Invoke-Control '/violations') | ForEach-Object { $_ } }

# Random bytes, so that a range in the wrong place shows in the hash.
function New-TestFile([string] $Path, [long] $Length) {
    $random = [System.Random]::new(7)
    $bytes = [byte[]]::new($Length)
    $random.NextBytes($bytes)
    [System.IO.File]::WriteAllBytes($Path, $bytes)
    Get-Item -LiteralPath $Path
}

# JSON as one canonical text, so that two texts with the same values are equal; order of keys is no value.
function ConvertTo-Canonical($Value) {
    if ($null -eq $Value) { return 'null' }
    if ($Value -is [System.Collections.IDictionary]) {
        $members = foreach ($key in @($Value.Keys) | Sort-Object -CaseSensitive) { (ConvertTo-Json ([string] $key) -Compress) + ':' + (ConvertTo-Canonical $Value[$key]) }
        return '{' + ($members -join ',') + '}'
    }
    if ($Value -is [System.Collections.IEnumerable] -and $Value -isnot [string]) {
        return '[' + (@(foreach ($item in $Value) { ConvertTo-Canonical $item }) -join ',') + ']'
    }
    ConvertTo-Json $Value -Compress
}

function ConvertFrom-JsonText([string] $Text) { $Text | ConvertFrom-Json -AsHashtable -DateKind String -NoEnumerate }

Export-ModuleMember -Function *
