Describe 'Connect-MgUpload' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        $standin = Start-Standin
        $token = ConvertTo-SecureString 'token' -AsPlainText -Force
    }

    AfterAll { Stop-Standin }

    It 'sends the token to Graph' {
        Connect-MgUpload -AccessToken $token -GraphEndpoint $standin.graph | Should -BeNullOrEmpty
        New-MgDriveRootUploadSession -DriveId d -Item @{ name = 'a' } | Should -Not -BeNullOrEmpty
        ((Get-Requests)[-1].headers | Where-Object { $_[0] -eq 'authorization' })[1] | Should -Be 'Bearer token'
    }

    It 'takes a new token in place of the old one' {
        Connect-MgUpload (ConvertTo-SecureString 'expired' -AsPlainText -Force) -GraphEndpoint $standin.graph
        { New-MgDriveRootUploadSession -DriveId d -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidAuthenticationToken,*'
    }

    It 'refuses <address>' -ForEach @(
        @{ address = 'http://graph.example.com' }
        @{ address = 'ftp://graph.example.com' }
        @{ address = 'graph.example.com' }
    ) {
        $record = { Connect-MgUpload -AccessToken $token -GraphEndpoint $address -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidInput,MgUpload.Cmdlets.ConnectMgUploadCommand' -PassThru
        $record.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $record.ErrorDetails.RecommendedAction | Should -BeLike '*https*'
    }

    It 'refuses an empty token' {
        { Connect-MgUpload -AccessToken ([securestring]::new()) -ErrorAction Stop } | Should -Throw -ErrorId 'Unauthenticated,*'
    }

    It 'leaves the caller''s SecureString alone' {
        Connect-MgUpload -AccessToken $token -GraphEndpoint $standin.graph
        Disconnect-MgUpload
        $token.Length | Should -Be 5
    }
}

Describe 'Disconnect-MgUpload' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
    }

    AfterAll { Stop-Standin }

    It 'forgets the token, and may be called twice' {
        Connect-Standin
        Disconnect-MgUpload
        Disconnect-MgUpload
        { New-MgDriveRootUploadSession -DriveId d -ErrorAction Stop } | Should -Throw -ErrorId 'Unauthenticated,*'
        @(Get-Requests) | Should -BeNullOrEmpty
    }
}
