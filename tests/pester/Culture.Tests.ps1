# The module under cultures with other numbers, other years and another i: what is sent, read and chosen is the same everywhere.

Describe 'Under <_>' -ForEach 'de-DE', 'sv-SE', 'th-TH', 'tr-TR' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        Connect-Standin
        $file = New-TestFile "$TestDrive/a.bin" 3000000
        $culture = [cultureinfo]::CurrentCulture
        function Get-Sent { ConvertTo-Canonical (ConvertFrom-JsonText @(Get-Requests)[-1].body) }
    }

    AfterAll {
        [cultureinfo]::CurrentCulture = $culture
        Stop-Standin
    }

    BeforeEach {
        Reset-Standin
        Reset-State
        [cultureinfo]::CurrentCulture = [cultureinfo]::new($_)
    }

    AfterEach { [cultureinfo]::CurrentCulture = $culture }

    It 'a request is the same' {
        $time = [datetime]::new(2024, 7, 1, 12, 30, 15, [System.DateTimeKind]::Utc)
        @{ DriveId = 1.5; DriveItemId = 'i:/a:' } | New-MgDriveItemUploadSession -Headers @{ 'X-Number' = 1.5; 'X-Many' = 0.5, -2 } -BodyParameter @{
            item = @{ name = 'a'; fileSize = 1234567; half = 1.5; less = -7; at = $time; fileSystemInfo = @{ createdDateTime = $time } }
        } -ErrorAction SilentlyContinue | Out-Null
        $request = @(Get-Requests)[-1]
        $request.target | Should -Be '/v1.0/drives/1.5/items/i:/a:/microsoft.graph.createUploadSession'
        Get-Sent | Should -Be '{"item":{"at":"2024-07-01T12:30:15Z","fileSize":1234567,"fileSystemInfo":{"createdDateTime":"2024-07-01T12:30:15.0000000Z"},"half":1.5,"less":-7,"name":"a"}}'
        $headers = $request.headers | ForEach-Object { "$($_[0].ToLowerInvariant())=$($_[1])" }
        $headers | Should -Contain 'x-number=1.5'
        $headers | Should -Contain 'x-many=0.5, -2'
    }

    It 'a family and a conflict behavior are known in any case' {
        $session = New-MgPrintPrinterJobDocumentUploadSession -PrinterId p -PrintJobId j -PrintDocumentId doc -Properties @{ documentName = 'a.pdf'; contentType = 'application/pdf'; size = $file.Length }
        ($session.UploadUrl | Send-MgUploadSession $file.FullName -Family PRINT).Family | Should -Be 'print'
        $session = New-MgUserDriveRootUploadSession -UserId u -DriveId d -BodyParameter @{ deferCommit = $true; item = @{ name = 'i.bin' } }
        $session | Send-MgUploadSession $file.FullName -DeferCommit | Out-Null
        ($session | Complete-MgUploadSession -ConflictBehavior FAIL).name | Should -Be 'i.bin'
    }

    It 'an upload, its times and what is left open are read' {
        $session = New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = 'a.bin' }
        [math]::Abs(($session.ExpirationDateTime.ToUniversalTime() - [datetime]::UtcNow).TotalDays) | Should -BeLessThan 400
        Add-Fault @{ route = 'put' } @{ answer = @{ status = 403; code = 'accessDenied' } }
        $session | Send-MgUploadSession $file.FullName -ErrorAction SilentlyContinue
        $open = Get-MgUploadSession
        [math]::Abs(($open.Created.ToUniversalTime() - [datetime]::UtcNow).TotalMinutes) | Should -BeLessThan 5
        [math]::Abs(($open.Expires.ToUniversalTime() - $session.ExpirationDateTime.ToUniversalTime()).TotalMinutes) | Should -BeLessThan 5
        $result = $open | Resume-MgUploadSession
        $result.Integrity | Should -Be 'Verified'
        $result.Rate | Should -BeGreaterThan 0
    }
}
