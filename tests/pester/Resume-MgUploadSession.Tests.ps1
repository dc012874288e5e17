Describe 'Resume-MgUploadSession' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        $chunk = 320KB
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Reset-State
        Connect-Standin
        $file = New-TestFile "$TestDrive/a.bin" 3000000

        # An upload that the service ends in its middle: it stays open.
        function Start-Broken([string] $Name = 'a.bin', [switch] $Deferred) {
            Add-Fault @{ route = 'put'; nth = 3 } @{ answer = @{ status = 403; code = 'accessDenied' } }
            $session = New-MgUserDriveRootUploadSession -UserId u -DriveId d -BodyParameter @{ item = @{ name = $Name }; deferCommit = [bool] $Deferred }
            $session | Send-MgUploadSession $file.FullName -ChunkSize $chunk -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            Invoke-Control '/faults' 'Delete' | Out-Null
            Invoke-Control '/requests' 'Delete' | Out-Null
        }

    }

    AfterEach {
        Get-Violations | Should -BeNullOrEmpty
    }

    It 'lists what is open, and goes on with it (<how>)' -ForEach @(
        @{ how = 'by object'; resume = { Get-MgUploadSession | Resume-MgUploadSession } }
        @{ how = 'by id'; resume = { Resume-MgUploadSession (Get-MgUploadSession).Id } }
        @{ how = 'by property'; resume = { [pscustomobject] @{ Id = (Get-MgUploadSession).Id } | Resume-MgUploadSession } }
        @{ how = 'by text'; resume = { (Get-MgUploadSession).Id | Resume-MgUploadSession } }
        @{ how = 'from a file'; resume = { Get-MgUploadSession | Export-Clixml "$TestDrive/o.xml"; Import-Clixml "$TestDrive/o.xml" | Resume-MgUploadSession } }
        @{ how = 'objects as argument'; resume = { Resume-MgUploadSession -Id @(Get-MgUploadSession) } }
    ) {
        Start-Broken
        $open = @(Get-MgUploadSession)
        $open.Count | Should -Be 1
        $open[0].PSObject.TypeNames[0] | Should -Be 'MgUpload.OpenUpload'
        $open[0].Path, $open[0].Family, $open[0].Length | Should -Be $file.FullName, 'drive', 3000000
        $open[0].Destination | Should -Be '/v1.0/users/u/drives/d/root:/a.bin'
        $open[0].Created | Should -BeGreaterThan ([datetime]::Now.AddMinutes(-5))
        $open[0].Created | Should -BeLessOrEqual ([datetime]::Now)
        $open[0].Expires | Should -BeGreaterThan ([datetime]::Now)
        $open[0].PercentComplete | Should -BeGreaterOrEqual 0
        $result = & $resume
        $result.PSObject.TypeNames[0] | Should -Be 'MgUpload.UploadResult'
        $result.Integrity, $result.Path | Should -Be 'Verified', $file.FullName
        $result.BytesSent | Should -Be (3000000 - 2 * $chunk)
        (Get-Stored).sha256 | Should -Be (Get-FileHash -LiteralPath $file.FullName).Hash
        Get-MgUploadSession | Should -BeNullOrEmpty
    }

    It 'goes on in another process, and tells no upload URL' {
        Start-Broken
        $text = Get-MgUploadSession | Format-List * | Out-String
        $text | Should -Not -Match 'tempauth|/up/'
        $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
        Invoke-PowerShell -NoProfile -NonInteractive -Command "Import-Module '$manifest'; (Get-MgUploadSession | Resume-MgUploadSession).Length" | Should -Be 3000000
        (Get-Stored).sha256 | Should -Be (Get-FileHash -LiteralPath $file.FullName).Hash
    }

    It 'takes another size of requests, and works out the SHA-256' {
        Start-Broken
        $result = Get-MgUploadSession | Resume-MgUploadSession -ChunkSize 640KB -Sha256 -MaxAttempts 3 -WaitBudget 00:01:00
        $result.Sha256 | Should -Be (Get-FileHash -LiteralPath $file.FullName).Hash
        @(Get-Requests 'upload' | Where-Object method -EQ 'PUT')[0].bodyBytes | Should -Be 640KB
    }

    It 'leaves the commit with -DeferCommit' {
        Start-Broken -Deferred
        $id = (Get-MgUploadSession).Id
        $said = Resume-MgUploadSession $id -DeferCommit -Verbose 4>&1
        ($said | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] }).Committed | Should -BeFalse
        "$said" | Should -BeLike "*Complete-MgUploadSession -Id $id*"
        Get-Stored | Should -BeNullOrEmpty
        (Complete-MgUploadSession -Id $id).name | Should -Be 'a.bin'
        (Get-Stored).sha256 | Should -Be (Get-FileHash -LiteralPath $file.FullName).Hash
    }

    It 'refuses a file that is another by now, and goes on with -Force where that is right' {
        Start-Broken
        $id = (Get-MgUploadSession).Id
        (Get-Item -LiteralPath $file.FullName).LastWriteTimeUtc = [datetime]::UtcNow.AddHours(1)
        $record = $null
        Resume-MgUploadSession $id -ErrorAction SilentlyContinue -ErrorVariable record | Should -BeNullOrEmpty
        $record[0].FullyQualifiedErrorId | Should -Be 'SourceChanged,MgUpload.Cmdlets.ResumeMgUploadSessionCommand'
        $record[0].CategoryInfo.Category | Should -Be 'InvalidData'
        $record[0].TargetObject | Should -Be $id
        @(Get-Requests 'upload' | Where-Object method -EQ 'PUT') | Should -BeNullOrEmpty
        (Resume-MgUploadSession $id -Force).Integrity | Should -Be 'Verified'
    }

    It 'says what is wrong with <what>, and serves the next' -ForEach @(
        @{ what = 'an id that is none'; id = 'x/../y'; like = '*no id*' }
        @{ what = 'an id that is not open here'; id = 'abcdef'; like = '*abcdef*' }
    ) {
        Start-Broken
        $record = $null
        $results = @($id, (Get-MgUploadSession).Id | Resume-MgUploadSession -ErrorAction SilentlyContinue -ErrorVariable record)
        $results.Count | Should -Be 1
        $record.Count | Should -Be 1
        $record[0].FullyQualifiedErrorId | Should -BeLike 'InvalidInput,*'
        $record[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
        $record[0].TargetObject | Should -Be $id
        $record[0].Exception.Message | Should -BeLike $like
    }

    It 'says that the file is gone' {
        Start-Broken
        Remove-Item -LiteralPath $file.FullName
        $record = $null
        Get-MgUploadSession | Resume-MgUploadSession -ErrorAction SilentlyContinue -ErrorVariable record
        $record[0].FullyQualifiedErrorId | Should -BeLike 'SourceMissing,*'
        @(Get-MgUploadSession).Count | Should -Be 1
    }

    It 'sends nothing with -WhatIf' {
        Start-Broken
        Get-MgUploadSession | Resume-MgUploadSession -WhatIf | Should -BeNullOrEmpty
        @(Get-Requests 'upload') | Should -BeNullOrEmpty
        @(Get-MgUploadSession).Count | Should -Be 1
    }
}

Describe 'What is open' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        Connect-Standin
        Reset-State
        $file = New-TestFile "$TestDrive/a.bin" 1000000
        foreach ($name in 'a.bin', 'b.bin') {
            Add-Fault @{ route = 'put' } @{ answer = @{ status = 403; code = 'accessDenied' } }
            New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = $name } | Send-MgUploadSession $file.FullName -ErrorAction SilentlyContinue
        }
    }

    AfterAll {
        Stop-Standin
        Reset-State
    }

    It 'is nobody else''s to read' -Skip:$IsWindows {
        [System.IO.File]::GetUnixFileMode($env:MGUPLOAD_STATE) | Should -Be 'UserExecute, UserWrite, UserRead'
        foreach ($record in Get-ChildItem $env:MGUPLOAD_STATE) { [System.IO.File]::GetUnixFileMode($record.FullName) | Should -Be 'UserWrite, UserRead' }
    }

    It 'shows whole ids in its table' {
        $text = Get-MgUploadSession | Out-String -Width 80
        foreach ($id in (Get-MgUploadSession).Id) { $text | Should -BeLike "*$id*" }
    }

    It 'tells uploads apart that go to one place' {
        (Get-MgUploadSession).Destination | Sort-Object | Should -Be '/v1.0/users/u/drives/d/root:/a.bin', '/v1.0/users/u/drives/d/root:/b.bin'
    }

    It 'shows where an upload goes: <route>' -ForEach @(
        @{ route = 'a path'; create = { New-MgUserDriveItemUploadSession -UserId u -DriveId d -DriveItemId 'root:/x/c.bin:' }; like = '*/root:/x/c.bin' }
        @{ route = 'a folder'; create = { New-MgUserDriveItemUploadSession -UserId u -DriveId d -DriveItemId folder1 -Item @{ name = 'c.bin' } }; like = '*/items/folder1:/c.bin' }
        @{ route = 'an attachment'; create = { New-MgUserMessageAttachmentUploadSession -UserId u -MessageId m -AttachmentItem @{ attachmentType = 'file'; name = 'c.bin'; size = 3500000 } }; like = '*/messages/m/attachments (c.bin)' }
        @{ route = 'a document'; create = { New-MgPrintPrinterJobDocumentUploadSession -PrinterId p -PrintJobId j -PrintDocumentId doc -Properties @{ documentName = 'c.pdf'; contentType = 'application/pdf'; size = 3500000 } }; like = '*/documents/doc (c.pdf)' }
    ) {
        $big = New-TestFile "$TestDrive/big.bin" 3500000
        Add-Fault @{ route = 'put'; times = 0 } @{ answer = @{ status = 403; code = 'accessDenied' } }
        $session = & $create
        $session | Send-MgUploadSession $big.FullName -ErrorAction SilentlyContinue
        Invoke-Control '/faults' 'Delete' | Out-Null
        $open = Get-MgUploadSession | Where-Object Path -EQ $big.FullName
        $open.Destination | Should -BeLike $like
        $open | Remove-MgUploadSession
    }

    It 'shows how much is there' {
        $record = Get-ChildItem $env:MGUPLOAD_STATE -Filter *.json | Select-Object -First 1
        $text = Get-Content -Raw $record.FullName
        try {
            Set-Content $record.FullName ($text -replace '"position":\d+', '"position":1000000')
            $open = Get-MgUploadSession | Where-Object Id -EQ $record.BaseName
            $open.BytesDone, $open.PercentComplete | Should -Be 1000000, 100
            $table = $open | Out-String -Width 80
            $table | Should -BeLike '*100 %*1000000*'
        }
        finally { Set-Content $record.FullName $text -NoNewline }
    }

    It 'warns of what is no record, and keeps it' {
        Set-Content "$env:MGUPLOAD_STATE/0123456789abcdef01234567.json" '{ "version": 99 }'
        Set-Content "$env:MGUPLOAD_STATE/1123456789abcdef01234567.json" 'no JSON'
        $warnings = $null
        @(Get-MgUploadSession -WarningVariable warnings -WarningAction SilentlyContinue).Count | Should -Be 2
        $warnings.Count | Should -Be 2
        "$warnings" | Should -BeLike '*0123456789abcdef01234567.json*version 99*1123456789abcdef01234567.json*damaged*'
        Remove-Item "$env:MGUPLOAD_STATE/?123456789abcdef01234567.json"
    }

    It 'can be asked about at the service' {
        $state = @(Get-MgUploadSession)[0] | Get-MgUploadSession
        $state | Should -BeOfType MgUpload.OpenUpload
        $state.BytesDone, $state.State | Should -Be 0, 'Interrupted'
    }

    It 'can be cancelled and forgotten, by object and by id' {
        $first, $second = Get-MgUploadSession
        $first | Remove-MgUploadSession -WhatIf
        @(Get-MgUploadSession).Count | Should -Be 2
        $first | Remove-MgUploadSession | Should -BeNullOrEmpty
        (Get-MgUploadSession).Id | Should -Be $second.Id
        Invoke-Control '/clock' 'Post' @{ advanceSeconds = 100000 } | Out-Null
        Remove-MgUploadSession -Id $second.Id -Verbose 4>&1 | Out-String | Should -BeLike '*gone already*'
        Get-MgUploadSession | Should -BeNullOrEmpty
        @(Invoke-Control '/sessions') | ForEach-Object { $_ } | Should -BeNullOrEmpty
    }
}
