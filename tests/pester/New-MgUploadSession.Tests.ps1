# What every New-Mg*UploadSession cmdlet does beyond what the replay shows: the table in about_MgUpload, a test a row, and
# the parameters that all of them share.

Describe 'The New-Mg*UploadSession cmdlets' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        $standin = Start-Standin
        Connect-Standin
        $ids = @{ DriveId = 'd'; DriveItemId = 'i' }
        $session = @{ answer = @{ status = 201; headers = @{ 'Content-Type' = 'application/json'; 'X-One' = 'r1' }; body = '{"uploadUrl":"https://up.example.com/s/1"}' } }

        function Get-Sent { $request = @(Get-Requests)[-1]; ConvertTo-Canonical (ConvertFrom-JsonText $request.body) }
        function Get-SentText { @(Get-Requests)[-1].body }
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Connect-Standin
        Add-Fault @{ times = 0 } $session
    }

    Context 'What comes through the pipeline' {
        It 'is the body, as a <kind>' -ForEach @(
            @{ kind = 'hashtable'; value = { @{ item = @{ name = 'a' } } } }
            @{ kind = 'PSCustomObject'; value = { [pscustomobject] @{ item = @{ name = 'a' } } } }
            @{ kind = 'model'; value = { [Microsoft.Graph.PowerShell.Models.Paths12Egp4EDrivesDriveIdItemsDriveitemIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema] @{ item = @{ name = 'a' } } } }
        ) {
            & $value | New-MgDriveItemUploadSession @ids | Should -Not -BeNullOrEmpty
            Get-Sent | Should -Be '{"item":{"name":"a"}}'
        }

        It 'is the identity, alone or with a body, as a <kind>' -ForEach @(
            @{ kind = 'hashtable'; value = { @{ DriveId = 'd'; DriveItemId = 'i' } } }
            @{ kind = 'PSCustomObject'; value = { [pscustomobject] @{ DriveId = 'd'; DriveItemId = 'i' } } }
            @{ kind = 'identity'; value = { [Microsoft.Graph.PowerShell.Models.FilesIdentity] @{ DriveId = 'd'; DriveItemId = 'i' } } }
            @{ kind = 'identity of the other edition'; value = { [Microsoft.Graph.PowerShell.Models.UsersActionsIdentity] @{ DriveId = 'd'; DriveItemId = 'i' } } }
        ) {
            & $value | New-MgDriveItemUploadSession | Should -Not -BeNullOrEmpty
            Get-Sent | Should -Be '{}'
            & $value | New-MgDriveItemUploadSession -BodyParameter @{ item = @{ name = 'a' } } | Should -Not -BeNullOrEmpty
            Get-Sent | Should -Be '{"item":{"name":"a"}}'
            (Get-Requests).target | Should -Be '/v1.0/drives/d/items/i/microsoft.graph.createUploadSession', '/v1.0/drives/d/items/i:/a:/microsoft.graph.createUploadSession'
            foreach ($request in Get-Requests) {
                $request.headers | ForEach-Object { $_[0] } | Should -Not -Contain 'driveid'
            }
        }

        It 'is the body beside an identity that is named, as a <kind>' -ForEach @(
            @{ kind = 'hashtable'; value = { @{ item = @{ name = 'a' } } } }
            @{ kind = 'PSCustomObject'; value = { [pscustomobject] @{ item = @{ name = 'a' } } } }
        ) {
            & $value | New-MgDriveItemUploadSession -InputObject @{ DriveId = 'd'; DriveItemId = 'named' } | Should -Not -BeNullOrEmpty
            @(Get-Requests)[-1].target | Should -BeLike '/v1.0/drives/d/items/named:/a:/*'
            Get-Sent | Should -Be '{"item":{"name":"a"}}'
        }

        It 'is one record at a time: a bad one fails, the next is served' {
            $errors = $null
            $made = @{ DriveId = 'd' }, @{ DriveId = 'd'; DriveItemId = 'i' }, @{ foo = 1 } | New-MgDriveItemUploadSession -Item @{ name = 'a' } -ErrorAction SilentlyContinue -ErrorVariable errors
            @($made).Count | Should -Be 1
            $errors.Count | Should -Be 2
            $errors[0].Exception.Message | Should -Be 'InputObject has null value for InputObject.DriveItemId'
            $errors[1].FullyQualifiedErrorId | Should -Be 'InvalidInput,Microsoft.Graph.PowerShell.Cmdlets.NewMgDriveItemUploadSession'
        }

        It 'is an error when it fits neither, or comes beside another body' {
            { @{ foo = 1 } | New-MgDriveItemUploadSession @ids -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidInput,*'
            { @{ item = @{ name = 'a' } } | New-MgDriveItemUploadSession @ids -Item @{ name = 'b' } -ErrorAction Stop } | Should -Throw '*two bodies*'
            @(Get-Requests) | Should -BeNullOrEmpty
        }
    }

    Context 'What a body is made of' {
        It 'puts annotations first in every object' {
            New-MgDriveItemUploadSession @ids -Item ([ordered] @{ name = 'a'; x = 1; '@microsoft.graph.conflictBehavior' = 'fail' }) | Out-Null
            Get-SentText | Should -Match '"@microsoft.graph.conflictBehavior"[^{}]*"x"[^{}]*"name"'
        }

        It 'takes <kind> for -Item' -ForEach @(
            @{ kind = 'PSCustomObject'; value = { [pscustomobject] @{ name = 'a'; fileSize = 1 } } }
            @{ kind = '[ordered]'; value = { [ordered] @{ fileSize = 1; NAME = 'a' } } }
            @{ kind = 'JSON text'; value = { '{"name":"a","fileSize":1}' } }
            @{ kind = 'a model'; value = { [Microsoft.Graph.PowerShell.Models.MicrosoftGraphDriveItemUploadableProperties] @{ name = 'a'; fileSize = 1 } } }
            @{ kind = 'a deserialized model'; value = { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize(([Microsoft.Graph.PowerShell.Models.MicrosoftGraphDriveItemUploadableProperties] @{ name = 'a'; fileSize = 1 }))) } }
        ) {
            New-MgDriveItemUploadSession @ids -Item (& $value) | Out-Null
            Get-Sent | Should -Be '{"item":{"fileSize":1,"name":"a"}}'
        }

        It 'converts what has a form in JSON' {
            New-MgDriveItemUploadSession @ids -Item ([ordered] @{ b = [byte[]](1, 2, 3); ts = [timespan]::FromSeconds(5); sw = [switch] $true; sb = { 1 }; f = [single] 1.25; big = [bigint] 5; by = [byte] 7
                    o = [datetimeoffset]::new(2024, 7, 1, 12, 0, 0, [timespan]::FromHours(5)); p = [pscustomobject] @{ q = 1 }; u = [uri] 'https://x/'; g = [guid]::Empty
                }) | Out-Null
            Get-Sent | Should -Be '{"item":{"b":"AQID","big":"5","by":7,"f":1.25,"g":"00000000-0000-0000-0000-000000000000","o":"2024-07-01T12:00:00.0000000+05:00","p":{"q":1},"sb":" 1 ","sw":true,"ts":"00:00:05","u":"https://x/"}}'
        }

        It 'refuses <what>, naming the key' -ForEach @(
            @{ what = 'a text for a number'; item = { @{ fileSize = 'many' } }; key = 'FileSize' }
            @{ what = 'a number for a date'; item = { @{ fileSystemInfo = @{ createdDateTime = 'soon' } } }; key = 'CreatedDateTime' }
            @{ what = 'an object for a text'; item = { @{ name = @{ a = 1 } } }; key = 'Name' }
            @{ what = 'a text for a model'; item = { @{ mediaSource = 'x' } }; key = 'MediaSource' }
            @{ what = 'NaN'; item = { @{ deep = @{ x = [double]::NaN } } }; key = 'deep.x' }
            @{ what = 'a hashtable that contains itself'; item = { $h = @{}; $h.self = $h; $h }; key = 'self.self' }
            @{ what = 'the same member twice'; item = { @{ name = 'a'; AdditionalProperties = @{ name = 'b' } } }; key = 'name' }
        ) {
            { New-MgDriveItemUploadSession @ids -Item (& $item) } | Should -Throw "*$key*" -ErrorId 'CannotConvertArgumentNoMessage,*'
            @(Get-Requests) | Should -BeNullOrEmpty
        }

        It 'refuses a text for a truth' {
            { New-MgUserMessageAttachmentUploadSession -UserId u -MessageId m -AttachmentItem @{ isInline = 'maybe' } } | Should -Throw '*IsInline*'
        }

        It 'refuses a body over 4 MB before it is sent' {
            { New-MgDriveItemUploadSession @ids -Item @{ description = 'x' * 5MB } -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidInput,*'
            @(Get-Requests) | Should -BeNullOrEmpty
        }

        It 'lets members be set one by one' {
            $body = [Microsoft.Graph.PowerShell.Models.Paths12Egp4EDrivesDriveIdItemsDriveitemIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema]::new()
            $body.Item = @{ name = 'a' }
            $body.Item.FileSize = '7'
            $body['deferCommit'] = $true
            $body.Add('x', 1); $body.ContainsKey('x') | Should -BeTrue; $body.Remove('x') | Should -BeTrue
            New-MgDriveItemUploadSession @ids -BodyParameter $body | Out-Null
            Get-Sent | Should -Be '{"deferCommit":true,"item":{"fileSize":7,"name":"a"}}'
            $body.Clear()
            $body.CopyFrom(@{ y = 2 })
            ConvertTo-Canonical (ConvertFrom-JsonText $body.ToJsonString()) | Should -Be '{"item":{"fileSize":7,"name":"a"},"y":2}'
            [Microsoft.Graph.PowerShell.Models.MicrosoftGraphAttachmentItem]::FromJsonString('{"NAME":"n","z":1}').Name | Should -Be 'n'
            [Microsoft.Graph.PowerShell.Models.MicrosoftGraphAttachmentItem]::DeserializeFromDictionary(@{ size = 3 }).Size | Should -Be 3
            [Microsoft.Graph.PowerShell.Models.MicrosoftGraphAttachmentItem]::DeserializeFromPSObject([pscustomobject] @{ size = 3 }).Size | Should -Be 3
        }
    }

    Context 'Ids' {
        It 'are refused before anything is sent: <value>' -ForEach @(@{ value = '' }, @{ value = $null }) {
            { New-MgDriveItemUploadSession -DriveId $value -DriveItemId i } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
            { New-MgDriveItemUploadSession -InputObject @{ DriveId = $value; DriveItemId = 'i' } -ErrorAction Stop } | Should -Throw '*InputObject.DriveId*'
            @(Get-Requests) | Should -BeNullOrEmpty
        }

        It 'may be . or .. never' {
            { New-MgDriveItemUploadSession -DriveId '..' -DriveItemId i -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidInput,*'
            @(Get-Requests) | Should -BeNullOrEmpty
        }
    }

    Context 'Errors' {
        It 'carry what a person needs' {
            Invoke-Control '/faults' 'Delete' | Out-Null
            $body = '{"error":{"code":"itemNotFound","message":"Item not found","innerError":{"code":"deeper","date":"2024-01-02T03:04:05","request-id":"r1","client-request-id":"c1"}}}'
            Add-Fault @{} @{ answer = @{ status = 404; headers = @{ 'Content-Type' = 'application/json'; 'X-One' = 'r0' }; body = $body } }
            $record = $null
            New-MgDriveItemUploadSession @ids -Item @{ name = 'a' } -ErrorAction SilentlyContinue -ErrorVariable record -RHV headers
            $record[0].FullyQualifiedErrorId | Should -Be 'itemNotFound,Microsoft.Graph.PowerShell.Cmdlets.NewMgDriveItemUploadSession'
            $record[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $record[0].CategoryInfo.Activity | Should -Be 'New-MgDriveItemUploadSession'
            $record[0].Exception.Message | Should -Be '[itemNotFound] : Item not found'
            $record[0].TargetObject.DriveItemId | Should -Be 'i'
            $record[0].TargetObject.body.Item.Name | Should -Be 'a'
            $record[0].ErrorDetails.Message | Should -BeLike "Item not found`n`nStatus: 404 (NotFound)`nErrorCode: itemNotFound*Date: 2024-01-02T03:04:05*r1*c1*"
            $record[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            $exception = $record[0].Exception
            $exception.GetType().FullName | Should -Be 'MgUpload.Native.MgUploadException'
            $exception.HttpStatus, $exception.Code, $exception.InnerCodes[0], $exception.Date | Should -Be @(404, 'itemNotFound', 'deeper', '2024-01-02T03:04:05')
            $headers['X-One'] | Should -Be 'r0'
        }

        It 'keep status and text of HTML' {
            Invoke-Control '/faults' 'Delete' | Out-Null
            Add-Fault @{ times = 0 } @{ answer = @{ status = 403; headers = @{ 'Content-Type' = 'text/html' }; body = '<html>blocked by proxy</html>' } }
            $record = $null
            New-MgDriveItemUploadSession @ids -ErrorAction SilentlyContinue -ErrorVariable record
            $record[0].Exception.HttpStatus | Should -Be 403
            $record[0].Exception.Body | Should -Be '<html>blocked by proxy</html>'
            $record[0].FullyQualifiedErrorId | Should -Be 'Forbidden,Microsoft.Graph.PowerShell.Cmdlets.NewMgDriveItemUploadSession'
        }

        It 'do not repeat a 401, and do repeat a 502' {
            Invoke-Control '/faults' 'Delete' | Out-Null
            Add-Fault @{} @{ answer = @{ status = 401; code = 'InvalidAuthenticationToken'; message = 'expired' } }
            Add-Fault @{} @{ answer = @{ status = 502; headers = @{ 'Retry-After' = '0' } } }
            Add-Fault @{ times = 0 } $session
            { New-MgDriveItemUploadSession @ids -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidAuthenticationToken,*'
            @(Get-Requests).Count | Should -Be 1
            New-MgDriveItemUploadSession @ids | Should -Not -BeNullOrEmpty
            @(Get-Requests).status | Should -Be 401, 502, 201
        }

        It 'follow a redirect on the same host, and none to another port: <how>' -ForEach @(
            @{ how = 'without steps'; steps = @{} }
            @{ how = 'with a step'; steps = @{ HttpPipelineAppend = { param($r, $c, $n) $n.SendAsync($r, $c) } } }
        ) {
            Invoke-Control '/faults' 'Delete' | Out-Null
            Add-Fault @{} @{ redirect = 307; to = $standin.upload + '/elsewhere' }
            Add-Fault @{} @{ redirect = 307; to = '/v1.0/drives/d/items/j/microsoft.graph.createUploadSession' }
            Add-Fault @{ times = 0 } $session
            New-MgDriveItemUploadSession @ids @steps -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            @(Get-Requests 'upload') | Should -BeNullOrEmpty
            New-MgDriveItemUploadSession @ids @steps -Item @{ name = 'a' } | Should -Not -BeNullOrEmpty
            $last = @(Get-Requests)[-1]
            $last.target | Should -BeLike '*/items/j/*'
            Get-Sent | Should -Be '{"item":{"name":"a"}}'
            $last.headers | ForEach-Object { $_[0].ToLowerInvariant() } | Should -Contain 'authorization'
        }

        It 'ask for a connection' {
            Disconnect-MgUpload
            { New-MgDriveItemUploadSession @ids -ErrorAction Stop } | Should -Throw '*Connect-MgUpload*' -ErrorId 'Unauthenticated,*'
        }
    }

    Context 'Shared parameters' {
        It '-Headers go out, values of lists behind commas' {
            New-MgDriveItemUploadSession @ids -Headers @{ 'If-Match' = '"e"'; 'X-Many' = 'a', 'b'; 'X-Num' = 5 } | Out-Null
            $headers = @(Get-Requests)[-1].headers | ForEach-Object { "$($_[0].ToLowerInvariant())=$($_[1])" }
            $headers | Should -Contain 'if-match="e"'
            $headers | Should -Contain 'x-many=a, b'
            $headers | Should -Contain 'x-num=5'
        }

        It '-ResponseHeadersVariable is set in the caller''s scope' {
            $inner = & { New-MgDriveItemUploadSession @ids -ResponseHeadersVariable mguHeaders | Out-Null; $mguHeaders['X-One'] }
            $inner | Should -Be 'r1'
            Get-Variable mguHeaders -Scope Global -ErrorAction Ignore | Should -BeNullOrEmpty
        }

        It '-WhatIf shows the real path and sends nothing, -Confirm:$false sends' {
            Start-Transcript -Path "$TestDrive/whatif.txt" | Out-Null
            New-MgDriveItemUploadSession @ids -WhatIf
            Stop-Transcript | Out-Null
            Get-Content -Raw "$TestDrive/whatif.txt" | Should -BeLike '*"New-MgDriveItemUploadSession" on target "Call remote ''POST /v1.0/drives/d/items/i/microsoft.graph.createUploadSession'' operation"*'
            @(Get-Requests) | Should -BeNullOrEmpty
            New-MgDriveItemUploadSession @ids -Confirm:$false | Should -Not -BeNullOrEmpty
        }

        It '-HttpPipelinePrepend and -HttpPipelineAppend see and change request and answer, in order' {
            $trace = [System.Collections.Generic.List[string]]::new()
            $outer = { param($request, $callback, $next) $trace.Add('outer'); $request.Headers.Add('X-Step', '1'); $next.SendAsync($request, $callback) }
            $inner = { param($request, $callback, $next) $trace.Add('inner ' + (-join $request.Headers.GetValues('X-Step'))); $next.SendAsync($request, $callback) }
            New-MgDriveItemUploadSession @ids -Item @{ name = 'a' } -HttpPipelinePrepend $outer -HttpPipelineAppend $inner | ForEach-Object UploadUrl | Should -Be 'https://up.example.com/s/1'
            $trace | Should -Be 'outer', 'inner 1'
            Get-Sent | Should -Be '{"item":{"name":"a"}}'
            $names = @(Get-Requests)[-1].headers | ForEach-Object { $_[0].ToLowerInvariant() }
            $names | Should -Contain 'x-step'
            $names | Should -Contain 'authorization'
            New-MgBetaDriveItemUploadSession @ids -HttpPipelinePrepend $outer | Should -Not -BeNullOrEmpty
        }

        It 'reads errors behind pipeline steps as without them' {
            Invoke-Control '/faults' 'Delete' | Out-Null
            Add-Fault @{} @{ answer = @{ status = 403; code = 'accessDenied'; message = 'Access denied' } }
            { New-MgDriveItemUploadSession @ids -HttpPipelinePrepend { param($r, $c, $n) $n.SendAsync($r, $c) } -ErrorAction Stop } | Should -Throw '`[accessDenied`] : Access denied' -ErrorId 'accessDenied,*'
        }

        It 'makes a record of a step that fails, and serves the next' {
            $errors = $null
            $step = { param($r, $c, $n) if ($r.RequestUri.AbsolutePath -like '*/bad/*') { throw 'no' }; $n.SendAsync($r, $c) }
            $made = @(@{ DriveId = 'd'; DriveItemId = 'bad' }, @{ DriveId = 'd'; DriveItemId = 'i' } | New-MgDriveItemUploadSession -HttpPipelinePrepend $step -ErrorAction SilentlyContinue -ErrorVariable errors)
            $made.Count | Should -Be 1
            $errors.Exception.Message | Should -Contain 'no'
        }

        It 'makes a record of a step that cancels, and of one that gives nothing' {
            foreach ($step in { param($r, $c, $n) $c.Cancel.Invoke(); $n.SendAsync($r, $c) }, { $null }) {
                $errors = $null
                $made = @(New-MgDriveItemUploadSession @ids -HttpPipelineAppend $step -ErrorAction SilentlyContinue -ErrorVariable errors)
                $made.Count | Should -Be 0
                @($errors).Count | Should -Be 1
                $errors[0].FullyQualifiedErrorId | Should -BeLike '*,Microsoft.Graph.PowerShell.Cmdlets.NewMgDriveItemUploadSession'
                $errors[0].Exception.Message | Should -BeLike 'A step of -HttpPipelineAppend*'
            }
        }

        It 'says the name of an annotation that was written short: <key>' -ForEach @(
            @{ key = 'conflictBehavior' }
            @{ key = '@conflictBehavior' }
            @{ key = 'microsoft.graph.conflictBehavior' }
            @{ key = '@microsoft.graph.conflictbehavior' }
        ) {
            { New-MgDriveItemUploadSession @ids -Item @{ $key = 'rename' } } | Should -Throw "*'@microsoft.graph.conflictBehavior'*"
            { New-MgDriveItemUploadSession @ids -BodyParameter @{ item = @{ $key = 'rename' } } } | Should -Throw "*'@microsoft.graph.conflictBehavior'*"
            @(Get-Requests) | Should -BeNullOrEmpty
        }

        It 'reports an unreachable Graph behind steps and without' {
            Connect-MgUpload -AccessToken (ConvertTo-SecureString 'x' -AsPlainText -Force) -GraphEndpoint 'http://127.0.0.1:9'
            foreach ($steps in @{}, @{ HttpPipelinePrepend = { param($r, $c, $n) $n.SendAsync($r, $c) } }) {
                $record = { New-MgDriveItemUploadSession @ids @steps -ErrorAction Stop } | Should -Throw -ErrorId 'Network,*' -PassThru
                $record.CategoryInfo.Category | Should -Be 'ConnectionError'
                if ($steps.Count -eq 0) { $record.ErrorDetails.RecommendedAction | Should -Be 'Check the connection, then run the command again; nothing was uploaded.' }
            }
        }

        It '-Proxy is asked for the way, with -ProxyCredential' {
            # The stand-in as a proxy, on the way to a host that is not this machine: it sees the credentials, and makes no way.
            Connect-MgUpload -AccessToken (ConvertTo-SecureString 'x' -AsPlainText -Force) -GraphEndpoint 'https://graph.invalid'
            $password = ConvertTo-SecureString 'secret' -AsPlainText -Force
            New-MgDriveItemUploadSession @ids -Proxy $standin.upload -ProxyCredential ([pscredential]::new('me', $password)) -ErrorAction SilentlyContinue | Out-Null
            $request = @(Get-Requests 'upload')[0]
            "$($request.method) $($request.target)" | Should -Be 'CONNECT graph.invalid:443'
            ($request.headers | Where-Object { $_[0] -eq 'proxy-authorization' })[1] | Should -Be ('Basic ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('me:secret')))
        }

        It '-Proxy with -ProxyUseDefaultCredentials is asked for the way' {
            Connect-MgUpload -AccessToken (ConvertTo-SecureString 'x' -AsPlainText -Force) -GraphEndpoint 'https://graph.invalid'
            New-MgDriveItemUploadSession @ids -Proxy $standin.upload -ProxyUseDefaultCredentials -ErrorAction SilentlyContinue | Out-Null
            Get-Requests 'upload' | ForEach-Object { "$($_.method) $($_.target)" } | Select-Object -Unique | Should -Be 'CONNECT graph.invalid:443'
        }

        It 'goes to this machine past -Proxy: without TLS nothing leaves it' {
            New-MgDriveItemUploadSession @ids -Proxy $standin.upload | ForEach-Object UploadUrl | Should -Be 'https://up.example.com/s/1'
            @(Get-Requests 'upload').Count | Should -Be 0
        }

        It '-ErrorAction, -ErrorVariable and -OutVariable do what they do everywhere' {
            $null = New-MgDriveItemUploadSession @ids -OutVariable made
            $made[0].UploadUrl | Should -Be 'https://up.example.com/s/1'
            New-MgDriveItemUploadSession -DriveId '.' -DriveItemId i -ErrorAction Ignore -ErrorVariable none
            $none | Should -BeNullOrEmpty
        }
    }
}
