# Runs the module's tests and writes their counts as JSON.
#Requires -Version 7.4
param([Parameter(Mandatory)] [string] $Report)

# $ErrorActionPreference stays as users have it: the tests would see another one.
Import-Module (& (Join-Path $PSScriptRoot 'get-pester.ps1')) -ErrorAction Stop

$configuration = New-PesterConfiguration
$configuration.Run.Path = Join-Path $PSScriptRoot '../../tests/pester'
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.CIFormat = 'None'
$result = Invoke-Pester -Configuration $configuration

@{
    passed  = $result.PassedCount
    # A block or a file that broke has failed, whatever became of its tests.
    failed  = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
    skipped = $result.SkippedCount + $result.InconclusiveCount + $result.NotRunCount
} | ConvertTo-Json | Set-Content $Report
