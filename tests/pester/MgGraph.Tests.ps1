# The session of Connect-MgGraph is enough.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    Import-Module (Join-Path $PSScriptRoot 'mggraph/MgGraphStandin.psm1')
    Import-BuiltModule
    $standin = Start-Standin
    $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
    $graph = New-MgGraphStandin (Join-Path (Get-RepositoryRoot) 'out/test-results/MgGraph') Private
    Import-Module $graph -Global
    Add-MgEnvironment -Name Standin -AzureADEndpoint https://login.invalid -GraphEndpoint $standin.graph

    function Get-TokensSent { Get-Requests 'graph' | ForEach-Object { ($_.headers | Where-Object { $_[0] -eq 'authorization' })[1] } }
    # Each of a file of its own.
    function New-Session { New-MgDriveItemUploadSession -DriveId d -DriveItemId "root:/$([guid]::NewGuid()).bin:" @args }
    function New-TodoSession { New-MgUserTodoListTaskAttachmentUploadSession -UserId u -TodoTaskListId l -TodoTaskId t -AttachmentInfo @{ attachmentType = 'file'; name = 'a.bin'; size = 10 } @args }
    function Connect-Graph { Connect-MgGraph -Environment Standin -NoWelcome @args }
    # The stand-in's own state, which is in a load context of its own.
    function Get-GraphSession {
        [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq 'Microsoft.Graph.Authentication.Core' })[0].GetType('Microsoft.Graph.PowerShell.Authentication.GraphSession')
    }
    function Set-Scheme([string] $Scheme) { (Get-GraphSession).GetField('Scheme').SetValue($null, $Scheme) }
    function New-Jwt([hashtable] $Claims) {
        $part = { param($text) [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($text)).TrimEnd('=').Replace('+', '-').Replace('/', '_') }
        "$(& $part '{"alg":"none"}').$(& $part (ConvertTo-Json $Claims -Compress)).signature"
    }
    $file = New-TestFile "$TestDrive/a.bin" 10
}

AfterAll {
    Remove-Module Microsoft.Graph.Authentication -ErrorAction Ignore
    Add-Secrets 'borrowed-admin@contoso.com'
    Stop-Standin
}

Describe 'The session of Connect-MgGraph' {
    BeforeEach {
        Reset-Standin
        Disconnect-MgUpload
        Connect-Graph
    }

    It 'is enough, and its cloud the one that is asked' {
        New-Session | Should -Not -BeNullOrEmpty
        Get-TokensSent | Should -Be 'Bearer borrowed-admin@contoso.com-1'
    }

    It 'gives a token for each operation, and none is kept' {
        $null = New-Session
        $null = New-Session
        Get-TokensSent | Should -Be 'Bearer borrowed-admin@contoso.com-1', 'Bearer borrowed-admin@contoso.com-2'
    }

    It 'serves To Do, whose upload URL wants a token' {
        (New-TodoSession | Send-MgUploadSession $file.FullName).Length | Should -Be 10
        Get-Violations | Should -BeNullOrEmpty
    }

    It 'is told with -Verbose, and so is a connection that goes first' {
        "$(New-Session -Verbose 4>&1)" | Should -BeLike '*session of Connect-MgGraph is used: admin@contoso.com, tenant contoso, http://*'
        Connect-Standin
        "$(New-Session -Verbose 4>&1)" | Should -BeLike '*connection of Connect-MgUpload is used*'
        (Get-TokensSent)[-1] | Should -Be 'Bearer token'
    }

    It 'is named by -MgGraph, goes first then, and ends with Disconnect-MgUpload' {
        Connect-Standin
        $connection = Connect-MgUpload -MgGraph -PassThru
        $connection.GraphEndpoint | Should -Be ([uri] $standin.graph)
        $null = New-Session
        @(Get-TokensSent)[-1] | Should -BeLike 'Bearer borrowed-*'
        Disconnect-MgUpload
        { New-Session -Connection $connection -ErrorAction Stop } | Should -Throw '*closed by Disconnect-MgUpload*'
    }

    # In a process of its own: here something has asked for it already.
    It 'is used by the runspaces of ForEach-Object -Parallel, which begin with nothing imported, before anybody else has' {
        Reset-Standin
        $said = Invoke-PowerShell -NoProfile -NonInteractive -Command @"
            Import-Module '$graph'
            Add-MgEnvironment -Name Standin -AzureADEndpoint https://login.invalid -GraphEndpoint $($standin.graph)
            Connect-MgGraph -Environment Standin -NoWelcome
            1..3 | ForEach-Object -ThrottleLimit 2 -Parallel {
                Import-Module '$manifest'
                New-MgDriveItemUploadSession -DriveId d -DriveItemId "root:/`$_.bin:"
            } | Measure-Object | ForEach-Object { 'made: ' + `$_.Count }
"@ 2>&1 | Out-String
        $said | Should -BeLike '*made: 3*'
        @(Get-TokensSent).Count | Should -Be 3
        Get-TokensSent | Should -BeLike 'Bearer borrowed-*'
    }

    It 'is closed by Disconnect-MgUpload for those that have it, and for nobody else' {
        $connection = (Get-MgUploadContext).Connection
        $connection | Disconnect-MgUpload
        { New-Session -Connection $connection -ErrorAction Stop } | Should -Throw '*closed by Disconnect-MgUpload*'
        New-Session | Should -Not -BeNullOrEmpty
        Get-TokensSent | Should -BeLike 'Bearer borrowed-*'
    }

    It 'is used by the runspaces of this process' {
        $made = 1..3 | ForEach-Object -ThrottleLimit 2 -Parallel {
            Import-Module $using:manifest
            New-MgDriveItemUploadSession -DriveId d -DriveItemId "root:/$_.bin:"
        }
        $made.Count | Should -Be 3
        Get-TokensSent | Should -BeLike 'Bearer borrowed-*'
    }

    It 'is asked without questions, pretence or debug lines, whatever is set' {
        $WhatIfPreference, $DebugPreference, $ConfirmPreference = $true, 'Continue', 'Low'
        $said = New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/a.bin:' -WhatIf:$false -Confirm:$false *>&1
        "$($said | Out-String)" | Should -Not -BeLike '*borrowed-*'
        Get-TokensSent | Should -BeLike 'Bearer borrowed-*'
    }

    It 'asks nobody for a token where nothing is sent' {
        $asked = (Get-GraphSession).GetField('Asked').GetValue($null)
        $before = $asked.Count
        New-Session -WhatIf
        'https://up.invalid/s/1' | Send-MgUploadSession $file.FullName -WhatIf
        Get-MgUploadSession
        $asked.Count | Should -Be $before
    }
}

Describe 'What can be wrong with the session of Connect-MgGraph' {
    BeforeEach {
        Reset-Standin
        Disconnect-MgUpload
        Connect-Graph
    }

    It 'nobody has connected' {
        Disconnect-MgGraph
        $record = { New-Session -ErrorAction Stop } | Should -Throw '*Connect-MgGraph*' -ErrorId 'Unauthenticated,*' -PassThru
        $record.CategoryInfo.Category | Should -Be 'AuthenticationError'
        $record = { Connect-MgUpload -MgGraph -ErrorAction Stop } | Should -Throw '*no session of Connect-MgGraph*' -ErrorId 'Unauthenticated,*' -PassThru
        $record.ErrorDetails.RecommendedAction | Should -BeLike '*Connect-MgGraph*'
    }

    It 'it has ended since: what was made with it needs it' {
        $connection = Connect-MgUpload -MgGraph -PassThru
        Disconnect-MgGraph
        { New-Session -Connection $connection -ErrorAction Stop } | Should -Throw '*admin@contoso.com*has ended*' -ErrorId 'Unauthenticated,*'
        Get-Requests 'graph' | Should -BeNullOrEmpty
    }

    It 'it is another account''s now: nothing is sent in its name' {
        $todo = New-TodoSession
        Reset-Standin
        Connect-Graph -Account guest@fabrikam.com -TenantId fabrikam
        { $todo | Send-MgUploadSession $file.FullName -ErrorAction Stop } | Should -Throw '*guest@fabrikam.com*admin@contoso.com*' -ErrorId 'Unauthenticated,*'
        Get-TokensSent | Should -BeNullOrEmpty
    }

    It 'its tokens are bound to its own requests' {
        Set-Scheme 'PoP'
        $record = { New-Session -ErrorAction Stop } | Should -Throw '*proof of possession*' -ErrorId 'Unauthenticated,*' -PassThru
        $record.ErrorDetails.RecommendedAction | Should -BeLike '*Connect-MgUpload*'
        "$record" | Should -Not -BeLike '*borrowed-*'
    }

    It 'its token was given to it, and has run out' {
        $old = New-Jwt @{ exp = [DateTimeOffset]::UtcNow.AddMinutes(-1).ToUnixTimeSeconds() }
        Connect-Graph -AccessToken (ConvertTo-SecureString $old -AsPlainText -Force)
        $record = { New-Session -ErrorAction Stop } | Should -Throw '*run out*' -ErrorId 'Unauthenticated,*' -PassThru
        $record.ErrorDetails.RecommendedAction | Should -BeLike '*-AccessToken*Disconnect-MgGraph*Connect-MgGraph*'
        Get-Requests 'graph' | Should -BeNullOrEmpty
    }

    It 'its environment is not known any more' {
        Connect-MgGraph -Environment Gone -NoWelcome
        { New-Session -ErrorAction Stop } | Should -Throw '*Gone*' -ErrorId 'InvalidInput,*'
    }

    It 'an upload URL needs no sign-in, whatever is wrong' {
        Connect-Standin
        $url = (New-Session).UploadUrl
        Disconnect-MgUpload
        Set-Scheme 'PoP'
        ($url | Send-MgUploadSession $file.FullName -WarningAction SilentlyContinue).Length | Should -Be 10
        Disconnect-MgGraph
    }
}

Describe 'Microsoft.Graph.Authentication' {
    It 'serves in the layout <layout><how>' -ForEach @(
        @{ layout = 'One'; how = ''; prefix = '' }
        @{ layout = 'Dependencies'; how = ''; prefix = '' }
        @{ layout = 'Private'; how = ', under a prefix'; prefix = 'X' }
    ) {
        Reset-Standin
        $path = New-MgGraphStandin "$TestDrive/other" $layout
        $options = $prefix ? "-Prefix $prefix" : ''
        $said = Invoke-PowerShell -NoProfile -NonInteractive -Command @"
            Import-Module '$manifest'
            Import-Module '$path' $options
            Add-${prefix}MgEnvironment -Name Standin -AzureADEndpoint https://login.invalid -GraphEndpoint $($standin.graph)
            Connect-${prefix}MgGraph -Environment Standin
            New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/a.bin:' -Verbose
            'literal: ' + [bool] ('Microsoft.Graph.PowerShell.Authentication.GraphSession' -as [type])
"@ 2>&1 4>&1 | Out-String
        $said | Should -BeLike '*session of Connect-MgGraph is used*'
        Get-TokensSent | Should -Be 'Bearer borrowed-admin@contoso.com-1'
        $said | Should -BeLike "*literal: $($layout -eq 'One')*"
    }
}
