Describe 'Remove-MgUploadSession' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Connect-Standin
        $session = New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = 'a.bin' }
    }

    It 'cancels a session' {
        $session | Remove-MgUploadSession | Should -BeNullOrEmpty
        @(Get-Requests 'upload').method | Should -Be 'DELETE'
        @(Invoke-Control '/sessions') | ForEach-Object { $_ } | Should -BeNullOrEmpty
    }

    It 'is content with a session that is gone' {
        $session | Remove-MgUploadSession
        $session | Remove-MgUploadSession -ErrorAction Stop
    }

    It 'sends nothing with -WhatIf' {
        $session | Remove-MgUploadSession -WhatIf
        @(Get-Requests 'upload') | Should -BeNullOrEmpty
    }

    It 'takes many from the pipeline' {
        $other = New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = 'b.bin' }
        $session, $other.UploadUrl | Remove-MgUploadSession
        @(Get-Requests 'upload').Count | Should -Be 2
    }
}
