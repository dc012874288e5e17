<#
.SYNOPSIS
    Puts slips of the kind that a person makes into the code, one at a time, and looks which of them the tests notice.
.DESCRIPTION
    tests/slips.json lists them: a place, the text there and what it becomes, and the tests that have to notice. A slip that
    nobody has to notice says why not in `accepted`. The work is done on a copy under target/slips; the work tree stays as it
    is. A text that is no longer there, or that stands there more than once, is a fault of the list and counts as a failure; so
    is a slip that does not compile, and so are tests that fail without any slip. The output of each try is in target/slips/log.
.PARAMETER Filter
    Takes only the slips whose file, description or tests are like this.
.EXAMPLE
    ./tools/slips/slips.ps1 *engine*
#>
#Requires -Version 7.4
[CmdletBinding()]
param([string] $Filter = '*')
$ErrorActionPreference = 'Stop'

. (Join-Path $PSScriptRoot '../build/Tools.ps1')
$root = (Resolve-Path (Join-Path $PSScriptRoot '../..')).Path
. (Join-Path $root tools/build/Modules.ps1)
. (Join-Path $root tools/build/Tools.ps1)
$work = Join-Path $root 'target/slips'
$copy = Join-Path $work 'tree'
$log = Join-Path $work 'log'
$env:CARGO_TARGET_DIR = Join-Path $work 'target'

$compileLimit = [timespan] '00:30:00'

# What is the same keeps its time: nothing is compiled for it.
function Copy-Tree {
    $known = [System.Collections.Generic.HashSet[string]]::new()
    foreach ($name in git -C $root ls-files --cached --others --exclude-standard) {
        $from, $to = (Join-Path $root $name), (Join-Path $copy $name)
        if (-not (Test-Path -LiteralPath $from -PathType Leaf)) { continue }
        $null = $known.Add((Get-Item -LiteralPath $from -Force).FullName.Replace($root, $copy))
        if ((Test-Path -LiteralPath $to) -and (Get-FileHash -LiteralPath $from).Hash -eq (Get-FileHash -LiteralPath $to).Hash) { continue }
        $null = New-Item -ItemType Directory -Force (Split-Path $to)
        Copy-Item -LiteralPath $from $to
        (Get-Item -LiteralPath $to -Force).LastWriteTimeUtc = [datetime]::UtcNow
    }
    Get-ChildItem $copy -Recurse -File -Force |
        Where-Object { -not $known.Contains($_.FullName) -and $_.FullName.Substring($copy.Length) -notmatch '[\\/](out|bin|obj|target)[\\/]' } |
        Remove-Item -Force
}

# `tests` is a suite and what is wanted of it. What has to succeed, and what has to fail.
function Get-TestCommands([string] $Tests) {
    $suite, $wanted = $Tests -split ' '
    $cargo = @($IsWindows ? 'cargo' : @('bash', 'tools/cargo.sh')) + 'test'
    $pwsh = @(Get-PowerShellCommand)
    switch ($suite) {
        'pester' {
            $files = ($wanted | ForEach-Object { "'tests/pester/$_.Tests.ps1'" }) -join ','
            @{
                # The tests of sign-in want their server, which is a task of the build but none of build.ps1's.
                compile = $pwsh + '-NoProfile', '-Command', ". tools/build/Modules.ps1; & `"`$(Get-BuildModule Invoke-Build)/Invoke-Build.ps1`" Build, Identity tools/build/MgUpload.build.ps1 -Configuration Debug"
                run     = $pwsh + '-NoProfile', '-Command', ". tools/build/Modules.ps1; Import-Module `"`$(Get-BuildModule Pester)/Pester.psd1`"; exit (Invoke-Pester $files -PassThru).FailedCount"
            }
        }
        'dotnet' {
            $project, $class = $wanted
            @{
                compile = 'dotnet', 'build', "tests/dotnet/$project", '--nologo', '-v', 'quiet'
                run     = @('dotnet', 'test', "tests/dotnet/$project", '--no-build', '--nologo') + ($class ? @('--filter', $class) : @())
            }
        }
        default {
            $target = @{
                lib  = '-p', 'mg-upload', '--lib'
                hash = '-p', 'quick-xor-hash', '--lib'
                core = '-p', 'mg-upload', '--test', 'core'
                abi  = '-p', 'mg-upload-ffi', '--lib', '--tests'
            }[$suite]
            if (-not $target) { throw "'$suite' is no suite of tests" }
            @{
                compile = $cargo + $target + '--no-run'
                run     = $cargo + $target + '--' + $wanted
            }
        }
    }
}

# How a program ended: its exit code, or null when it had to be ended.
function Invoke-Words([string[]] $Words, [timespan] $Limit, [string] $LogFile) {
    $start = [System.Diagnostics.ProcessStartInfo]::new($Words[0], [string[]] $Words[1..($Words.Length - 1)])
    $start.WorkingDirectory = $copy
    $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $output, $errors = $process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync()
    try {
        $code = $process.WaitForExit($Limit) ? $process.ExitCode : $null
    }
    finally {
        if (-not $process.HasExited) { $process.Kill($true) }
        Add-Content -LiteralPath $LogFile "> $Words", $errors.GetAwaiter().GetResult(), $output.GetAwaiter().GetResult()
        $process.Dispose()
    }
    $code
}

# How tests ended, and what they took without being compiled.
function Test-Tests([string] $Tests, [timespan] $Limit, [string] $LogFile) {
    Set-Content -LiteralPath $LogFile $Tests
    $commands = Get-TestCommands $Tests
    if ((Invoke-Words $commands.compile $compileLimit $LogFile) -ne 0) { return @{ outcome = 'does not compile' } }
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $code = Invoke-Words $commands.run $Limit $LogFile
    @{ outcome = $code -eq 0 ? 'passed' : 'failed'; time = $watch.Elapsed }
}

function Test-Slip([object] $Slip, [string] $LogFile) {
    $file = Join-Path $copy $Slip.file
    $text = (Test-Path -LiteralPath $file) ? [System.IO.File]::ReadAllText($file) : ''
    $places = $text.Split([string] $Slip.from).Length - 1
    if ($places -ne 1) { return "stale: its text stands there $places times" }
    [System.IO.File]::WriteAllText($file, $text.Replace([string] $Slip.from, [string] $Slip.to))
    try {
        switch ((Test-Tests $Slip.tests $limits[$Slip.tests] $LogFile).outcome) {
            'passed' { 'NOT NOTICED' }
            'failed' { 'noticed' }
            default { $_ }
        }
    }
    finally {
        [System.IO.File]::WriteAllText($file, $text)
    }
}

$null = New-Item -ItemType Directory -Force $copy, $log
Get-ChildItem $log | Remove-Item
Copy-Tree
$slips = @(Get-Content -Raw (Join-Path $root 'tests/slips.json') | ConvertFrom-Json |
        Where-Object { $_.file -like $Filter -or $_.what -like $Filter -or $_.tests -like $Filter } | Sort-Object tests -Stable)

# Tests that fail anyway would notice everything. A slip may make a loop without end, which is noticed too: by the time that
# the tests take without it.
$limits = @{}
foreach ($tests in $slips.tests | Select-Object -Unique) {
    $without = Test-Tests $tests $compileLimit (Join-Path $log "without-$($tests -replace '\W+', '-').log")
    if ($without.outcome -eq 'passed') { $limits[$tests] = [timespan]::FromSeconds(60) + 3 * $without.time } else { Write-Host "without a slip: $($without.outcome)  $tests" }
}

$passed = 0
foreach ($slip in $slips) {
    $number = [Array]::IndexOf($slips, $slip) + 1
    $outcome = -not $limits[$slip.tests] ? 'not tried' : (Test-Slip $slip (Join-Path $log "$number.log"))
    $passed += $outcome -eq 'noticed' -or ($outcome -eq 'NOT NOTICED' -and $slip.accepted)
    Write-Host ('{0,3} {1,-16} {2}: {3}{4}' -f $number, $outcome, $slip.file, $slip.what, ($slip.accepted ? " (accepted: $($slip.accepted))" : ''))
}
"$passed passed, $($slips.Count - $passed) failed, 0 skipped"
exit [int] ($passed -lt $slips.Count)
