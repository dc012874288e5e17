# What a person sees and types: tables, completion, questions, errors that show no secret.

Describe 'At the prompt' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        $standin = Start-Standin
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
            (Get-MgUploadSession).Destination | Should -BeLike "/v1.0/drives/*/items/root:/Reports 2026/a.bin*"
            (Get-MgUploadSession | Format-List | Out-String -Width 300) | Should -BeLike "*/v1.0/drives/*/items/root:/Reports 2026/a.bin*"
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
            $row.Destination | Should -BeLike '*Reports 2026/a.bin*'
        }
    }

    Context 'Ctrl+C' {
        # From without, as a terminal does it; the signal is Unix's.
        It 'leaves one line, with the command that goes on: <what>' -Skip:$IsWindows -ForEach @(
            @{ what = 'in the middle of a fragment'; do = @{ stallMillis = 60000 } }
            @{ what = 'in a pause'; do = @{ answer = @{ status = 503; headers = @{ 'Retry-After' = '5' } } } }
        ) {
            Add-Fault @{ route = 'put'; nth = 3 } $do
            $session = New-Session
            $program, $words = Get-PowerShellCommand
            $start = [System.Diagnostics.ProcessStartInfo]::new($program)
            $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
            $script = "Import-Module '$manifest'; Send-MgUploadSession '$($file.FullName)' -InputObject '$($session.UploadUrl -replace "'", "''")' -Family drive -ChunkSize 320KB"
            @($words | Where-Object { $_ }) + '-NoProfile', '-Command', $script | ForEach-Object { $start.ArgumentList.Add($_) }
            $start.RedirectStandardOutput = $start.RedirectStandardError = $true
            $child = [System.Diagnostics.Process]::Start($start)
            try {
                $deadline = [datetime]::UtcNow.AddSeconds(60)
                while (@(Get-Requests 'upload' | Where-Object method -EQ 'PUT').Count -lt 3 -and [datetime]::UtcNow -lt $deadline) { [System.Threading.Thread]::Sleep(50) }
                $open = Get-MgUploadSession
                $open.State | Should -Be 'Running'
                # A moment, for the bar to be there, which cannot be taken away once the pipeline stops.
                [System.Threading.Thread]::Sleep(1500)
                & kill -s INT $child.Id
                $child.WaitForExit(15000) | Should -BeTrue
                $line = @($child.StandardOutput.ReadToEnd() -split '\r?\n' | Where-Object { $_ })
                $line | Should -Be "Stopped at 21 %. Go on with Resume-MgUploadSession -Id $($open.Id)"
                $child.StandardError.ReadToEnd() | Should -BeNullOrEmpty
            }
            finally { if (-not $child.HasExited) { $child.Kill() } }
            (Get-MgUploadSession).State, (Get-MgUploadSession).PercentComplete | Should -Be 'Interrupted', 21
            Invoke-Control '/faults' 'Delete' | Out-Null
            (Resume-MgUploadSession -Id $open.Id).Integrity | Should -Be 'Verified'
        }
    }

    Context 'While it lasts' {
        BeforeEach {
            $state = [initialsessionstate]::CreateDefault2()
            $state.ImportPSModule(((Get-Module MgUpload).Path -replace '\.dll$', '.psd1'))
            $shell = [powershell]::Create($state)
            function Send-Told([string] $Answer, [hashtable] $More = @{}) {
                Add-Fault @{ route = 'put'; nth = 3 } @{ answer = @{ status = 429; headers = @{ 'Retry-After' = $Answer } } }
                $shell.AddCommand('Send-MgUploadSession').AddParameters(@{ InputObject = New-Session; Path = $file.FullName; ChunkSize = 320KB } + $More).Invoke()
            }
        }

        AfterEach { $shell.Dispose() }

        It 'the bar counts down, says why, and counts only what has been taken' {
            (Send-Told '2').Integrity | Should -Be 'Verified'
            $waiting = @($shell.Streams.Progress | Where-Object StatusDescription -Like 'throttled*')
            $waiting.StatusDescription | Should -Contain 'throttled by the service (429), going on in 2 s'
            $waiting.StatusDescription | Should -Contain 'throttled by the service (429), going on in 1 s'
            $waiting.PercentComplete | Sort-Object -Unique | Should -Be 21
            $waiting[0].Activity | Should -Be 'Uploading local.bin'
            $shell.Streams.Progress[-1].RecordType | Should -Be 'Completed'
            $shell.Streams.Warning.Count | Should -Be 0 -Because '2 s are no long wait'
        }

        It 'a verbose line tells of each pause' {
            Send-Told '1' @{ Verbose = $true } | Out-Null
            $shell.Streams.Verbose.Message | Should -Contain 'Throttled by the service (429); going on in 1 s.'
        }

        It 'a warning tells of a long pause' {
            { Send-Told '31' @{ WarningAction = 'Stop' } } | Should -Throw '*Throttled by the service (429); going on in 31 s.*'
            (Get-MgUploadSession).PercentComplete | Should -Be 21 -Because 'it is stopped, and on record'
        }

        It '-Debug asks nothing, and shows requests with their ids and without secrets' {
            Add-Fault @{ route = 'put'; nth = 2 } @{ answer = @{ status = 503; code = 'serviceNotAvailable' } }
            $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
            $graph = $standin.graph
            $text = Invoke-PowerShell -NoProfile -NonInteractive -Command "
                Import-Module '$manifest'
                Connect-MgUpload -AccessToken (ConvertTo-SecureString 'a-secret-token' -AsPlainText -Force) -GraphEndpoint '$graph'
                New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/a.bin:' -Debug | Send-MgUploadSession '$($file.FullName)' -ChunkSize 960KB -Debug" 2>&1 | Out-String -Width 1000
            $text | Should -BeLike '*Verified*'
            $text | Should -BeLike '*DEBUG: The service is in trouble (503); going on in * s.*'
            $text | Should -Match 'DEBUG: POST \S+/drives/d/items/root:/a.bin:/microsoft.graph.createUploadSession -> 200, \d+ ms; request-id [0-9a-f-]{36}; client-request-id [0-9a-f-]{36}'
            # Windows' consoles have no such character.
            $cut = $IsWindows ? '\S' : '…'
            $text | Should -Match "DEBUG: PUT \S+/$cut \(bytes 0-983039/3000000\) -> 202"
            $text.Contains('a-secret-token') | Should -BeFalse
            foreach ($put in Get-Requests 'upload') { $text.Contains($put.target) | Should -BeFalse }
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

        It 'tells of a full disk as of everything else' -Skip:(-not $IsLinux) {
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
            $text | Should -BeLike '*Reports 2026/a.bin*'
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
        It 'fits 80 columns, without Markdown: <_>' -ForEach 'about_MgUpload', 'about_MgUpload_Network', 'about_MgUpload_Resume' {
            $lines = Get-Content (Join-Path (Split-Path (Get-Module MgUpload).Path) "en-US/$_.help.txt")
            @($lines | Where-Object Length -GT 80) | Should -BeNullOrEmpty
            @($lines -match '^[#|]|```') | Should -BeNullOrEmpty
        }

        It 'has lines that can be typed, where an address has a dollar: <_>' -ForEach 'about_MgUpload_Network' {
            $lines = Get-Content (Join-Path (Split-Path (Get-Module MgUpload).Path) "en-US/$_.help.txt") | Where-Object { $_ -match 'https:\S*\$' }
            $lines | Should -Not -BeNullOrEmpty
            $lines | Should -Match "'https:[^']*\$[^']*'"
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
