Describe 'Get-MgUploadSession' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        Connect-Standin
        $session = New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = 'a.bin' }
    }

    AfterAll { Stop-Standin }

    It 'tells the state of a session and keeps its URL' {
        $state = $session | Get-MgUploadSession
        $state.PSObject.TypeNames[0] | Should -Be 'Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession'
        $state.UploadUrl | Should -Be $session.UploadUrl
        $state.NextExpectedRanges | Should -Be '0-'
        $state.ExpirationDateTime | Should -BeGreaterThan ([datetime]::UtcNow)
    }

    It 'keeps the version of a session' {
        $beta = New-MgBetaUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = 'beta.bin' }
        ($beta | Get-MgUploadSession).GetType().FullName | Should -Be 'Microsoft.Graph.Beta.PowerShell.Models.MicrosoftGraphUploadSession'
        $beta | Export-Clixml "$TestDrive/beta.xml"
        (Import-Clixml "$TestDrive/beta.xml").GetType().FullName | Should -Be 'Microsoft.Graph.Beta.PowerShell.Models.MicrosoftGraphUploadSession'
    }

    It 'needs no token, and sends none' {
        Disconnect-MgUpload
        Get-MgUploadSession -InputObject $session.UploadUrl | Should -Not -BeNullOrEmpty
        (Get-Requests 'upload')[-1].headers | ForEach-Object { $_[0] } | Should -Not -Contain 'authorization'
        Connect-Standin
    }

    It 'fails for a session that is gone, and serves the next' {
        $gone = New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = 'b.bin' }
        $gone | Remove-MgUploadSession
        $record = $null
        $states = @($gone, $session | Get-MgUploadSession -ErrorAction SilentlyContinue -ErrorVariable record)
        $states.Count | Should -Be 1
        $record[0].Exception.Kind | Should -Be 'SessionExpired'
        $record[0].Exception.HttpStatus | Should -Be 404
    }

    It 'shortens the URL in its table' {
        $shown = $session | Get-MgUploadSession | Out-String
        $shown | Should -Not -BeLike "*$([uri]::new($session.UploadUrl).PathAndQuery)*"
        $shown | Should -BeLike '*ExpirationDateTime*NextExpectedRanges*UploadUrl*'
    }
}
