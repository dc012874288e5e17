# Runs the test files of the module that no other process of this script has begun, and writes their counts as JSON.
#Requires -Version 7.4
param(
    [Parameter(Mandatory)] [string] $Pester,
    # Where each leaves a note of what it has begun, and its counts.
    [Parameter(Mandatory)] [string] $Begun
)

# $ErrorActionPreference stays as users have it: the tests would see another one.
Import-Module $Pester -ErrorAction Stop

$counts = @{ passed = 0; failed = 0; skipped = 0 }
foreach ($file in Get-ChildItem (Join-Path $PSScriptRoot '../../tests/pester') -Filter *.Tests.ps1) {
    try { [IO.File]::Open((Join-Path $Begun $file.Name), 'CreateNew').Dispose() }
    catch [IO.IOException] { continue }
    $configuration = New-PesterConfiguration
    $configuration.Run.Path = $file.FullName
    $configuration.Run.PassThru = $true
    $configuration.Output.Verbosity = 'Detailed'
    $configuration.Output.CIFormat = 'None'
    $result = Invoke-Pester -Configuration $configuration
    $counts.passed += $result.PassedCount
    # A block or a file that broke has failed, whatever became of its tests.
    $counts.failed += $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
    $counts.skipped += $result.SkippedCount + $result.InconclusiveCount + $result.NotRunCount
}
$counts | ConvertTo-Json | Set-Content (Join-Path $Begun "$PID.json")
