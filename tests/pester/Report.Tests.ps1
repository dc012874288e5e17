# What the build says of the tests that were run: none is skipped in silence, and what broke has not passed.

Describe 'The report of the tests' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        $build = Join-Path (Get-RepositoryRoot) 'tools/build'
        . (Join-Path $build 'Counts.ps1')
        $runner, $pester = (Join-Path $build 'pester.ps1'), (Get-Module Pester).Path
        $file, $report = (Join-Path $TestDrive 'Some.Tests.ps1'), (Join-Path $TestDrive 'report.json')
    }

    It 'tells of <what>' -ForEach @(
        @{ what = 'one that ran'; tests = "It 'runs' { 1 | Should -Be 1 }"; sums = 1, 0, 0; names = @() }
        @{ what = 'those that were skipped beside it'; tests = "It 'runs' { 1 | Should -Be 1 }; It 'waits' -Skip { }; It 'cannot' { Set-ItResult -Inconclusive }"; sums = 1, 0, 2; names = 'Some.Tests.ps1: a.waits', 'Some.Tests.ps1: a.cannot' }
        @{ what = 'a file that was skipped whole'; tests = "It 'waits' -Skip { }"; sums = 0, 0, 1; names = @('Some.Tests.ps1: a.waits') }
        @{ what = 'a block that broke'; tests = "throw 'no'"; sums = 0, 1, 0; names = @() }
        @{ what = 'a file without tests'; tests = ''; sums = 0, 1, 0; names = @() }
    ) {
        Remove-Item $report -ErrorAction Ignore
        Set-Content $file "Describe 'a' { $tests }"
        Invoke-PowerShell -NoProfile -NonInteractive -File $runner $pester $file $report | Out-Null
        $report | Should -Exist
        $counts = @(Read-JsonCounts $report 0 'log')
        @($counts.LeftOut).Where({ $_ }) | Should -Be $names
        $counted = @($counts).Where({ $null -ne $_.Passed })
        $counted.Passed, $counted.Failed, $counted.Skipped | Should -Be $sums
    }
}
