# Tokens in long work: they are renewed while it runs, one request for each renewal, and nobody is asked at a browser.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    Import-Module (Join-Path $PSScriptRoot 'Identity.psm1') -DisableNameChecking
    Import-BuiltModule
    $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
    $standin = Start-Standin
    $cloud = "Renewal$PID"
    $identity = Enter-Identity $TestDrive $cloud $standin.graph
    $secret = [pscredential]::new($identity.client, (ConvertTo-SecureString $identity.secret -AsPlainText -Force))

    function Connect-Application { Connect-MgUpload -ClientSecretCredential $secret -TenantId $identity.tenant -Environment $cloud -NoWelcome @args }
    function New-Session { New-MgDriveItemUploadSession -DriveId d -DriveItemId "root:/$([guid]::NewGuid()).bin:" @args }
    function New-TodoSession([long] $Size) { New-MgUserTodoListTaskAttachmentUploadSession -UserId u -TodoTaskListId l -TodoTaskId t -AttachmentInfo @{ attachmentType = 'file'; name = 'a.bin'; size = $Size } }
    function Get-TokensSent { Get-Requests 'graph' | ForEach-Object { ($_.headers | Where-Object { $_[0] -eq 'authorization' })[1] -replace '^Bearer ' } }
    function Get-Grants { @(Get-Asked | Where-Object grant | ForEach-Object grant) }
}

AfterAll {
    Exit-Identity
    Stop-Standin
}

Describe 'A token' {
    BeforeEach { Reset-Identity; Reset-Standin; Reset-State; Disconnect-MgUpload }

    It 'that ends in a slow upload is renewed once, and the upload goes on with the new one' {
        Set-Identity @{ lifetime = 310 }
        Connect-Application
        $file = New-TestFile "$TestDrive/slow.bin" (320KB * 6)
        $session = New-TodoSession $file.Length
        # Five seconds are left of the ten after which a token of 310 s is renewed.
        2..5 | ForEach-Object { Add-Fault @{ route = 'put'; nth = $_ } @{ stallMillis = 3500 } }
        ($session | Send-MgUploadSession $file.FullName -ChunkSize 320KB).Length | Should -Be $file.Length
        # On a slow machine more than once.
        $sent = @(Get-TokensSent | Select-Object -Unique).Count
        $sent | Should -BeGreaterThan 1
        @(Get-Grants).Count | Should -Be $sent -Because 'each renewal is one request'
        Get-Violations | Should -BeNullOrEmpty
    }

    It 'that is refused is replaced once, with the claims of the challenge' {
        Connect-Application
        $claims = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}'))
        Add-Fault @{ route = 'create'; nth = 1 } @{ answer = @{ status = 401; code = 'InvalidAuthenticationToken'; headers = @{ 'WWW-Authenticate' = "Bearer realm="""", error=""insufficient_claims"", claims=""$claims""" } } }
        New-Session | Should -Not -BeNullOrEmpty
        @(Get-TokensSent | Select-Object -Unique).Count | Should -Be 2
        (Get-Asked)[-1].claims | Should -BeLike '*1700000000*'
    }

    It 'that is refused without a word is replaced too, and a second refusal is the end' {
        Connect-Application
        Add-Fault @{ route = 'create'; times = 2 } @{ answer = @{ status = 401; code = 'InvalidAuthenticationToken' } }
        { New-Session -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidAuthenticationToken,*'
        @(Get-Requests 'graph').Count | Should -Be 2
        Get-Grants | Should -Be 'client_credentials', 'client_credentials'
    }

    It 'is asked for once by many' {
        Connect-Application
        $made = 1..6 | ForEach-Object -ThrottleLimit 6 -Parallel {
            Import-Module $using:manifest
            New-MgDriveItemUploadSession -DriveId d -DriveItemId "root:/$_.bin:"
        }
        $made.Count | Should -Be 6
        Get-Grants | Should -Be 'client_credentials'
        @(Get-TokensSent | Select-Object -Unique).Count | Should -Be 1
    }

    It 'is not asked for by a 401 of an upload URL' {
        Connect-Application
        $session = New-Session
        $asked = @(Get-Grants).Count
        Add-Fault @{ route = 'put' } @{ answer = @{ status = 401; code = 'unauthenticated' } }
        $session | Send-MgUploadSession (New-TestFile "$TestDrive/a.bin" 1000).FullName -ErrorAction SilentlyContinue -MaxAttempts 1 | Should -BeNullOrEmpty
        @(Get-Grants).Count | Should -Be $asked
    }

    It 'that can be renewed no more fails with what signs in again; nobody is asked, and the upload stays open' {
        Set-Identity @{ lifetime = 8 }
        Connect-MgUpload -UseDeviceCode -TenantId $identity.tenant -Environment $cloud -NoWelcome
        $file = New-TestFile "$TestDrive/open.bin" (320KB * 4)
        $session = New-TodoSession $file.Length
        Set-Identity @{ refreshes = $false }
        Add-Fault @{ route = 'put'; nth = 2 } @{ stallMillis = 5000 }
        # The present token is used as long as it is taken.
        Add-Fault @{ route = 'put'; nth = 3 } @{ answer = @{ status = 401; code = 'InvalidAuthenticationToken' } }
        $record = { $session | Send-MgUploadSession $file.FullName -ChunkSize 320KB -ErrorAction Stop } | Should -Throw -PassThru
        $record.CategoryInfo.Category | Should -Be 'AuthenticationError'
        $record.ErrorDetails.RecommendedAction | Should -BeLike '*Connect-MgUpload*Resume-MgUploadSession*'
        @(Get-Asked | Where-Object grant -Like '*device*').Count | Should -Be 0
        @(Get-MgUploadSession).Count | Should -Be 1
    }

    It 'of a script block is asked for again by its refusal, with the claims' {
        $script:given = [System.Collections.Generic.List[object]]::new()
        Connect-MgUpload -GraphEndpoint $standin.graph -AccessTokenProvider { $script:given.Add($args[0]); "own-$($script:given.Count)" }
        Add-Fault @{ route = 'create'; nth = 1 } @{ answer = @{ status = 401; code = 'InvalidAuthenticationToken'; headers = @{ 'WWW-Authenticate' = 'Bearer claims="eyJhIjoxfQ=="' } } }
        $null = New-Session
        Get-TokensSent | Should -Be 'own-1', 'own-2'
        $script:given[1] | Should -Be 'eyJhIjoxfQ=='
    }

    It 'of a script block that fails is the block''s error' {
        Connect-MgUpload -GraphEndpoint $standin.graph -AccessTokenProvider { throw 'the vault is closed' }
        { New-Session -ErrorAction Stop } | Should -Throw '*the vault is closed*' -ErrorId 'Unauthenticated,*'
    }
}

Describe 'What is written anywhere' {
    It 'has none of the tokens and secrets of this file' {
        $secrets = @(Invoke-Identity 'secrets') | ForEach-Object { $_ } | Where-Object Length -GT 7
        $secrets.Count | Should -BeGreaterThan 5
        # What a user logs who wants to see everything.
        $null = Start-Transcript "$TestDrive/transcript.txt"
        try {
            Connect-Application
            New-Session -Verbose -Debug | Send-MgUploadSession (New-TestFile "$TestDrive/logged.bin" 1000).FullName -Verbose -Debug *>&1 | Out-Default
            Set-Identity @{ refuses = 'invalid_client|AADSTS7000215: Invalid client secret provided.' }
            Connect-Application -ErrorAction Continue *>&1 | Out-Default
        }
        finally { $null = Stop-Transcript }
        $transcript = Get-Content -Raw "$TestDrive/transcript.txt"
        $transcript | Should -Match 'PUT'
        $transcript | Should -Match 'AADSTS7000215'
        $transcript | Should -Not -Match 'tempauth(token)?=v1\.'
        $written = @($transcript) + @(Get-ChildItem $env:MGUPLOAD_STATE, $env:MGUPLOAD_SETTINGS -Recurse -File -ErrorAction Ignore | ForEach-Object { Get-Content -Raw $_ }) + ($Error | ForEach-Object { $_ | Format-List * -Force | Out-String; "$($_.Exception)" })
        foreach ($one in $secrets) { $written | Where-Object { $_ -and $_.Contains($one) } | Should -BeNullOrEmpty }
    }
}
