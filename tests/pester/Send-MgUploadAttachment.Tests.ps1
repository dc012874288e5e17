Describe 'Send-MgUploadAttachment' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        $small = New-TestFile "$TestDrive/small [1] ü.pdf" 1000
        $large = New-TestFile "$TestDrive/large.bin" 5000000
        $names = @{ small = $small; large = $large }

        function Get-PostPaths { @((Get-Posts).target -replace '^/v1.0', '') }
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Reset-State
        Connect-Standin
    }

    AfterEach { Get-Violations | Should -BeNullOrEmpty }

    It 'attaches small and large files to <what>' -ForEach @(
        @{ what = 'a message of one''s own'; place = @{ MessageId = 'm' }; path = '/me/messages/m/attachments' }
        @{ what = 'a message of another user'; place = @{ UserId = 'u@contoso.com'; MessageId = 'm' }; path = '/users/u%40contoso.com/messages/m/attachments' }
        @{ what = 'an event'; place = @{ EventId = 'e' }; path = '/me/events/e/attachments' }
        @{ what = 'an event of a group'; place = @{ GroupId = 'g'; EventId = 'e' }; path = '/groups/g/events/e/attachments' }
        @{ what = 'a post'; place = @{ GroupId = 'g'; ThreadId = 't'; PostId = 'p' }; path = '/groups/g/threads/t/posts/p/attachments' }
        @{ what = 'a task'; place = @{ TodoTaskListId = 'l'; TodoTaskId = 't' }; path = '/me/todo/lists/l/tasks/t/attachments' }
    ) {
        $results = $small, $large | Send-MgUploadAttachment @place
        $results.Status | Should -Be 'Uploaded', 'Uploaded'
        $results.Path | Should -Be $small.FullName, $large.FullName
        $results.Name | Should -Be 'small [1] ü.pdf', 'large.bin'
        $results | ForEach-Object Length | Should -Be 1000, 5000000
        $results.ItemId | Should -Be (Get-Stored).id
        $results[0].Destination | Should -Be "/v1.0$path"
        $results[0].PSObject.TypeNames[0] | Should -Be 'MgUpload.ItemResult'
        $results.Elapsed | Should -BeOfType timespan
        @($results.Error | Where-Object { $_ }) | Should -BeNullOrEmpty
        Get-PostPaths | Should -Be $path, "$path/microsoft.graph.createUploadSession"
        (Get-Stored).sha256 | Should -Be @($small, $large | ForEach-Object { (Get-FileHash -LiteralPath $_.FullName).Hash.ToLower() })
    }

    It 'takes wildcards, and literal paths' {
        Push-Location $TestDrive
        try {
            (Send-MgUploadAttachment small*, large.bin -MessageId m).Count | Should -Be 2
            (Send-MgUploadAttachment -LiteralPath 'small [1] ü.pdf' -MessageId n).Status | Should -Be 'Uploaded'
        }
        finally { Pop-Location }
    }

    It 'says what cannot be sent, and sends the rest' {
        $results = Send-MgUploadAttachment -LiteralPath $TestDrive, '/no/such/file', $small.FullName -MessageId m -ErrorVariable failures -ErrorAction SilentlyContinue
        $results.Status | Should -Be 'Uploaded'
        $failures.FullyQualifiedErrorId | Should -Be (@('SourceMissing,MgUpload.Cmdlets.SendMgUploadAttachmentCommand') * 2)
        { Send-MgUploadAttachment '/no/such/*.file' -MessageId m -ErrorAction Stop } | Should -Throw -ErrorId 'SourceMissing*'
        { Send-MgUploadAttachment -MessageId m } | Should -Throw '*No file*'
        { Send-MgUploadAttachment -LiteralPath $small.FullName -EventId e -UserId u -GroupId g -ErrorAction Stop } | Should -Throw '*both were named*'
    }

    It 'sends the files that a pattern finds beside a folder' {
        $mixed = New-Item -ItemType Directory "$TestDrive/mixed"
        $folder = New-Item -ItemType Directory "$mixed/a folder"
        foreach ($name in 'b.bin', 'c.bin') { New-TestFile "$mixed/$name" 100 | Out-Null }
        $results = Send-MgUploadAttachment "$mixed/*" -MessageId m -ErrorVariable failures -ErrorAction SilentlyContinue
        $results.Name | Should -Be 'b.bin', 'c.bin'
        $failures.TargetObject, "$($failures.CategoryInfo.Category)" | Should -Be $folder.FullName, 'ObjectNotFound'
        (Send-MgUploadAttachment "$mixed/none.bin", "$mixed/b.bin" -MessageId n -ErrorVariable failures -ErrorAction SilentlyContinue).Name | Should -Be 'b.bin'
        $failures.TargetObject | Should -Be "$mixed/none.bin"
        { Send-MgUploadAttachment "$mixed/*" -MessageId o -ErrorAction Stop } | Should -Throw '*is a folder*'
        (Get-Stored).Count | Should -Be 3
    }

    It 'writes an object and an error for a file that fails, and goes on' {
        Add-Fault @{ method = 'POST'; nth = 1 } @{ answer = @{ status = 400; code = 'ErrorInvalidRequest'; message = 'No.' } }
        $results = $small, $large | Send-MgUploadAttachment -MessageId m -ErrorVariable failures -ErrorAction SilentlyContinue
        $results.Status | Should -Be 'Failed', 'Uploaded'
        $results[0].Error.FullyQualifiedErrorId | Should -BeLike 'ErrorInvalidRequest*'
        $failures.Count | Should -Be 1
        $failures[0].TargetObject | Should -Be $small.FullName
        "$($failures[0])".StartsWith("'$($small.FullName)': No.") | Should -BeTrue
    }

    It 'finds out first that a message is no draft' {
        $failed = { Send-MgUploadAttachment $large.FullName -MessageId sent1 -ErrorAction Stop } | Should -Throw -PassThru
        $failed.Exception.Fact('reason') | Should -Be 'notDraft'
        $failed.ErrorDetails.RecommendedAction | Should -BeLike '*draft*'
        Get-Posts | Should -BeNullOrEmpty
    }

    It 'names the permission that is missing' {
        $failed = { Send-MgUploadAttachment $large.FullName -MessageId denied -ErrorAction Stop } | Should -Throw -PassThru
        $failed.ErrorDetails.RecommendedAction | Should -BeLike '*Mail.ReadWrite*'
        Connect-Standin 'app'
        $failed = { Send-MgUploadAttachment $large.FullName -TodoTaskListId l -TodoTaskId t -ErrorAction Stop } | Should -Throw -PassThru
        $failed.ErrorDetails.RecommendedAction | Should -BeLike '*Tasks.ReadWrite*'
    }

    It 'finds out first that the sum is too large' {
        { Send-MgUploadAttachment $large.FullName -MessageId m -MessageSizeLimit 5MB -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidInput*'
        Get-Posts | Should -BeNullOrEmpty
        (Send-MgUploadAttachment $large.FullName -MessageId m -MessageSizeLimit 7MB).Status | Should -Be 'Uploaded'
    }

    It 'warns of more than mailboxes take as a rule' {
        $huge = New-TestFile "$TestDrive/huge.bin" 30000000
        Send-MgUploadAttachment $huge.FullName -MessageId m -WarningVariable warnings -WarningAction SilentlyContinue | Should -Not -BeNullOrEmpty
        "$warnings" | Should -BeLike '*35 MB*'
    }

    It 'attaches nothing twice, unless it is told to' {
        $small, $large | Send-MgUploadAttachment -MessageId m | Out-Null
        $again = $small, $large | Send-MgUploadAttachment -MessageId m -WarningVariable warnings -WarningAction SilentlyContinue
        $again.Status | Should -Be 'Skipped', 'Skipped'
        $warnings.Count | Should -Be 2
        (Get-Stored).Count | Should -Be 2
        ($small | Send-MgUploadAttachment -MessageId m -Force).Status | Should -Be 'Uploaded'
        (Get-Stored).Count | Should -Be 3
    }

    It 'attaches once what is named twice, by whatever spelling' {
        (Send-MgUploadAttachment $large.FullName, "$TestDrive/./large.bin" -MessageId m).Status | Should -Be 'Uploaded'
        ($large, (Get-Item "$TestDrive/../$(Split-Path -Leaf $TestDrive)/large.bin"), $large | Send-MgUploadAttachment -MessageId n).Status | Should -Be 'Uploaded'
        (Get-Stored).Count | Should -Be 2
    }

    It 'shows files in the body' {
        Invoke-Control '/config' 'Post' @{ outlook = @{ body = '<img src="cid:logo">' } } | Out-Null
        Send-MgUploadAttachment -LiteralPath $small.FullName, $large.FullName -MessageId m -Inline -ContentId logo, chart -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null
        "$warnings" | Should -BeLike '*chart*'
        $posts = Get-Requests 'graph' | Where-Object method -EQ 'POST' | ForEach-Object { $_.body | ConvertFrom-Json -AsHashtable }
        $posts[0].contentId, $posts[0].isInline, $posts[0].contentType | Should -Be 'logo', $true, 'application/pdf'
        $posts[1].AttachmentItem.contentId, $posts[1].AttachmentItem.isInline | Should -Be 'chart', $true
        { Send-MgUploadAttachment -LiteralPath $small.FullName -MessageId m -Inline -ContentId a, b -ErrorAction Stop } | Should -Throw '*1 files and 2*'
        { Send-MgUploadAttachment -LiteralPath $small.FullName, $large.FullName -MessageId m -Inline -ContentId a -ErrorAction Stop } | Should -Throw '*2 files and 1*'
        { Send-MgUploadAttachment -LiteralPath $small.FullName -MessageId m -ContentId a -ErrorAction Stop } | Should -Throw '*body shows*'
    }

    It 'asks only, with -WhatIf' {
        $large | Send-MgUploadAttachment -MessageId m -WhatIf | Should -BeNullOrEmpty
        Get-Posts | Should -BeNullOrEmpty
    }

    It 'goes on with a large one' {
        Add-Fault @{ route = 'put'; nth = 2; times = 0 } @{ answer = @{ status = 403 } }
        $result = $large | Send-MgUploadAttachment -MessageId m -ErrorVariable failures -ErrorAction SilentlyContinue
        $result.Status | Should -Be 'Failed'
        $failures[0].ErrorDetails.RecommendedAction | Should -BeLike '*Resume-MgUploadSession -Id*'
        Invoke-Control '/faults' 'Delete' | Out-Null
        (Get-MgUploadSession | Resume-MgUploadSession).Length | Should -Be 5000000
        (Get-Stored).sha256 | Should -Be (Get-FileHash -LiteralPath $large.FullName).Hash.ToLower()
    }
}
