# All 40 New-Mg*UploadSession cmdlets: what goes over the wire, for every parameter set.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    $cases = (Get-Vector 'requests-by-set.json').cases
    $cmdlets = (Get-Vector 'new-cmdlets.json').cmdlets | ForEach-Object { @{ name = $_.name; expected = $_ } }
}

Describe 'The family' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        Connect-Standin
        $shared = (Get-Vector 'new-cmdlets.json').shared
    }

    AfterAll { Stop-Standin }

    It '<cmdlet> sends what it should: <set>' -ForEach $cases {
        Invoke-Control '/requests' 'Delete' | Out-Null
        Add-Fault @{} @{ answer = @{ status = 201; headers = @{ 'Content-Type' = 'application/json' }; body = '{"uploadUrl":"https://up.example.com/s/1"}' } }
        $session = & ([scriptblock]::Create($command))
        $session.UploadUrl | Should -Be 'https://up.example.com/s/1'
        $requests = @(Get-Requests)
        $requests.Count | Should -Be 1
        "$($requests[0].method) $($requests[0].target)" | Should -Be "POST $path"
        ConvertTo-Canonical (ConvertFrom-JsonText $requests[0].body) | Should -Be (ConvertTo-Canonical $body)
    }

    It '<name> binds as the real one' -ForEach $cmdlets {
        $command = Get-Command $name
        $command.DefaultParameterSet | Should -Be $expected.default
        $command.OutputType.Name | Should -Be $expected.output
        $command.HelpUri | Should -Be $expected.helpUri
        $ours = @((Get-Vector 'intended-differences.json').parameters.Keys)
        $common = $ours + [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        foreach ($set in $expected.sets.Keys) {
            $actual = ($command.ParameterSets | Where-Object Name -EQ $set).Parameters | Where-Object Name -NotIn $common
            ($actual.Name | Sort-Object) -join ' ' | Should -Be (($expected.sets[$set] | Sort-Object) -join ' ')
            foreach ($parameter in $actual) {
                $facts = $expected.own[$parameter.Name] ?? $shared[$expected.version][$parameter.Name]
                $parameter.ParameterType.ToString() | Should -Be $facts.type
                $parameter.IsMandatory | Should -Be $facts.mandatory
                $parameter.ValueFromPipeline | Should -Be ([bool] $facts.pipeline)
                $parameter.ValueFromPipelineByPropertyName | Should -BeFalse
                $parameter.Position | Should -Be ([int]::MinValue)
                $parameter.Aliases -join ' ' | Should -Be ($facts.aliases -join ' ')
                [bool] ($command.Parameters[$parameter.Name].Attributes | Where-Object { $_ -is [Parameter] -and $_.DontShow }) | Should -Be ([bool] $facts.hidden)
            }
        }
    }
}
