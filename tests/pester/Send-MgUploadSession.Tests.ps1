Describe 'Send-MgUploadSession' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        $standin = Start-Standin
        $file = New-TestFile "$TestDrive/a [1] ü#%.bin" 3000000
        $hash = (Get-FileHash -LiteralPath $file.FullName).Hash

        function New-Session([string] $Name = 'a.bin') { New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = $Name; '@microsoft.graph.conflictBehavior' = 'replace' } }
        function Get-Stored { @(Invoke-Control '/files') | ForEach-Object { $_ } | Select-Object -Last 1 }
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Reset-State
        Connect-Standin
    }

    AfterEach {
        Get-Violations | Should -BeNullOrEmpty
    }

    It 'uploads a file to a session from the pipeline' {
        $result = New-Session | Send-MgUploadSession -Path $file.FullName -ChunkSize 1MB
        $result.PSObject.TypeNames[0] | Should -Be 'MgUpload.UploadResult'
        $result.Path | Should -Be $file.FullName
        $result.Family, $result.Length, $result.BytesSent, $result.Retries | Should -Be 'drive', 3000000, 3000000, 0
        $result.Elapsed | Should -BeOfType timespan
        $result.Rate | Should -BeGreaterThan 0
        $result.Item.name | Should -Be 'a.bin'
        $result.Hash | Should -Be (Get-Stored).quickXorHash
        $result.Integrity | Should -Be 'Verified'
        (Get-Stored).sha256 | Should -Be $hash
        # 1 MiB is no multiple of 320 KiB: it is rounded down.
        @(Get-Requests 'upload' | Where-Object method -EQ 'PUT').Count | Should -Be 4
    }

    It 'sends no token to the upload URL' {
        New-Session | Send-MgUploadSession $file.FullName | Out-Null
        Get-Requests 'upload' | ForEach-Object { $_.headers } | ForEach-Object { $_[0] } | Should -Not -Contain 'authorization'
    }

    It 'takes a session as <kind>' -ForEach @(
        @{ kind = 'a hashtable'; convert = { param($s) @{ uploadUrl = $s.UploadUrl } } }
        @{ kind = 'a PSCustomObject'; convert = { param($s) [pscustomobject] @{ UPLOADURL = $s.UploadUrl; other = 1 } } }
        @{ kind = 'the URL'; convert = { param($s) $s.UploadUrl } }
        @{ kind = 'a Uri'; convert = { param($s) [uri] $s.UploadUrl } }
        @{ kind = 'JSON text'; convert = { param($s) $s.ToJsonString() } }
        @{ kind = 'a deserialized object'; convert = { param($s) $s | Export-Clixml "$TestDrive/s.xml"; Import-Clixml "$TestDrive/s.xml" } }
        @{ kind = 'parsed JSON'; convert = { param($s) $s | ConvertTo-Json | ConvertFrom-Json } }
    ) {
        (& $convert (New-Session)) | Send-MgUploadSession $file.FullName | ForEach-Object Integrity | Should -Be 'Verified'
        (Get-Stored).sha256 | Should -Be $hash
    }

    It 'keeps the family of a session through Export-Clixml' {
        $session = New-MgPrintPrinterJobDocumentUploadSession -PrinterId p -PrintJobId j -PrintDocumentId doc -Properties @{ documentName = 'a.pdf'; contentType = 'application/pdf'; size = $file.Length }
        $session | Export-Clixml "$TestDrive/p.xml"
        $result = Import-Clixml "$TestDrive/p.xml" | Send-MgUploadSession $file.FullName
        $result.Family | Should -Be 'print'
        (Get-Stored).sha256 | Should -Be $hash
    }

    It 'finds the file as PowerShell does: <path>' -ForEach @(
        @{ path = '{0}/x/../a b[1].bin' }
        @{ path = '{0}//x/./../a b[1].bin' }
        @{ path = "$($IsWindows ? '' : '/'){0}/a b[1].bin" }
        @{ path = 'FileSystem::{0}/a b[1].bin' }
        @{ path = 'a b[1].bin'; at = '{0}' }
        @{ path = 'a b[1].bin'; at = 'Rooted:/' }
        @{ path = 'Rooted:/a b[1].bin' }
        @{ path = '{0}/a b[1].bin'; at = 'Rooted:/' }
        @{ path = '{0}/a b[1].bin'; at = 'Env:/' }
        @{ path = "{0}/a`0b"; fails = $true }
    ) {
        $folder = (New-Item -ItemType Directory -Force "$TestDrive/paths").FullName
        Set-Content -LiteralPath "$folder/a b[1].bin" "text`n" -NoNewline
        New-PSDrive -Name Rooted -PSProvider FileSystem -Root $folder | Out-Null
        $session = New-Session
        Push-Location -LiteralPath ($at ? ($at -f $folder) : $PWD.Path)
        try { $result = $session | Send-MgUploadSession -Path ($path -f $folder) -ErrorAction SilentlyContinue -ErrorVariable failure }
        finally { Pop-Location }
        if ($fails) {
            $failure.Count | Should -Be 1
            $failure[0].Exception | Should -BeOfType ([MgUpload.Native.MgUploadException])
        }
        else {
            $failure | Should -BeNullOrEmpty
            $result.Length | Should -Be 5
        }
    }

    It 'binds paths from Get-ChildItem and by PSPath, without wildcards' {
        Get-Item -LiteralPath $file.FullName | Send-MgUploadSession -InputObject (New-Session) | ForEach-Object Length | Should -Be 3000000
        Push-Location -LiteralPath $TestDrive
        try { New-Session | Send-MgUploadSession -LiteralPath $file.Name | ForEach-Object Path | Should -Be $file.FullName }
        finally { Pop-Location }
    }

    It 'goes on after a fault: <name>' -ForEach @(
        @{ name = 'a 503 with Retry-After'; on = @{ route = 'put' }; do = @{ answer = @{ status = 503; headers = @{ 'Retry-After' = '1' } } } }
        @{ name = 'a lost answer'; on = @{ route = 'put' }; do = @{ reset = 'after-store' } }
        @{ name = 'a cut connection'; on = @{ route = 'put' }; do = @{ reset = 'body'; afterBytes = 100000 } }
    ) {
        $session = New-Session
        Add-Fault $on $do
        $result = $session | Send-MgUploadSession $file.FullName -ChunkSize 1MB
        $result.Integrity | Should -Be 'Verified'
        $result.Requests | Should -BeGreaterThan 4 -Because 'the service was asked, or a request was repeated'
        (Get-Stored).sha256 | Should -Be $hash
    }

    It 'refuses <what>' -ForEach @(
        @{ what = 'a missing file'; path = { "$TestDrive/none" }; id = 'SourceMissing'; category = 'ObjectNotFound'; like = '*no such file*' }
        @{ what = 'a folder'; path = { "$TestDrive" }; id = 'SourceMissing'; category = 'ObjectNotFound'; like = '*folder*' }
        @{ what = 'a path of another provider'; path = { 'Variable:/x' }; id = 'InvalidInput'; category = 'InvalidArgument'; like = '*file system*' }
    ) {
        $record = $null
        $sent = (New-Session) | Send-MgUploadSession -Path (& $path) -ErrorAction SilentlyContinue -ErrorVariable record
        $sent | Should -BeNullOrEmpty
        $record[0].FullyQualifiedErrorId | Should -BeLike "$id,MgUpload.Cmdlets.SendMgUploadSessionCommand"
        $record[0].CategoryInfo.Category | Should -Be $category
        $record[0].TargetObject | Should -Not -BeNullOrEmpty
        $record[0].Exception.Message | Should -BeLike $like
        @(Get-Requests 'upload') | Should -BeNullOrEmpty
    }

    It 'sends an empty file to a drive, where it is known what made the session' {
        $empty = New-Item "$TestDrive/empty" -Force
        (New-Session | Send-MgUploadSession $empty.FullName).Item.size | Should -Be 0
        $record = $null
        (New-Session 'b.bin').UploadUrl | Send-MgUploadSession $empty.FullName -ErrorAction SilentlyContinue -ErrorVariable record | Should -BeNullOrEmpty
        $record[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
        $record[0].Exception.Message | Should -BeLike '*empty*'
        @(Get-Requests 'upload' | Where-Object method -EQ 'PUT') | Should -BeNullOrEmpty
    }

    It 'refuses a file that <family> does not take, before anything is sent: <length> bytes' -ForEach @(
        @{ family = 'outlook'; length = 2999999; like = '*least*'; advice = '*Send-MgUploadAttachment*' }
        @{ family = 'outlook'; length = 157286401; like = '*157286400*'; advice = '*New-MgUserDriveItemUploadSession*' }
        @{ family = 'todo'; length = 26214401; like = '*26214400*'; advice = '*New-MgUserDriveItemUploadSession*' }
    ) {
        $other = [System.IO.File]::Create("$TestDrive/window.bin")
        $other.SetLength($length)
        $other.Dispose()
        $session = $family -eq 'outlook' ?
            (New-MgUserMessageAttachmentUploadSession -UserId u -MessageId m -AttachmentItem @{ attachmentType = 'file'; name = 'a.bin'; size = 5000000 }) :
            (New-MgUserTodoListTaskAttachmentUploadSession -UserId u -TodoTaskListId l -TodoTaskId t -AttachmentInfo @{ attachmentType = 'file'; name = 'a.bin'; size = 5000000 })
        $record = $null
        $session | Send-MgUploadSession "$TestDrive/window.bin" -ErrorAction SilentlyContinue -ErrorVariable record | Should -BeNullOrEmpty
        $record[0].FullyQualifiedErrorId | Should -BeLike 'InvalidInput,*'
        $record[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
        $record[0].Exception.Message | Should -BeLike $like
        $record[0].ErrorDetails.RecommendedAction | Should -BeLike $advice
        @(Get-Requests 'upload') | Should -BeNullOrEmpty
    }

    It 'tells what became of the bytes, and how long it was made to wait' {
        $session = New-Session
        Add-Fault @{ route = 'put' } @{ answer = @{ status = 429; headers = @{ 'Retry-After' = '1' } } }
        $result = $session | Send-MgUploadSession $file.FullName -Sha256 -MaxAttempts 5 -WaitBudget 00:00:30
        $result.Committed | Should -BeTrue
        $result.Sha256 | Should -Be $hash
        $result.ServiceHash | Should -Be $result.Hash
        $result.ThrottledTime | Should -BeGreaterThan ([timespan] '00:00:00.9')
    }

    It 'gives up when the wait budget is used up, and the session goes on' {
        $session = New-Session
        Add-Fault @{ route = 'put'; times = 1 } @{ answer = @{ status = 429; headers = @{ 'Retry-After' = '60' } } }
        $record = $null
        $session | Send-MgUploadSession $file.FullName -WaitBudget 00:00:02 -ErrorAction SilentlyContinue -ErrorVariable record | Should -BeNullOrEmpty
        $record[0].CategoryInfo.Category | Should -Be 'LimitsExceeded'
        $record[0].Exception.RetryAfter | Should -Be ([timespan] '00:01:00')
        @(Get-MgUploadSession | Where-Object Path -EQ $file.FullName).Count | Should -Be 1
    }

    It 'gives up after -MaxAttempts' {
        $session = New-Session
        Add-Fault @{ route = 'any'; listener = 'upload'; times = 0 } @{ answer = @{ status = 503 } }
        $record = $null
        $session | Send-MgUploadSession $file.FullName -MaxAttempts 2 -ErrorAction SilentlyContinue -ErrorVariable record | Should -BeNullOrEmpty
        $record[0].FullyQualifiedErrorId | Should -BeLike 'ServerFault,*'
        @(Get-Requests 'upload' | Where-Object method -EQ 'PUT').Count | Should -BeLessOrEqual 2
    }

    It 'warns that -DeferCommit comes too late for a session that was made without it' {
        $warnings = $null
        (New-Session | Send-MgUploadSession $file.FullName -DeferCommit -WarningVariable warnings -WarningAction SilentlyContinue).Committed | Should -BeTrue
        "$warnings" | Should -BeLike '*deferCommit*'
    }

    It 'warns when no record can be kept' -Skip:($IsWindows -or $env:USER -eq 'nobody') {
        Reset-State
        Set-Content $env:MGUPLOAD_STATE 'in the way'
        $warnings = $null
        (New-Session | Send-MgUploadSession $file.FullName -WarningVariable warnings -WarningAction SilentlyContinue).Integrity | Should -Be 'Verified'
        Reset-State
        "$warnings" | Should -BeLike '*cannot be resumed after a crash*'
    }

    It 'refuses the session <name> and shows no secret' -ForEach @(
        @{ name = 'without a URL'; value = { @{ a = 1 } } }
        @{ name = 'with an empty URL'; value = { @{ uploadUrl = '' } } }
        @{ name = 'over plain http'; value = { 'http://up.example.com/secret?token=secret' } }
        @{ name = 'that is no URL'; value = { 'secret' } }
        @{ name = 'that is a number'; value = { 5 } }
    ) {
        $record = $null
        (& $value) | Send-MgUploadSession $file.FullName -ErrorAction SilentlyContinue -ErrorVariable record
        $record[0].FullyQualifiedErrorId | Should -BeLike 'InvalidInput,*'
        $record[0].Exception.Message | Should -Not -BeLike '*token=*'
    }

    It 'serves the next record after a bad one' {
        $results = @(@{ a = 1 }, (New-Session) | Send-MgUploadSession $file.FullName -ErrorAction SilentlyContinue)
        $results.Count | Should -Be 1
    }

    It 'uploads nothing with -WhatIf' {
        New-Session | Send-MgUploadSession $file.FullName -WhatIf | Should -BeNullOrEmpty
        @(Get-Requests 'upload') | Should -BeNullOrEmpty
    }

    It 'makes a session anew that this process made and that is gone' {
        $session = New-Session
        $session | Remove-MgUploadSession
        $session | Send-MgUploadSession $file.FullName | ForEach-Object Integrity | Should -Be 'Verified'
        (Get-Stored).sha256 | Should -Be $hash
    }

    It 'does not put a second file in the place of the first: <how>' -ForEach @(
        @{ how = 'several files from the pipeline'; send = { param($s) Get-ChildItem "$TestDrive/two" | Send-MgUploadSession -InputObject $s } }
        @{ how = 'one after the other'; send = { param($s) $s | Send-MgUploadSession "$TestDrive/two/1.bin"; $s | Send-MgUploadSession "$TestDrive/two/2.bin" } }
        @{ how = 'the second one in another process'; send = {
                param($s)
                $s | Export-Clixml "$TestDrive/two.xml"
                $s | Send-MgUploadSession "$TestDrive/two/1.bin"
                $env:MGUPLOAD_TEST_GRAPH = $standin.graph
                $text = "Import-Module '$((Get-Module MgUpload).Path -replace '\.dll$', '.psd1')'; Connect-MgUpload -AccessToken (ConvertTo-SecureString token -AsPlainText -Force) -GraphEndpoint `$env:MGUPLOAD_TEST_GRAPH; try { Import-Clixml '$TestDrive/two.xml' | Send-MgUploadSession '$TestDrive/two/2.bin' -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `$_.Exception.Message }"
                $said = Invoke-PowerShell -NoProfile -NonInteractive -Command $text
                Write-Error -ErrorId ($said[0]) -Message "$said"
            } }
    ) {
        New-Item -ItemType Directory -Force "$TestDrive/two" | Out-Null
        $first = New-TestFile "$TestDrive/two/1.bin" 400000
        $null = New-TestFile "$TestDrive/two/2.bin" 500000
        $session = New-Session
        $results = @(& $send $session -ErrorAction SilentlyContinue 2>&1)
        $records = @($results | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        @($results | Where-Object { $_ -isnot [System.Management.Automation.ErrorRecord] }).Integrity | Should -Be 'Verified'
        $records.Count | Should -Be 1
        $records[0].FullyQualifiedErrorId | Should -BeLike '*SessionExpired,*'
        "$($records[0])" | Should -BeLike '*1.bin*'
        @(Invoke-Control '/files' | ForEach-Object { $_ }).Count | Should -Be 1
        (Get-Stored).sha256 | Should -Be (Get-FileHash $first.FullName).Hash
        # The same file is found where it is.
        ($session | Send-MgUploadSession $first.FullName).Integrity | Should -Be 'Verified'
        @(Invoke-Control '/files' | ForEach-Object { $_ }).Count | Should -Be 1
    }

    It 'leaves a session that is complete to Complete-MgUploadSession' {
        $session = New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = 'a.bin' } -AdditionalProperties @{ deferCommit = $true }
        $session | Send-MgUploadSession $file.FullName -DeferCommit | Out-Null
        $complete = $session | Get-MgUploadSession
        Reset-State
        Invoke-Control '/requests' 'Delete' | Out-Null
        $record = { $complete | Send-MgUploadSession $file.FullName -ErrorAction Stop } | Should -Throw -PassThru
        $record.Exception.Message | Should -BeLike '*every byte has arrived*'
        $record.ErrorDetails.RecommendedAction | Should -BeLike '*Complete-MgUploadSession*'
        @(Get-Requests 'upload' | Where-Object method -EQ 'PUT') | Should -BeNullOrEmpty
        ($complete | Complete-MgUploadSession).size | Should -Be 3000000
    }

    It 'compares the size that a session was made for' {
        $session = New-MgUserMessageAttachmentUploadSession -UserId u -MessageId m -AttachmentItem @{ attachmentType = 'file'; name = 'a.bin'; size = 5242880 }
        $other = New-TestFile "$TestDrive/other.bin" 5243065
        $record = { $session | Send-MgUploadSession $other.FullName -ErrorAction Stop } | Should -Throw -PassThru
        $record.Exception.Message | Should -BeLike '*made for 5242880 bytes*5243065*'
        @(Get-Requests 'upload') | Should -BeNullOrEmpty
    }

    It 'says what to do when the session is gone' {
        $session = New-Session
        $session | Remove-MgUploadSession
        # From the URL alone: what made the session is not known, so it cannot be made again.
        $record = { $session.UploadUrl | Send-MgUploadSession $file.FullName -ErrorAction Stop } | Should -Throw -PassThru
        $record.Exception.Kind | Should -Be 'SessionExpired'
        $record.CategoryInfo.Category | Should -Be 'ResourceUnavailable'
        $record.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'says how to go on, with the id: <what>' -ForEach @(
        @{ what = 'by object'; send = { param($s) $s | Send-MgUploadSession $file.FullName -ErrorAction Stop } }
        @{ what = 'by URL'; send = { param($s) $s.UploadUrl | Send-MgUploadSession $file.FullName -ErrorAction Stop } }
        @{ what = 'by the open upload'; send = { param($s) $s | Send-MgUploadSession $file.FullName -ErrorAction Ignore; Get-MgUploadSession | Select-Object -First 1 | Send-MgUploadSession $file.FullName -ErrorAction Stop } }
        @{ what = 'from Resume-'; send = { param($s) $s | Send-MgUploadSession $file.FullName -ErrorAction Ignore; Get-MgUploadSession | Select-Object -First 1 | Resume-MgUploadSession -ErrorAction Stop } }
    ) {
        Add-Fault @{ route = 'put'; times = 0 } @{ answer = @{ status = 403; code = 'accessDenied' } }
        $session = New-Session
        $record = { & $send $session } | Should -Throw -PassThru
        $id = (Get-MgUploadSession).Id
        $id | Should -Match '^[0-9a-f]{24}$'
        # The same file on its way to elsewhere.
        New-Session 'other.bin' | Send-MgUploadSession $file.FullName -ErrorAction SilentlyContinue
        $record.ErrorDetails.RecommendedAction | Should -BeLike "*Go on with: Resume-MgUploadSession -Id $id"
        $record.Exception.Advice | Should -Be $record.ErrorDetails.RecommendedAction
        Invoke-Control '/faults' 'Delete' | Out-Null
        (Resume-MgUploadSession -Id $id).Item.name | Should -Be 'a.bin'
    }

    It 'names the new session where the old one was gone' {
        Invoke-Control '/config' 'Post' @{ deadSessions = 1 } | Out-Null
        Add-Fault @{ route = 'put'; part = 'last' } @{ answer = @{ status = 403; code = 'accessDenied' } }
        $session = New-Session
        $record = { $session | Send-MgUploadSession $file.FullName -ChunkSize 1MB -ErrorAction Stop } | Should -Throw -PassThru
        $record.ErrorDetails.RecommendedAction | Should -BeLike "*Resume-MgUploadSession -Id $((Get-MgUploadSession).Id)"
    }

    It 'names no id where there is nothing to go on with' {
        $session = New-Session
        $record = { $session | Send-MgUploadSession "$TestDrive/none" -ErrorAction Stop } | Should -Throw -PassThru
        $record.ErrorDetails.RecommendedAction | Should -Not -BeLike '*-Id*'
    }

    It 'says after a name that is taken what puts the file in place' {
        $session = New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = 'a.bin'; '@microsoft.graph.conflictBehavior' = 'fail' }
        Invoke-Control '/config' 'Post' @{ drive = @{ items = @(@{ path = '/a.bin'; size = 5 }) } } | Out-Null
        $record = { $session | Send-MgUploadSession $file.FullName -ErrorAction Stop } | Should -Throw -PassThru
        $record.CategoryInfo.Category | Should -Be 'ResourceExists'
        $id = (Get-MgUploadSession).Id
        $record.ErrorDetails.RecommendedAction | Should -BeLike "*Go on with: Complete-MgUploadSession -Id $id -ConflictBehavior rename (or replace)"
        (Complete-MgUploadSession -Id $id -ConflictBehavior rename).name | Should -Be 'a 1.bin'
        (Get-Stored).sha256 | Should -Be $hash
    }

    It 'blames no token where none was sent' {
        $session = New-Session
        Add-Fault @{ route = 'put' } @{ answer = @{ status = 403; code = 'accessDenied' } }
        $record = { $session | Send-MgUploadSession $file.FullName -ErrorAction Stop } | Should -Throw -PassThru
        $record.ErrorDetails.RecommendedAction | Should -BeLike 'No token is sent*'
        $record = { New-MgUserDriveRootUploadSession -UserId u -DriveId denied -Item @{ name = 'a.bin' } -ErrorAction Stop } | Should -Throw -PassThru
        $record.ErrorDetails.RecommendedAction | Should -BeLike '*permissions*'
    }

    It 'warns that the upload began again, once' {
        Invoke-Control '/config' 'Post' @{ deadSessions = 1 } | Out-Null
        $session = New-Session
        $said = $session | Send-MgUploadSession $file.FullName -Verbose *>&1
        $warnings = @($said | Where-Object { $_ -is [System.Management.Automation.WarningRecord] })
        $warnings.Count | Should -Be 1
        "$warnings" | Should -Be 'The session was gone: the upload began again with a new one.'
        "$($said | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] })" | Should -BeLike '*3000000 bytes in * requests*'
        (Get-Stored).sha256 | Should -Be $hash
    }

    It 'shows one progress bar, and takes it away' {
        $session = New-Session
        Add-Fault @{ route = 'put'; nth = 2 } @{ answer = @{ status = 503; headers = @{ 'Retry-After' = '2' } } }
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        $null = $shell.AddScript("Import-Module '$((Get-Module MgUpload).Path -replace '\.dll$', '.psd1')'").Invoke()
        $shell.Commands.Clear()
        $result = $shell.AddCommand('Send-MgUploadSession').AddParameter('InputObject', $session.UploadUrl).AddParameter('Path', $file.FullName).AddParameter('ChunkSize', 1MB).Invoke()
        $result[0].Integrity | Should -Be 'Verified'
        $records = @($shell.Streams.Progress)
        ($records.ActivityId | Select-Object -Unique).Count | Should -Be 1
        $records[-1].RecordType | Should -Be 'Completed'
        @($records.StatusDescription -like 'the service is in trouble (503), going on in * s').Count | Should -BeGreaterThan 0
        @($records.PercentComplete | Where-Object { $_ -gt 0 }).Count | Should -BeGreaterThan 0
        $shell.Dispose()
    }

    It 'stops within a second, quietly, and leaves the session resumable' {
        $session = New-Session
        Add-Fault @{ route = 'put'; nth = 2 } @{ stallMillis = 60000 }
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        $null = $shell.AddScript("Import-Module '$((Get-Module MgUpload).Path -replace '\.dll$', '.psd1')'").Invoke()
        $shell.Commands.Clear()
        $running = $shell.AddCommand('Send-MgUploadSession').AddParameter('InputObject', $session.UploadUrl).AddParameter('Path', $file.FullName).AddParameter('ChunkSize', 320KB).BeginInvoke()
        $deadline = [datetime]::UtcNow.AddSeconds(10)
        while (@(Get-Requests 'upload').Count -lt 1 -and [datetime]::UtcNow -lt $deadline) { [System.Threading.Thread]::Sleep(20) }
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $watch.ElapsedMilliseconds | Should -BeLessThan 1000
        $running.IsCompleted | Should -BeTrue
        $shell.Streams.Error.Count | Should -Be 0
        $shell.Dispose()
        Invoke-Control '/faults' 'Delete' | Out-Null
        $session | Send-MgUploadSession $file.FullName | ForEach-Object Integrity | Should -Be 'Verified'
        (Get-Stored).sha256 | Should -Be $hash
    }
}
