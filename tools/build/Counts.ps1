# What the runners of tests have counted: read from their own reports, and summed up.

# INVARIANT: a runner that ended badly without a failed test, or that ran nothing at all, has not passed.
function New-Counts([int] $Passed, [int] $Failed, [int] $Skipped, [int] $Status, [string] $Log) {
    if ($Failed -eq 0 -and ($Status -ne 0 -or $Passed + $Skipped -eq 0)) { $Failed = 1 }
    [pscustomobject] @{ Passed = $Passed; Failed = $Failed; Skipped = $Skipped; Log = $Log }
}

# What this machine cannot test, and why.
function New-LeftOut([string] $What) { [pscustomobject] @{ LeftOut = $What } }

# Of cargo's output: one line a program.
function Read-CargoCounts([string] $Log, [int] $Status) {
    $passed = $failed = $skipped = 0
    foreach ($line in Select-String '^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored' $Log) {
        $numbers = $line.Matches[0].Groups
        $passed += [int] $numbers[1].Value
        $failed += [int] $numbers[2].Value
        $skipped += [int] $numbers[3].Value
    }
    New-Counts $passed $failed $skipped $Status $Log
}

# Of a .trx. Skipped tests are those that were found and not executed; the counter for them is not filled in.
function Read-TrxCounts([string] $Report, [int] $Status, [string] $Log) {
    if (-not (Test-Path $Report)) { return New-Counts -Status $Status -Log $Log }
    $counters = ([xml] (Get-Content -Raw $Report)).TestRun.ResultSummary.Counters
    $executed = [int] $counters.executed
    New-Counts $counters.passed ($executed - $counters.passed) ($counters.total - $executed) $Status $Log
}

# Of a report in JSON: Pester's (pester.ps1), or that of the counts of instructions (crates/bench).
function Read-JsonCounts([string] $Report, [int] $Status, [string] $Log) {
    if (-not (Test-Path $Report)) { return New-Counts -Status $Status -Log $Log }
    $counts = Get-Content -Raw $Report | ConvertFrom-Json
    foreach ($what in $counts.leftOut) { New-LeftOut $what }
    $ran = $counts.passed + $counts.failed + $counts.skipped
    if ($ran -or -not $counts.leftOut) { New-Counts $counts.passed $counts.failed $counts.skipped $Status $Log }
}

# Keeps what a part of the tests has counted for the report, and shows what one wants to read of a runner that failed.
function Complete-Part([object[]] $Counts) {
    $Task.Data = $Counts
    $failed = $Counts.Where({ $_.Failed })
    foreach ($log in ($isVerbose ? $Counts : $failed).Log) { if ($log) { Get-Content $log } }
    if ($failed) { throw "$(($failed | Measure-Object Failed -Sum).Sum) failed" }
}

# The table of the task Test, what was left out, and the sum as the last line. What broke before it could count, such as
# the build, has one failure.
function Write-Report($Result) {
    $rows = @(
        foreach ($task in $Result.Tasks) {
            $counted = @($task.Data).Where({ $null -ne $_.Passed })
            if (-not $counted -and $task -in $Result.Errors.Task) { $counted = New-Counts -Status 1 }
            if ($counted) { New-Row ($task.Name -replace '^Test\.') $task.Elapsed $counted }
        }
        $Result.Errors.Where({ -not $_.Task }) | ForEach-Object { New-Row 'build.ps1' ([timespan]::Zero) (New-Counts -Status 1) }
    )
    ''
    Format-Row '' 'passed' 'failed' 'skipped' 'seconds'
    foreach ($row in $rows) { Format-Row $row.Name $row.Passed $row.Failed $row.Skipped $row.Took.TotalSeconds.ToString('F1', [cultureinfo]::InvariantCulture) }

    $leftOut = @($Result.Tasks.Data.LeftOut).Where({ $_ })
    if ($Result.All['Build'].Error) { $leftOut += 'all tests of the module: the build failed' }
    if ($leftOut) { '', 'left out:' }
    foreach ($what in $leftOut) { "- $what" }
    ''
    '{0} passed, {1} failed, {2} skipped' -f @(foreach ($count in 'Passed', 'Failed', 'Skipped') { [int] ($rows | Measure-Object $count -Sum).Sum })
}

function New-Row([string] $Name, [timespan] $Took, [object[]] $Counts) {
    $row = [pscustomobject] @{ Name = $Name; Took = $Took }
    foreach ($count in 'Passed', 'Failed', 'Skipped') { $row | Add-Member $count ($Counts | Measure-Object $count -Sum).Sum }
    $row
}

function Format-Row { '{0,-12} {1,7} {2,7} {3,7} {4,8}' -f $args }
