<#
.SYNOPSIS
    Builds and tests MgUpload. This is the one way in; build.sh finds a PowerShell and comes here.
.DESCRIPTION
    Build    out/MgUpload, ready to be imported, and out/tools
    Test     everything that can be tested on this machine; the last line is the sum
    Demo     uploads a file to a stand-in of Microsoft Graph and compares both sides
    Docs     brings up to date what is generated from pwsh-module/cmdlets.json, help pages among it
    Bench    measures the C example and the module beside other clients; the README of crates/bench says how
    Package    not yet

    The task is named first, or by -Task; behind a first word, -Task says which part of it is meant.

    The steps are in tools/build, in C#: they also have to run where there is no PowerShell.
.PARAMETER Name
    The task.
.PARAMETER Task
    The task, where no first word names one; else what of the benchmark is wanted: All (the same as nothing), Counts
    (instructions in place of seconds; needs valgrind), or Parts (the core's parts, each alone).
.PARAMETER Path
    The file that the demo uploads; it makes one of 256 MiB when none is named.
.PARAMETER Quick
    A small benchmark, which shows that everything works and judges nothing.
.EXAMPLE
    ./build.ps1 -Task Test
.EXAMPLE
    ./build.ps1 bench -Task Counts
#>
#Requires -Version 7.4
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Demo', 'Bench', 'Docs', 'Package')]
    [string] $Name,

    [ValidateSet('Build', 'Test', 'Demo', 'Bench', 'Docs', 'Package', 'All', 'Counts', 'Parts')]
    [string] $Task,

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    [string] $Path,

    [switch] $Quick
)
$ErrorActionPreference = 'Stop'

$tools = [ordered]@{ cargo = 'https://rustup.rs'; dotnet = 'https://dotnet.microsoft.com/download' }
foreach ($tool in $tools.Keys) {
    if (-not (Get-Command $tool -CommandType Application -ErrorAction Ignore)) {
        [Console]::Error.WriteLine("build: $tool is needed and is not on PATH; get it from $($tools[$tool])")
        exit 2
    }
}

# A PowerShell that came as a .NET tool has no program of its own, only pwsh.dll.
$pwsh = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
if (-not (Test-Path $pwsh)) { $pwsh = Join-Path $PSHOME 'pwsh.dll' }

$words = @()
if ($Name) { $words += $Name }
if ($Task) { $words += '-Task', $Task }
$words += '-Configuration', $Configuration, '-PowerShell', $pwsh
if ($Path) { $words += '-Path', $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path) }
if ($Quick) { $words += '-Quick' }
if ($VerbosePreference -ne 'SilentlyContinue') { $words += '-Verbose' }

dotnet run --project (Join-Path $PSScriptRoot 'tools/build') -c Release -- @words
exit $LASTEXITCODE
