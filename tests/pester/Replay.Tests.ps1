# What the real cmdlets did, done again. A difference is either listed in intended-differences.json, with what happens
# here instead, or it is a fault.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    $listed = (Get-Vector 'intended-differences.json').cases
    $cases = foreach ($kind in 'requests', 'responses') {
        foreach ($case in (Get-Vector "upstream-$kind.json").cases) {
            @{ kind = $kind; id = $case.id; case = $case; listed = $listed | Where-Object { $_.kind -eq $kind -and $_.id -eq $case.id } }
        }
    }
    $notReplayed = @($cases | Where-Object { $_.listed.notReplayed })
    $replayed = @($cases | Where-Object { -not $_.listed.notReplayed })
}

Describe 'Replay of the real cmdlets' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-Module (Join-Path $PSScriptRoot 'Replay.psm1') -DisableNameChecking
        $zone = $env:TZ
        # The record was made there, and times without a zone count as local.
        $env:TZ = 'Europe/Paris'
        [TimeZoneInfo]::ClearCachedData()
        # Windows has no such variable; what depends on the zone is left out where the zone is another one.
        $isThere = [TimeZoneInfo]::Local.GetUtcOffset([datetime] '2026-07-01') -eq [timespan]::FromHours(2) -and [TimeZoneInfo]::Local.GetUtcOffset([datetime] '2026-01-01') -eq [timespan]::FromHours(1)
        Import-BuiltModule
        Start-Standin | Out-Null
    }

    AfterAll {
        Stop-Standin
        $env:TZ = $zone
        [TimeZoneInfo]::ClearCachedData()
    }

    It '<kind>: <id>' -ForEach $replayed {
        if (-not $isThere -and $case.command -match '\[datetime\]::new\([\d,]+\)|::Local\b') { return Set-ItResult -Skipped -Because 'its times are local, and this system is in another zone' }
        $differences = Compare-Facts (Get-RecordedFacts $case) (Invoke-Case $case)
        $expected = $listed ? $listed.here : @{}
        (ConvertTo-Canonical $differences) | Should -Be (ConvertTo-Canonical $expected) -Because ($listed ? $listed.why : 'no difference is listed')
    }

    It 'lists no case that is not there' {
        $known = foreach ($kind in 'requests', 'responses') { (Get-Vector "upstream-$kind.json").cases | ForEach-Object { "$kind/$($_.id)" } }
        foreach ($entry in (Get-Vector 'intended-differences.json').cases) { "$($entry.kind)/$($entry.id)" | Should -BeIn $known }
    }

    It 'keeps to the rules of the protocol' {
        Get-Violations | Should -BeNullOrEmpty
    }
}
