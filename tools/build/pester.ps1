# Runs one test file of the module, and writes its counts as JSON.
#Requires -Version 7.4
param(
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory)] [string] $File,
    [Parameter(Mandatory)] [string] $Report
)

# $ErrorActionPreference stays as users have it: the tests would see another one.
Import-Module $Pester -ErrorAction Stop

$configuration = New-PesterConfiguration
$configuration.Run.Path = $File
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.CIFormat = 'None'
$result = Invoke-Pester -Configuration $configuration
@{
    passed = $result.PassedCount
    # A block or a file that broke has failed, whatever became of its tests.
    failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
    skipped = $result.SkippedCount + $result.InconclusiveCount + $result.NotRunCount
    leftOut = @($result.Skipped + $result.Inconclusive + $result.NotRun | ForEach-Object { "$(Split-Path -Leaf $File): $($_.ExpandedPath)" })
} | ConvertTo-Json | Set-Content $Report
