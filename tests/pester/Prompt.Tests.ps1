# What a person sees and types: tables, completion, questions, errors that show no secret.

Describe 'At the prompt' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        $drive = 'b!-RIj2DuyvEyV1T4NlOaMHk8XkS_I8MdFlUCq1BlcjgmhRfAj3-Z8RY2VpuvV_tpd'

        function Complete([string] $Line) { (TabExpansion2 $Line $Line.Length).CompletionMatches }
        function New-Session([string] $Name = 'a.bin') { New-MgDriveItemUploadSession -DriveId $drive -DriveItemId "root:/Reports 2026/$($Name):" }
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Reset-State
        Connect-Standin
        $file = New-TestFile "$TestDrive/local.bin" 3000000

        function Start-Broken([string] $Name = 'a.bin') {
            Add-Fault @{ route = 'put'; nth = 3 } @{ answer = @{ status = 403; code = 'accessDenied' } }
            New-Session $Name | Send-MgUploadSession $file.FullName -ChunkSize 320KB -ErrorAction SilentlyContinue
            Invoke-Control '/faults' 'Delete' | Out-Null
            (Get-MgUploadSession | Where-Object Name -EQ $Name).Id
        }
    }

    Context 'An id' {
        It 'stands first, for <cmdlet>' -ForEach @(
            @{ cmdlet = 'Get-MgUploadSession'; check = { param($result) $result.Name | Should -Be 'a.bin' } }
            @{ cmdlet = 'Resume-MgUploadSession'; check = { param($result) $result.Integrity | Should -Be 'Verified' } }
            @{ cmdlet = 'Remove-MgUploadSession'; check = { Get-MgUploadSession | Should -BeNullOrEmpty } }
        ) {
            $id = Start-Broken
            & $check (& $cmdlet $id)
        }

        It 'is completed, with a tooltip, for <_>' -ForEach 'Get-MgUploadSession', 'Resume-MgUploadSession', 'Remove-MgUploadSession', 'Complete-MgUploadSession' {
            $id = Start-Broken
            foreach ($line in "$_ ", "$_ -Id ", "$_ -Id $($id.Substring(0, 4))", "$_ -Id a.b") {
                $match = @(Complete $line | Where-Object CompletionText -EQ $id)
                $match.Count | Should -Be 1 -Because $line
                $match[0].ToolTip | Should -BeLike "*local.bin*Reports 2026/a.bin*%*Interrupted*"
            }
        }

        It 'that is not open here says where to look' {
            foreach ($cmdlet in 'Get-MgUploadSession', 'Resume-MgUploadSession', 'Remove-MgUploadSession', 'Complete-MgUploadSession') {
                $record = { & $cmdlet abcdef -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidInput,*' -PassThru
                $record.ErrorDetails.RecommendedAction | Should -BeLike 'Get-MgUploadSession lists*' -Because $cmdlet
            }
        }
    }

    Context 'An open upload' {
        It 'keeps id and path when it is asked about, and knows what the service has' {
            $id = Start-Broken
            $asked = Get-MgUploadSession | Get-MgUploadSession
            $asked.Id, $asked.Path, $asked.State | Should -Be $id, $file.FullName, 'Interrupted'
            $asked.BytesDone | Should -Be (2 * 320KB)
            (Get-MgUploadSession -Refresh).BytesDone | Should -Be (2 * 320KB)
            @(Get-Requests 'upload' | Where-Object method -EQ 'GET').Count | Should -BeGreaterOrEqual 2
        }

        It 'is Complete where only the commit is left, and Expired where the service no longer knows it' {
            $session = New-MgDriveItemUploadSession -DriveId $drive -BodyParameter @{ deferCommit = $true } -DriveItemId 'root:/a.bin:'
            $session | Send-MgUploadSession $file.FullName -DeferCommit | Out-Null
            (Get-MgUploadSession).State | Should -Be 'Complete'
            (Get-MgUploadSession -Refresh).State, (Get-MgUploadSession -Refresh).PercentComplete | Should -Be 'Complete', 100
            Invoke-WebRequest -Method Delete -Uri $session.UploadUrl -NoProxy | Out-Null
            (Get-MgUploadSession -Refresh).State | Should -Be 'Expired'
        }
    }

    Context 'A table' {
        It 'shows open uploads in 80 columns: ids and lengths whole, a row a line' {
            $id = Start-Broken
            $lines = @(Get-MgUploadSession | Format-Table | Out-String -Width 80) -split '\r?\n' | Where-Object { $_ }
            $lines.Count | Should -Be 3
            $lines[2] | Should -BeLike "$id a.bin*Interrupted*%*3000000*"
        }

        It 'shows the end of a destination in 120 columns, decoded, and all of it in a list' {
            Start-Broken
            (Get-MgUploadSession | Format-Table | Out-String -Width 120) | Should -BeLike '*…*Reports 2026/a.bin*'
            (Get-MgUploadSession).Destination | Should -BeLike "/v1.0/drives/*/items/root:/Reports%202026/a.bin*"
            (Get-MgUploadSession | Format-List | Out-String -Width 300) | Should -BeLike "*/v1.0/drives/*/items/root:/Reports%202026/a.bin*"
        }

        It 'never cuts a length' {
            $result = [MgUpload.UploadResult] @{ Family = 'drive'; Integrity = 'Verified'; Name = 'x' * 60; Length = 268435456000; Destination = 'd' * 200 }
            foreach ($width in 80, 120) { ($result | Format-Table | Out-String -Width $width) | Should -BeLike '*268435456000*' }
        }

        It 'lets nothing act on the terminal, and keeps the data as it is' {
            $name = "`e[3m$([char] 0x9b)$([char] 0x202e)"
            $result = [MgUpload.UploadResult] @{ Family = 'drive'; Integrity = 'Verified'; Name = $name }
            foreach ($text in ($result | Format-Table | Out-String), ($result | Format-List | Out-String), ($result | Format-Custom | Out-String)) {
                $text | Should -BeLike '*\u{1b}`[3m\u{9b}\u{202e}*'
                $text | Should -Not -Match "`e\[3m|$([char] 0x9b)|$([char] 0x202e)"
            }
            $result.Name | Should -Be $name
        }

        It 'is a list for what follows another type, and shows no upload URL: <_>' -ForEach 'Out-String', 'Format-List', 'Format-Custom', 'Format-Table' {
            $session = New-Session
            $secret = [uri]::new($session.UploadUrl).PathAndQuery
            $result = New-Session 'b.bin' | Send-MgUploadSession $file.FullName
            foreach ($text in ($result, $session | & $_ | Out-String -Width 500), ($session, $result | & $_ | Out-String -Width 500), ((Get-Item $file), $session | & $_ | Out-String -Width 500)) {
                $text | Should -BeLike '*http://127.0.0.1*…*'
                $text.Contains($secret) | Should -BeFalse
            }
        }

        It 'exports to CSV what a person wants to know' {
            $result = New-Session | Send-MgUploadSession $file.FullName
            $row = $result | ConvertTo-Csv | ConvertFrom-Csv
            $row.Name, $row.ItemId, $row.WebUrl | Should -Be 'a.bin', $result.Item.id, ([string] $result.Item.webUrl)
            $row.ItemId | Should -Not -BeNullOrEmpty
            $row.Destination | Should -BeLike '*Reports%202026/a.bin*'
        }
    }

    Context 'An error record' {
        It 'carries no upload URL and no token anywhere: <what>' -ForEach @(
            @{ what = 'Send- of a session'; fail = { param($s) $s | Send-MgUploadSession "$TestDrive/none" -ErrorAction SilentlyContinue } }
            @{ what = 'Send- by name'; fail = { param($s) Send-MgUploadSession -InputObject $s -Content @(1) -SpoolLimit 0 -ErrorAction SilentlyContinue } }
            @{ what = 'Get- of a URL'; fail = { param($s) $s | Remove-MgUploadSession; Get-MgUploadSession -InputObject $s.UploadUrl -ErrorAction SilentlyContinue } }
            @{ what = 'Get- of a hashtable'; fail = { param($s) $s | Remove-MgUploadSession; Get-MgUploadSession -InputObject @{ uploadUrl = $s.UploadUrl } -ErrorAction SilentlyContinue } }
            @{ what = 'Get- of JSON'; fail = { param($s) $s | Remove-MgUploadSession; Get-MgUploadSession -InputObject $s.ToJsonString() -ErrorAction SilentlyContinue } }
            @{ what = 'text as bytes'; fail = { param($s) try { 'text' | Send-MgUploadSession -InputObject $s } catch { Write-Error -ErrorRecord $_ -ErrorAction SilentlyContinue } } }
            @{ what = 'New- with a header'; fail = { New-MgDriveItemUploadSession -DriveId denied -DriveItemId i -Headers $own -ErrorAction SilentlyContinue } }
        ) {
            $session = New-Session
            $own = @{ Authorization = 'Bearer ' + 'secret-of-mine' }
            $secrets = [uri]::new($session.UploadUrl).AbsolutePath, 'secret-of-mine'
            $Error.Clear()
            & $fail $session | Out-Null
            $Error.Count | Should -BeGreaterThan 0
            $Error | Export-Clixml -Depth 3 "$TestDrive/e.xml"
            $texts = @(($Error | ConvertTo-Json -Depth 4 -WarningAction Ignore), (Get-Content -Raw "$TestDrive/e.xml"), ($Error | Format-List * -Force | Out-String -Width 500), ($Error | Get-Error | Out-String -Width 500))
            foreach ($text in $texts) { foreach ($secret in $secrets) { $text.Contains($secret) | Should -BeFalse -Because $secret } }
        }

        It 'tells of a full disk as of everything else' -Skip:(-not (Test-Path /dev/full)) {
            $spool = [MgUpload.UploadResult].Assembly.GetType('MgUpload.Sources.SpoolFile')
            $made = $spool.GetConstructors('NonPublic,Instance,Public')[0].Invoke(@([long] 1000))
            $spool.GetField('_path', 'NonPublic,Instance').SetValue($made, '/dev/full')
            $spool.GetField('_file', 'NonPublic,Instance').SetValue($made, [System.IO.FileStream]::new('/dev/full', 'Open', 'Write', 'None', 4096))
            $stream = $spool.GetField('_file', 'NonPublic,Instance').GetValue($made)
            $stream.WriteByte(1)
            $failure = { $spool.GetMethod('Close', [System.Reflection.BindingFlags] 'NonPublic,Instance').Invoke($made, @()) } | Should -Throw -PassThru
            $failure.Exception.GetBaseException() | Should -BeOfType System.IO.IOException
            ("$($failure.Exception.InnerException)" + "$($failure.Exception.InnerException.InnerException)") | Should -BeLike '*MgUploadException*'
        }
    }

    Context 'A question' {
        It 'names file and destination: <what>' -ForEach @(
            @{ what = 'Send-'; ask = { New-Session | Send-MgUploadSession $file.FullName -WhatIf } }
            @{ what = 'Send- to an open upload'; ask = { Start-Broken | Out-Null; Get-MgUploadSession | Send-MgUploadSession $file.FullName -WhatIf } }
            @{ what = 'Resume-'; ask = { Resume-MgUploadSession (Start-Broken) -WhatIf } }
            @{ what = 'Remove-'; ask = { Remove-MgUploadSession (Start-Broken) -WhatIf } }
            @{ what = 'Complete-'; ask = { Complete-MgUploadSession (Start-Broken) -WhatIf } }
        ) {
            $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
            Start-Transcript "$TestDrive/t.txt" -UseMinimalHeader | Out-Null
            & $ask
            Stop-Transcript | Out-Null
            $text = Get-Content "$TestDrive/t.txt" | Where-Object { $_ -like 'What if*' }
            $text | Should -BeLike '*local.bin*'
            $text | Should -BeLike '*Reports%202026/a.bin*'
            $text | Should -Not -Match 'the open upload'
        }
    }

    Context 'A row with a file and its session' {
        It 'says how it is sent' {
            $errors = $null
            [pscustomobject] @{ Path = $file.FullName; Session = New-Session } | Send-MgUploadSession -ErrorAction SilentlyContinue -ErrorVariable errors
            $errors[-1].ErrorDetails.RecommendedAction | Should -BeLike '*ForEach-Object { Send-MgUploadSession $_.Path -Session $_.Session }*'
        }
    }

    Context 'Completion in a body' {
        It '<line> offers <text>' -ForEach @(
            @{ line = 'New-MgDriveItemUploadSession -Item @{ '; text = "'@microsoft.graph.conflictBehavior' = 'rename'" }
            @{ line = "New-MgDriveItemUploadSession -Item @{ name = 'x'; "; text = "'@microsoft.graph.conflictBehavior' = 'replace'" }
            @{ line = 'New-MgDriveItemUploadSession -DriveId d -BodyParameter @{ item = @{ '; text = "'@microsoft.graph.conflictBehavior' = 'fail'" }
            @{ line = 'New-MgBetaDriveItemUploadSession -Item @{ '; text = "'@microsoft.graph.conflictBehavior' = 'rename'" }
            @{ line = 'New-MgUserMessageAttachmentUploadSession -AttachmentItem @{ '; text = "'attachmentType' = 'file'" }
            @{ line = 'New-MgUserTodoListTaskAttachmentUploadSession -AttachmentInfo @{ '; text = "'attachmentType' = 'file'" }
        ) {
            (Complete $line).CompletionText | Should -Contain $text
        }
    }

    Context 'Help' {
        It 'fits 80 columns, without Markdown: <_>' -ForEach 'about_MgUpload', 'about_MgUpload_Network' {
            $lines = Get-Content (Join-Path (Split-Path (Get-Module MgUpload).Path) "en-US/$_.help.txt")
            @($lines | Where-Object Length -GT 80) | Should -BeNullOrEmpty
            @($lines -match '^[#|]|```') | Should -BeNullOrEmpty
        }

        It 'has a page in the network for <_>' -ForEach 'Send-MgUploadSession', 'Connect-MgUpload', 'New-MgDriveItemUploadSession' {
            (Get-Help $_).relatedLinks.navigationLink[0].uri | Should -BeLike 'https://*'
            (Get-Command $_).HelpUri | Should -BeLike 'https://*'
        }

        It 'lists what must be given first' {
            foreach ($name in (Get-Command -Module MgUpload).Name) {
                foreach ($item in @((Get-Help $name).syntax.syntaxItem)) {
                    $required = @($item.parameter | ForEach-Object { $_.required -eq 'true' })
                    $first = $required.IndexOf($false)
                    if ($first -ge 0) { $required[$first..($required.Count)] | Should -Not -Contain $true -Because $name }
                }
            }
        }

        It 'says that To Do takes no application permissions' {
            (Get-Help New-MgUserTodoListTaskAttachmentUploadSession).description.Text -join "`n" | Should -BeLike '*Application: Not supported*'
        }
    }
}
