Describe 'Send-MgUploadItem' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        $tree = "$TestDrive/Reports"
        foreach ($path in 'a.xlsx', 'b.txt', 'sub/c.txt', 'sub/deep/d ü#%.bin', 'sub/empty.txt', '.hidden') {
            New-Item -ItemType Directory -Force (Split-Path "$tree/$path") | Out-Null
            [IO.File]::WriteAllText("$tree/$path", ($path -match 'empty' ? '' : 'x' * (1000 + $path.Length)))
        }
        # On Windows the name alone hides nothing.
        if ($IsWindows) { [IO.File]::SetAttributes("$tree/.hidden", 'Hidden') }
        New-Item -ItemType Directory "$tree/nothing here" | Out-Null
        $iso = New-TestFile "$TestDrive/big.iso" 700000
        $names = 'a.xlsx', 'b.txt', 'sub/c.txt', 'sub/deep/d ü#%.bin', 'sub/empty.txt'
        $quiet = @{ InformationAction = 'Ignore' }

        function Get-Paths { @((Get-Stored).path | Sort-Object -CaseSensitive) }
        function Get-Sends { @(Get-Requests | Where-Object { $_.method -in 'PUT', 'POST' }) }
        function Assert-Same([string] $Root, [string] $At) { Get-Arrived | Should -Be (Get-ToArrive $Root $At) }
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Reset-State
        $drive = { param($name, $path) @{ name = $name; implicitFolders = $false; webUrl = "https://contoso.sharepoint.com/sites/Ops/$path"; items = @(@{ path = '/A'; folder = $true }) } }
        Invoke-Control '/config' 'Post' @{
            drive    = @{ implicitFolders = $false }
            drives   = @{ ops = & $drive 'Documents' 'Shared%20Documents'; other = & $drive 'Other' 'Shared%20Documents%202' }
            sites    = @(@{ id = 'contoso.sharepoint.com,1,2'; webUrl = 'https://contoso.sharepoint.com/sites/Ops'; drives = @('ops', 'other') })
            shares   = @{ 'https://contoso.sharepoint.com/:f:/s/Ops/EuAbc?e=x' = @{ drive = 'ops'; path = 'A' } }
            channels = @(@{ team = 't'; channel = 'c'; folder = @{ drive = 'ops'; path = 'A' } })
        } | Out-Null
        Connect-Standin
    }

    AfterEach { Get-Violations | Should -BeNullOrEmpty }

    It 'sends a folder, which arrives under its name, and then nothing more' {
        $results = Send-MgUploadItem $tree -Recurse -DriveId d -Destination Archive/2026 @quiet
        $results.Status | Should -Be (@('Uploaded') * 5)
        $results.Destination | Sort-Object -CaseSensitive | Should -Be ($names | ForEach-Object { "Archive/2026/Reports/$_" } | Sort-Object -CaseSensitive)
        $results[0].PSObject.TypeNames[0] | Should -Be 'MgUpload.ItemResult'
        $results | Where-Object { -not $_.ItemId -or -not $_.WebUrl -or $_.Error } | Should -BeNullOrEmpty
        Get-Paths | Should -Be ($names | ForEach-Object { "d:/Archive/2026/Reports/$_" } | Sort-Object -CaseSensitive)
        Invoke-Control '/requests' 'Delete' | Out-Null
        $again = Send-MgUploadItem $tree -Recurse -DriveId d -Destination Archive/2026 @quiet
        $again.Status | Should -Be (@('Unchanged') * 5)
        $again.Reason | Should -Contain 'sizeAndTime'
        Get-Sends | Should -BeNullOrEmpty
    }

    It 'drops the folder''s name with -Contents' {
        Send-MgUploadItem "$tree/" -Recurse -Contents -DriveId d -Destination x @quiet | Out-Null
        Assert-Same $tree 'd:/x'
    }

    It 'refuses a folder without -Recurse' {
        $result = Send-MgUploadItem $tree -DriveId d -ErrorVariable failures -ErrorAction SilentlyContinue @quiet
        $result.Status, $result.Reason | Should -Be 'Failed', 'folder'
        $failures[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Recurse*'
        Get-Sends | Should -BeNullOrEmpty
    }

    It 'takes <destination> for <path>' -ForEach @(
        @{ destination = 'Backups/big-2026.iso'; path = 'Backups/big-2026.iso' }
        @{ destination = 'Backups'; path = 'Backups/big.iso' }
        @{ destination = 'Backups/x.iso/'; path = 'Backups/x.iso/big.iso' }
        @{ destination = 'big.ISO'; path = 'big.ISO' }
        @{ destination = 'v1.0'; path = 'v1.0/big.iso' }
        @{ destination = $null; path = 'big.iso' }
    ) {
        $where = $destination ? @{ Destination = $destination } : @{}
        $result = Send-MgUploadItem $iso.FullName -UserId me @where @quiet
        $result.Status, $result.Destination, $result.Integrity | Should -Be 'Uploaded', $path, 'Verified'
        (Get-Stored).path | Should -Be "drive-of-me:/$path"
    }

    It 'takes a pattern''s or a pipeline''s only file for one of several' {
        (Send-MgUploadItem "$TestDrive/big*.iso" -DriveId d -Destination x/y.iso @quiet).Destination | Should -Be 'x/y.iso/big.iso'
        ($iso | Send-MgUploadItem -DriveId e -Destination x/y.iso @quiet).Destination | Should -Be 'x/y.iso/big.iso'
    }

    It 'takes the destination by <way>' -ForEach @(
        @{ way = 'a drive'; where = @{ DriveId = 'd' } }
        @{ way = 'a user'; where = @{ UserId = 'u@contoso.com' } }
        @{ way = 'a group'; where = @{ GroupId = 'g' } }
        @{ way = 'a site'; where = @{ SiteId = 'contoso.sharepoint.com,1,2' } }
        @{ way = 'a site''s address and a library'; where = @{ SiteUrl = 'https://contoso.sharepoint.com/sites/Ops'; Library = 'Other' } }
        @{ way = 'a channel'; where = @{ TeamId = 't'; ChannelId = 'c' } }
    ) {
        (Send-MgUploadItem $iso.FullName @where -Destination Images @quiet).Status | Should -Be 'Uploaded'
        (Get-Stored).path | Should -BeLike '*:/*Images/big.iso'
    }

    It 'takes a folder''s address, and a sharing link' {
        foreach ($url in 'https://contoso.sharepoint.com/sites/Ops/Shared Documents/A', 'https://contoso.sharepoint.com/sites/Ops/Shared%20Documents/Forms/AllItems.aspx?id=%2Fsites%2FOps%2FShared%20Documents%2FA', 'https://contoso.sharepoint.com/:f:/s/Ops/EuAbc?e=x') {
            (Send-MgUploadItem $iso.FullName -Destination $url -Force @quiet).Destination | Should -Be 'A/big.iso'
        }
    }

    It 'says which drive is missing' {
        { Send-MgUploadItem $iso.FullName -Destination Images -ErrorAction Stop } | Should -Throw '*which drive*'
        { Send-MgUploadItem -DriveId d } | Should -Throw '*No file*'
        { Send-MgUploadItem '/no/such/*.file' -DriveId d -ErrorAction Stop } | Should -Throw -ErrorId 'SourceMissing*'
    }

    It 'takes files from the pipeline, wildcards and patterns' {
        (Get-ChildItem $tree -File | Send-MgUploadItem -DriveId d @quiet).Name | Sort-Object | Should -Be 'a.xlsx', 'b.txt'
        (Send-MgUploadItem "$tree/*.txt" -DriveId e @quiet).Name | Should -Be 'b.txt'
        $results = Send-MgUploadItem $tree -Recurse -DriveId f -Include *.txt -Exclude e* @quiet
        $results.Name | Sort-Object | Should -Be 'b.txt', 'c.txt'
        (Send-MgUploadItem $tree -Recurse -DriveId g -IncludeHidden @quiet).Name | Should -Contain '.hidden'
    }

    It 'applies patterns to what a wildcard or the pipeline brings, and sends what is named by itself' {
        $patterns = @{ Exclude = 'b*', 'e*'; Recurse = $true }
        $wanted = 'a.xlsx', 'c.txt', 'd ü#%.bin'
        (Send-MgUploadItem "$tree/*" -DriveId d @patterns @quiet).Name | Sort-Object | Should -Be $wanted
        (Get-ChildItem $tree | Send-MgUploadItem -DriveId e @patterns @quiet).Name | Sort-Object | Should -Be $wanted
        (Send-MgUploadItem "$tree/b.txt" -DriveId f @patterns @quiet).Name | Should -Be 'b.txt'
        (Send-MgUploadItem "$tree/*.*", "$tree/b.txt" -DriveId g -Exclude b* @quiet).Name | Sort-Object | Should -Be 'a.xlsx', 'b.txt'
        (Send-MgUploadItem "$tree/*" -DriveId h -AsJob @patterns | Receive-Job -Wait -AutoRemoveJob @quiet).Name | Sort-Object | Should -Be $wanted
        (Send-MgUploadItem "$tree/*.*", "$tree/b.txt" -DriveId i -AsJob -Exclude b* | Receive-Job -Wait -AutoRemoveJob @quiet).Name | Sort-Object | Should -Be 'a.xlsx', 'b.txt'
    }

    It 'goes on at once where the pipeline took no more' {
        $folder = New-Item -ItemType Directory "$TestDrive/first"
        1..60 | ForEach-Object { New-TestFile "$folder/$_.bin" 2000 } | Out-Null
        Add-Fault @{ route = 'create'; times = 0 } @{ stallMillis = 300 }
        @(Send-MgUploadItem $folder.FullName -Recurse -DriveId d @quiet | Select-Object -First 1).Count | Should -Be 1
        Invoke-Control '/faults' 'Delete' | Out-Null
        $results = Send-MgUploadItem $folder.FullName -Recurse -DriveId d @quiet
        $results.Count, @($results | Where-Object Status -NotIn Uploaded, Unchanged).Count | Should -Be 60, 0
        (Get-Requests 'graph' | Where-Object status -EQ 409).Count | Should -Be 0 -Because 'no name was held'
        @(Invoke-Control '/sessions') | ForEach-Object { $_ } | Should -BeNullOrEmpty
    }

    It 'follows -IfExists <choice>' -ForEach @(
        @{ choice = 'Fail'; status = 'Failed'; reason = 'exists' }
        @{ choice = 'Replace'; status = 'Uploaded' }
        @{ choice = 'Rename'; status = 'Uploaded' }
        @{ choice = 'Skip'; status = 'Skipped'; reason = 'exists' }
    ) {
        $file = New-TestFile "$TestDrive/changing.txt" 100
        Send-MgUploadItem $file.FullName -DriveId d @quiet | Out-Null
        Set-Content $file.FullName 'something else'
        $file.LastWriteTime = (Get-Date).AddHours(1)
        $result = Send-MgUploadItem $file.FullName -DriveId d -IfExists $choice -ErrorAction SilentlyContinue @quiet
        $result.Status, $result.Reason | Should -Be $status, $reason
        $expected = $choice -eq 'Rename' ? 2 : 1
        (Get-Stored).Count | Should -Be $expected
    }

    It 'knows again what has arrived under another name' {
        $file = New-TestFile "$TestDrive/renamed.txt" 100
        Send-MgUploadItem $file.FullName -DriveId d @quiet | Out-Null
        Set-Content $file.FullName 'something else'
        $results = 1..2 | ForEach-Object { Send-MgUploadItem $file.FullName -DriveId d -IfExists Rename @quiet }
        $results.Status | Should -Be 'Uploaded', 'Unchanged'
        $results.Destination | Should -Be 'renamed.txt', 'renamed.txt'
        $results.Name | Sort-Object -Unique | Should -Be ((Get-Stored).name | Where-Object { $_ -ne 'renamed.txt' } | Sort-Object)
        (Get-Stored).Count | Should -Be 2
    }

    It 'leaves a newer file alone, but for -Force' {
        $file = New-TestFile "$TestDrive/older.txt" 100
        Send-MgUploadItem $file.FullName -DriveId d @quiet | Out-Null
        Set-Content $file.FullName 'something else'
        $file.LastWriteTime = (Get-Date).AddHours(-5)
        $result = Send-MgUploadItem $file.FullName -DriveId d -IfExists Replace -ErrorVariable failures -ErrorAction SilentlyContinue @quiet
        $result.Status, $result.Reason | Should -Be 'Failed', 'destinationNewer'
        $failures[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Force*'
        (Send-MgUploadItem $file.FullName -DriveId d -Force @quiet).Status | Should -Be 'Uploaded'
    }

    It 'writes an object and an error for a file that fails, and goes on' {
        Add-Fault @{ route = 'create'; nth = 2 } @{ answer = @{ status = 403; code = 'accessDenied'; message = 'No.' } }
        $results = Send-MgUploadItem $tree -Recurse -DriveId d -ErrorVariable failures -ErrorAction SilentlyContinue @quiet
        ($results | Group-Object Status -AsHashTable -AsString).Failed.Count | Should -Be 1
        $failed = $results | Where-Object Status -EQ Failed
        $failed.Error.FullyQualifiedErrorId | Should -BeLike 'accessDenied*'
        $failures.Count | Should -Be 1
        $failures[0].TargetObject | Should -Be $failed.Path
        "$($failures[0])" | Should -BeLike "'$($failed.Path)': No.*"
        { Send-MgUploadItem "$tree/sub" -DriveId e -ErrorAction Stop @quiet } | Should -Throw
    }

    It 'finds names that the service refuses, and writes them otherwise if it may' -Skip:$IsWindows {
        $odd = New-Item -ItemType Directory "$TestDrive/odd"
        Set-Content "$odd/a:b.txt" 1
        $result = Send-MgUploadItem $odd.FullName -Recurse -DriveId d -ErrorVariable failures -ErrorAction SilentlyContinue @quiet
        $result.Status, $result.Reason | Should -Be 'Failed', 'invalidName'
        $failures[0].ErrorDetails.RecommendedAction | Should -BeLike '*-NameMap*'
        (Send-MgUploadItem $odd.FullName -Recurse -DriveId d -NameMap Fullwidth @quiet).Name | Should -Be 'a：b.txt'
        (Send-MgUploadItem $odd.FullName -Recurse -DriveId e -NameMap @{ ':' = '-' } @quiet).Name | Should -Be 'a-b.txt'
    }

    It 'says what -NameMap takes, and not <map>' -ForEach @(@{ map = 'Other' }, @{ map = 5 }, @{ map = @{ ab = '-' } }, @{ map = @{ '' = '-' } }) {
        $failed = { Send-MgUploadItem $tree -Recurse -DriveId d -NameMap $map -ErrorAction Stop } | Should -Throw -PassThru
        $failed.ErrorDetails.RecommendedAction | Should -BeLike '*Fullwidth*'
        Get-Sends | Should -BeNullOrEmpty
    }

    It 'sends once what is named twice, by whatever spelling' {
        (Send-MgUploadItem $iso.FullName, "$tree/../big.iso", "$TestDrive/./big.iso" -DriveId d @quiet).Status | Should -Be 'Uploaded'
        $results = Get-Item $tree, "$tree/" | Send-MgUploadItem -Recurse -DriveId e @quiet
        $results.Status | Should -Be (@('Uploaded') * 5)
    }

    It 'says what it would do with -WhatIf, and does nothing' {
        $results = Send-MgUploadItem $tree -Recurse -DriveId d -Destination new -WhatIf -InformationVariable lines
        $results.Status | Select-Object -Unique | Should -Be 'WouldUpload'
        "$lines" | Should -BeLike '*drive d*5 would be uploaded*'
        Get-Sends | Should -BeNullOrEmpty
    }

    It 'sums up on the information stream' {
        $lines = Send-MgUploadItem $tree -Recurse -DriveId d 6>&1 | Where-Object { $_ -is [System.Management.Automation.InformationRecord] }
        "$lines" | Should -BeLike '5 uploaded (* 0 unchanged, 0 skipped, 0 failed;*'
    }

    It 'reports to a file' {
        Send-MgUploadItem $tree -Recurse -DriveId d -Report "$TestDrive/report.csv" @quiet | Out-Null
        $rows = Import-Csv "$TestDrive/report.csv"
        $rows.Count | Should -Be 5
        $rows.Status | Select-Object -Unique | Should -Be 'Uploaded'
        ($rows | Where-Object Name -EQ 'd ü#%.bin').Length | Should -Be 1018
        { Send-MgUploadItem $tree -Recurse -DriveId e -Report "$TestDrive/no/such/folder.csv" -ErrorAction Stop } | Should -Throw '*report*'
        (Get-Stored).Count | Should -Be 5
        $before = Get-Content -Raw "$TestDrive/report.csv"
        Send-MgUploadItem $tree -Recurse -DriveId e -Report "$TestDrive/report.csv" -WhatIf @quiet | Out-Null
        { Send-MgUploadItem $tree -Recurse -DriveId e -Shard 9/9 -Report "$TestDrive/report.csv" -ErrorAction Stop } | Should -Throw
        { Send-MgUploadItem $tree -Recurse -DriveId e -Destination a/../b -Report "$TestDrive/report.csv" -ErrorAction Stop } | Should -Throw
        Get-Content -Raw "$TestDrive/report.csv" | Should -Be $before -Because 'nothing was sent'
        Send-MgUploadItem "$tree/b.txt" -DriveId f -Report "$TestDrive/report.csv" @quiet | Out-Null
        @(Import-Csv "$TestDrive/report.csv").Name | Should -Be 'b.txt'
    }

    It 'refuses a report that would be sent itself: <what>' -ForEach @(
        @{ what = 'below the folder'; send = { Send-MgUploadItem . -Recurse -DriveId d -Report ./sub/../report.csv @args }; says = '*-Report*report.csv, lies in what is sent*' }
        @{ what = 'in the place of a file'; send = { Send-MgUploadItem *.txt -DriveId d -Report b.txt @args }; says = '*-Report*b.txt, is itself named*' }
        @{ what = 'in a job'; send = { Get-Item sub, $iso | Send-MgUploadItem -Recurse -DriveId d -Report sub/report.csv -AsJob @args }; says = '*-Report*report.csv, lies in what is sent*' }
    ) {
        $before = Get-ChildItem $tree -Recurse -Force | ForEach-Object { "$($_.FullName) $($_.Length)" }
        Push-Location $tree
        try { $failed = { & $send -ErrorAction Stop @quiet } | Should -Throw $says -ErrorId 'InvalidInput,*' -PassThru }
        finally { Pop-Location }
        $failed.ErrorDetails.RecommendedAction | Should -BeLike '*outside*'
        Get-Requests | Should -BeNullOrEmpty
        Get-ChildItem $tree -Recurse -Force | ForEach-Object { "$($_.FullName) $($_.Length)" } | Should -Be $before
    }

    It 'takes a report beside what is sent' {
        (Send-MgUploadItem "$tree/b.txt" -DriveId d -Report "$TestDrive/Reports.csv" @quiet).Status | Should -Be 'Uploaded'
        (Send-MgUploadItem $tree -Recurse -DriveId e -Report "$TestDrive/Reports.csv" @quiet).Count | Should -Be 5
        $folder = New-Item -ItemType Directory "$TestDrive/beside"
        Copy-Item "$tree/b.txt" $folder
        (Send-MgUploadItem "$folder/b.txt" -DriveId f -Report "$folder/b.txt.csv" @quiet).Status | Should -Be 'Uploaded'
    }

    It 'goes on without a report that takes no more' -Skip:(-not $IsLinux) {
        $results = Send-MgUploadItem $tree -Recurse -DriveId d -Report /dev/full -WarningVariable warnings -WarningAction SilentlyContinue -ErrorAction Stop @quiet
        $results.Status | Should -Be (@('Uploaded') * 5)
        $warnings.Count | Should -Be 2
        $warnings[0] | Should -BeLike '*goes on without it*'
        $warnings[1] | Should -BeLike '*incomplete*'
    }

    It 'runs as a job' {
        Push-Location $TestDrive
        $results = Send-MgUploadItem Reports -Recurse -DriveId d -Report job.csv -AsJob | Receive-Job -Wait -AutoRemoveJob 6> $null
        Pop-Location
        (Import-Csv "$TestDrive/job.csv").Count | Should -Be 5
        $results.Status | Should -Be (@('Uploaded') * 5)
    }

    It 'asks before a job begins' {
        $WhatIfPreference = $true
        $results = Send-MgUploadItem $tree -Recurse -DriveId d -AsJob 6> $null | Receive-Job -Wait -AutoRemoveJob 6> $null
        $WhatIfPreference = $false
        $results.Status | Select-Object -Unique | Should -Be 'WouldUpload'
        # A host that cannot ask.
        $shell = [powershell]::Create().AddScript("Import-Module '$((Get-Module MgUpload).Path -replace '\.dll$', '.psd1')'; `$ConfirmPreference = 'Low'; Send-MgUploadItem '$($iso.FullName)' -DriveId d -AsJob")
        $shell.Invoke() | Should -BeNullOrEmpty
        "$($shell.Streams.Error)" | Should -BeLike '*confirmation*'
        $shell.Dispose()
        Get-Sends | Should -BeNullOrEmpty
        # And not once more in the job.
        $ConfirmPreference = 'Low'
        $results = Send-MgUploadItem $tree -Recurse -DriveId d -AsJob -Confirm:$false | Receive-Job -Wait -AutoRemoveJob 6> $null
        $results.Status | Should -Be (@('Uploaded') * 5)
    }

    It 'goes to the same place as a job' {
        $run = { Send-MgUploadItem @args -AsJob -ErrorAction SilentlyContinue | Receive-Job -Wait -AutoRemoveJob 6> $null }
        # An error before has masked what was bound.
        (& $run '/no/such/*.file', $iso.FullName -Destination 'https://contoso.sharepoint.com/:f:/s/Ops/EuAbc?e=x').Destination | Should -Be 'A/big.iso'
        ($iso | Send-MgUploadItem -DriveId d -Destination x/y.iso -AsJob | Receive-Job -Wait -AutoRemoveJob 6> $null).Destination | Should -Be 'x/y.iso/big.iso'
        (& $run $iso.FullName -DriveId d -Destination x/z.iso).Destination | Should -Be 'x/z.iso'
    }

    It 'warns where not all fits, before anything is sent' {
        Invoke-Control '/config' 'Post' @{ drive = @{ implicitFolders = $false; quota = 2500 } } | Out-Null
        Send-MgUploadItem $tree -Recurse -DriveId d -WhatIf -WarningVariable told -WarningAction Ignore @quiet | Out-Null
        $told | Should -BeLike 'The files have 3.9 KiB, and 2.4 KiB are free at the destination: *'
        Get-Sends | Should -BeNullOrEmpty
        Send-MgUploadItem $tree -Recurse -DriveId d -WarningVariable told -WarningAction Ignore -ErrorVariable failed -ErrorAction SilentlyContinue @quiet | Out-Null
        @($told).Count | Should -Be 1
        $failed[-1].FullyQualifiedErrorId | Should -BeLike 'quotaLimitReached*'
    }

    It 'tells a long run beforehand' {
        $type = (Get-Command Send-MgUploadItem -CommandType Cmdlet).ImplementingType.Assembly.GetType('MgUpload.Results.TreeTelling')
        $line = { param($files, $bytes) $type.GetMethod('FloorLine', [System.Reflection.BindingFlags] 'NonPublic,Static').Invoke($null, @([long] $files, [long] $bytes)) }
        & $line 400000 800GB | Should -BeLike '*22.2 h at least*'
        & $line 1000 100GB | Should -BeLike '*2.0 h at least*'
        & $line 1000 1GB | Should -BeNullOrEmpty
    }
}

Describe 'Send-MgUploadItem, a large tree' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        $standin = Start-Standin
        $root = "$TestDrive/Tree"
        foreach ($number in 1..2000) {
            $folder = "$root/f$($number % 23)/$($number % 7 ? '' : "tiefer $($number % 5)")"
            if (-not (Test-Path -LiteralPath $folder)) { New-Item -ItemType Directory $folder | Out-Null }
            [IO.File]::WriteAllText("$folder/n$number ü.txt", ($number % 40 ? "$number," * ($number % 500) : ''))
        }
        New-TestFile "$root/large.bin" 25MB | Out-Null
        $here = Get-ToArrive $root 'd:/T'

        function Assert-Same {
            $there = Get-Arrived
            $there.Count | Should -Be $here.Count
            Compare-Object $there $here | Should -BeNullOrEmpty
        }

        $send = "Send-MgUploadItem '$root' -Recurse -Contents -DriveId d -Destination T -InformationAction Ignore"
        $statuses = '| Group-Object Status | ForEach-Object { "$($_.Name) $($_.Count)" }'
    }

    AfterAll { Stop-Standin }

    BeforeEach { Reset-Tree }

    AfterEach { Get-Violations | Should -BeNullOrEmpty }

    It 'arrives byte by byte, and again sends nothing' {
        $results = Send-MgUploadItem $root -Recurse -Contents -DriveId d -Destination T 6> $null
        ($results | Group-Object Status).Name | Should -Be 'Uploaded'
        Assert-Same
        Invoke-Control '/requests' 'Delete' | Out-Null
        $again = Send-MgUploadItem $root -Recurse -Contents -DriveId d -Destination T 6> $null
        ($again | Group-Object Status).Name | Should -Be 'Unchanged'
        $again.Count | Should -Be 2001
        Get-Requests | Where-Object method -NE 'GET' | Should -BeNullOrEmpty
    }

    It 'goes on after ten kills at random moments, and sends nothing twice but what was under way' {
        $seed = [Environment]::TickCount
        Write-Host "    seed $seed"
        $random = [System.Random]::new($seed)
        # A session whose making was answered to a process that was gone by then would hold its file's name for a day: the core's
        # tests wait that long.
        Invoke-Control '/config' 'Post' @{ drive = @{ openSessionConflict = $false } } | Out-Null
        $kills = foreach ($kill in 1..10) {
            $begin = (Invoke-Control '/counts').requests
            $process = Start-Shell "$send | Out-Null"
            Wait-Count requests ($begin + $random.Next(1, 400))
            [System.Threading.Thread]::Sleep($random.Next(20))
            $process.Kill($true)
            $process.WaitForExit()
            @{ arrived = [System.Collections.Generic.HashSet[string]] @((Get-Stored).name); requests = (Invoke-Control '/counts').requests }
        }
        $kills[-1].arrived.Count | Should -BeGreaterThan 100
        $results = Send-MgUploadItem $root -Recurse -Contents -DriveId d -Destination T 6> $null
        ($results | Where-Object Status -EQ Unchanged).Count | Should -BeGreaterOrEqual $kills[-1].arrived.Count
        ($results | Where-Object Status -EQ Failed) | Should -BeNullOrEmpty
        Assert-Same
        $all = @(Get-Requests | ForEach-Object { if ($_.target -match '^/v1\.0/drives/d/items/[^:]+:/([^:]+):/(microsoft\.graph\.createUploadSession|content)') { [uri]::UnescapeDataString($Matches[1]) } else { '' } })
        foreach ($kill in $kills) {
            $all[$kill.requests..$all.Count] | Where-Object { $_ -and $kill.arrived.Contains($_) } | Should -BeNullOrEmpty
        }
        $begun = @($all | Where-Object { $_ }).Count
        $begun | Should -BeIn (2001..(2001 + 10 * 8)) -Because 'eight are under way at most'
        Write-Host "    $(@($kills | ForEach-Object { $_.arrived.Count }) -join ', ') files had arrived at the kills; $($begun - 2001) were begun again"
        Get-MgUploadSession | Should -BeNullOrEmpty
    }

    It 'arrives in one run although five requests in a hundred fail at random' {
        $seed = [Environment]::TickCount
        Write-Host "    seed $seed"
        $random = [System.Random]::new($seed)
        # The same: after-store is an answer that nobody gets.
        Invoke-Control '/config' 'Post' @{ drive = @{ openSessionConflict = $false } } | Out-Null
        $faults = @(
            @{ answer = @{ status = 503; headers = @{ 'Retry-After' = '0' } } }, @{ answer = @{ status = 500 } }, @{ reset = 'before' },
            @{ reset = 'after-store' }, @{ cutAnswer = $true }, @{ answer = @{ status = 429; headers = @{ 'Retry-After' = '1' } } }
        )
        $rules = foreach ($nth in 1..8000) { if ($random.Next(20) -eq 0) { @{ on = @{ nth = $nth }; do = $faults[$random.Next($faults.Count)] } } }
        Invoke-Control '/faults' 'Post' @($rules) | Out-Null
        $results = Send-MgUploadItem $root -Recurse -Contents -DriveId d -Destination T 6> $null
        ($results | Where-Object Status -EQ Failed) | Should -BeNullOrEmpty
        Assert-Same
        $fired = (@(Invoke-Control '/faults') | ForEach-Object { $_ } | Measure-Object fired -Sum).Sum
        $fired | Should -BeGreaterThan 100
        Write-Host "    $fired requests of $((Invoke-Control '/counts').requests) failed"
    }

    It 'is dealt out to four processes, each file to one' {
        $processes = foreach ($index in 0..3) { Start-Shell "$send -Shard $index/4 $statuses" }
        $counts = foreach ($process in $processes) { [int] ([regex]::Match((Receive-Shell $process), '(?m)^Uploaded (\d+)').Groups[1].Value) }
        ($counts | Measure-Object -Sum).Sum | Should -Be 2001
        ($counts | Measure-Object -Minimum).Minimum | Should -BeGreaterThan 0
        Assert-Same
        @(Get-Requests 'graph' | Where-Object target -Like '*createUploadSession').Count | Should -BeLessOrEqual 2001
    }
}
