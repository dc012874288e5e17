<#
.SYNOPSIS
    Builds and tests MgUpload. This is the one way in; build.sh finds a PowerShell and comes here.
.DESCRIPTION
    Build    out/MgUpload, ready to be imported, and out/tools
    Test     everything that can be tested on this machine; the last line is the sum
    Package  out/package: the module with the libraries of out/native, as a package of the PowerShell Gallery and as a zip
    Library  the native library alone, for CARGO_BUILD_TARGET where that is set; in out/native
    Demo     uploads a file to a stand-in of Microsoft Graph and compares both sides
    Docs     brings up to date what is generated from pwsh-module/cmdlets.json, help pages among it
    Bench    measures the C example and the module beside other clients; the README of crates/bench says how

    The steps are in tools/build/MgUpload.build.ps1.
.PARAMETER Task
    What to do.
.PARAMETER Part
    One part of the task alone, after what it needs: of Test Rustfmt, Clippy, Cargo, Dotnet, Counts, Pester or
    Mutants (slips put into the code, to see whether the tests notice; hours, and only when it is named); of Bench Contenders, Parts (the core's parts, each alone) or Counts (instructions in place of seconds; needs valgrind).
.PARAMETER Path
    The file that the demo uploads; it makes one of 256 MiB when none is named.
.PARAMETER All
    Packs only when the libraries of all systems are in out/native, as for a release.
.PARAMETER Quick
    A small benchmark, which shows that everything works and judges nothing.
.EXAMPLE
    ./build.ps1 -Task Test
.EXAMPLE
    ./build.ps1 -Task Test -Part Pester
#>
#Requires -Version 7.4
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Package', 'Library', 'Demo', 'Docs', 'Bench')]
    [string] $Task = 'Build',

    [ValidateSet('Rustfmt', 'Clippy', 'Cargo', 'Dotnet', 'Counts', 'Pester', 'Mutants', 'Contenders', 'Parts')]
    [string] $Part,

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    [string] $Path,

    [switch] $Quick,

    [switch] $All
)
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'tools/build/Modules.ps1')
. (Join-Path $PSScriptRoot 'tools/build/Counts.ps1')

try {
    if ($Path -and $Task -ne 'Demo') { throw '-Path belongs to the task Demo' }
    if ($Task -eq 'Package' -and $Configuration -ne 'Release') { throw 'only what is built as Release is packed' }
    if ($All -and $Task -ne 'Package') { throw '-All belongs to the task Package' }
    if ($Quick -and ($Task -ne 'Bench' -or $Part)) { throw '-Quick belongs to the whole of the task Bench' }
    $tools = [ordered]@{ cargo = 'https://rustup.rs'; dotnet = 'https://dotnet.microsoft.com/download' }
    foreach ($tool in $tools.Keys) {
        if (-not (Get-Command $tool -CommandType Application -ErrorAction Ignore)) { throw "$tool is needed and is not on PATH; get it from $($tools[$tool])" }
    }
    $invokeBuild = Join-Path (Get-BuildModule 'Invoke-Build') 'Invoke-Build.ps1'
}
catch {
    [Console]::Error.WriteLine("build: $_")
    exit 2
}

$steps = @{
    Task          = $Part ? "$Task.$Part" : $Task
    File          = Join-Path $PSScriptRoot 'tools/build/MgUpload.build.ps1'
    Configuration = $Configuration
    Path          = $Path ? $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Path) : ''
    Quick         = $Quick
    All           = $All
}
# Invoke-Build colours what it says, whoever reads it.
if ([Console]::IsOutputRedirected) { $PSStyle.OutputRendering = 'PlainText' }
& $invokeBuild @steps -Result result -Safe
if ($Task -eq 'Test') { Write-Report $result }
exit ($result.Errors.Count -gt 0 ? 1 : 0)
