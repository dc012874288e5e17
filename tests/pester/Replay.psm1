# Runs a recorded case against the stand-in and writes down what happened, in the form of the record.

Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking

$canned = '{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession","expirationDateTime":"2030-01-02T03:04:05.678Z","nextExpectedRanges":["0-"],"uploadUrl":"https://up.example.com/s/1"}'

# Headers that every request of ours has; what is beyond them came from the case.
$ownHeaders = 'host', 'user-agent', 'authorization', 'content-type', 'content-length', 'client-request-id', 'accept', 'accept-encoding', 'return-client-request-id', 'transfer-encoding'

function Set-Answers($Case) {
    foreach ($first in @($Case.firstAnswers | Where-Object { $_ })) {
        Add-Fault @{} ($first.drop ? @{ reset = 'before' } : @{ answer = $first })
    }
    $answer = $Case.answer ? $Case.answer : @{ status = 201; headers = @{ 'Content-Type' = 'application/json' }; body = $canned }
    Add-Fault @{ times = 0 } @{ answer = $answer }
}

# The first part of an error's id; what stands behind the comma is the class and differs by design.
function Get-ErrorFacts([System.Management.Automation.ErrorRecord] $Record, [bool] $Terminating) {
    $id = $Record.FullyQualifiedErrorId -split ',' | Where-Object { $_ -notlike 'Microsoft.Graph.*' -and $_ -notlike 'New-Mg*' } | Select-Object -First 1
    # What the system says of a broken connection is another text on each.
    @{ terminating = $Terminating; id = $id; message = $Record.Exception.Message -replace '127\.0\.0\.1:\d+', 'HOST' -replace '(?<=brought no answer after \d+ attempts?): .*', '.' }
}

# A value as the record writes it: only types that are not plain are named.
function ConvertTo-Recorded($Value) {
    if ($null -eq $Value) { return $null }
    if ($Value -is [datetime]) { return @{ '#type' = 'System.DateTime'; kind = "$($Value.Kind)"; value = $Value.ToString('yyyy-MM-ddTHH:mm:ss.fffffff') + $(if ($Value.Kind -eq 'Utc') { 'Z' }) } }
    if ($Value -is [single]) { return @{ '#type' = 'System.Single'; value = $Value.ToString([cultureinfo]::InvariantCulture) } }
    if ($Value -is [array]) { return @{ '#type' = $Value.GetType().FullName; items = @(foreach ($item in $Value) { ConvertTo-Recorded $item }) } }
    if ($Value -is [System.Collections.Generic.Dictionary[string, object]]) {
        $members = @{ '#type' = 'System.Collections.Generic.Dictionary`2[[System.String],[System.Object]]' }
        foreach ($key in $Value.Keys) { $members[$key] = ConvertTo-Recorded $Value[$key] }
        return $members
    }
    if ($Value.GetType().FullName -like 'Microsoft.Graph.*') {
        $members = @{ '#type' = $Value.GetType().FullName }
        foreach ($property in $Value.PSObject.Properties) { $members[$property.Name] = ConvertTo-Recorded $property.Value }
        return $members
    }
    $Value
}

function Invoke-Case($Case) {
    Reset-Standin
    Set-Answers $Case
    Connect-Standin
    $facts = @{ requests = @(); output = @(); errors = @() }
    $command = $Case.command -replace 'Disconnect-MgGraph', 'Disconnect-MgUpload'
    try {
        $all = @(& ([scriptblock]::Create($command)) 2>&1 4>$null 5>$null)
        $facts.errors = @($all | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object { Get-ErrorFacts $_ $false })
        $facts.objects = @($all | Where-Object { $_ -isnot [System.Management.Automation.ErrorRecord] })
        $facts.output = @($facts.objects | ForEach-Object { ConvertTo-Recorded $_ })
    }
    catch {
        $facts.errors = @(Get-ErrorFacts $_ $true)
    }
    $facts.requests = @(Get-Requests | ForEach-Object {
            $extra = @($_.headers | Where-Object { $_[0] -notin $ownHeaders } | ForEach-Object { "$($_[0].ToLowerInvariant()): $($_[1])" } | Sort-Object)
            @{ method = $_.method; path = $_.target; body = $_.body ? (ConvertFrom-JsonText $_.body) : $null; headers = $extra }
        })
    $facts
}

# The record in the same form, less what the real cmdlets' own plumbing adds.
function Get-RecordedFacts($Case) {
    $plumbing = 'SdkVersion', 'Retry-Attempt'
    @{
        requests = @($Case.requests | Where-Object { $_ } | ForEach-Object {
                if ($_ -is [System.Collections.IDictionary]) {
                    # NaN is no JSON: a body with it cannot be compared, and is not.
                    $body = try { ConvertFrom-JsonText $_.body } catch { $_.body }
                    $extra = @($_.extraHeaders | Where-Object { $_ -and $_[0] -notin $plumbing } | ForEach-Object { "$($_[0].ToLowerInvariant()): $($_[1])" } | Sort-Object)
                    @{ method = $_.method; path = $_.path; body = $body; headers = $extra }
                }
                else { @{ method = $_[0]; path = $_[1] } }
            })
        output   = @($Case.output | Where-Object { $null -ne $_ } | ForEach-Object { $_ -is [string] ? $_ : $_.value })
        errors   = @($Case.errors | Where-Object { $_ } | ForEach-Object {
                $id = $_.fullyQualifiedErrorId -split ',' | Where-Object { $_ -notlike 'Microsoft.Graph.*' -and $_ -notlike 'New-Mg*' } | Select-Object -First 1
                @{ terminating = $_.terminating; id = $id; message = $_.message }
            })
    }
}

# The facets in which two sets of facts differ, with ours.
function Compare-Facts($Recorded, $Actual) {
    $differences = [ordered]@{}
    $sent = $Actual.requests
    if (@($Recorded.requests).Count -and -not $Recorded.requests[0].ContainsKey('body')) {
        $sent = @($sent | ForEach-Object { @{ method = $_.method; path = $_.path } })
    }
    $output = @($Actual.output)
    if ($Recorded.output -contains 'session' -or ($output.Count -and $Recorded.output.Count -eq 0)) {
        $output = @($output | ForEach-Object { $_ -is [System.Collections.IDictionary] -and $_.UploadUrl -eq 'https://up.example.com/s/1' ? 'session' : $_ })
    }
    if ((ConvertTo-Canonical $Recorded.requests) -ne (ConvertTo-Canonical $sent)) { $differences.requests = $sent }
    if ((ConvertTo-Canonical $Recorded.output) -ne (ConvertTo-Canonical $output)) { $differences.output = $output }
    if ((ConvertTo-Canonical $Recorded.errors) -ne (ConvertTo-Canonical $Actual.errors)) { $differences.errors = @($Actual.errors) }
    $differences
}

Export-ModuleMember -Function *
