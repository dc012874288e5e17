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
        New-Item -ItemType Directory "$tree/nothing here" | Out-Null
        $iso = New-TestFile "$TestDrive/big.iso" 700000
        $names = 'a.xlsx', 'b.txt', 'sub/c.txt', 'sub/deep/d ü#%.bin', 'sub/empty.txt'
        $quiet = @{ InformationAction = 'Ignore' }

        function Get-Stored { @(Invoke-Control '/files') | ForEach-Object { $_ } }
        function Get-Paths { @((Get-Stored).path | Sort-Object -CaseSensitive) }
        function Get-Sends { @(Get-Requests | Where-Object { $_.method -in 'PUT', 'POST' }) }
        # What arrived below a path of the drive, against what is here: names and bytes.
        function Assert-Same([string] $Root, [string] $Below) {
            $here = Get-ChildItem $Root -Recurse -File | ForEach-Object { "$Below/$([IO.Path]::GetRelativePath($Root, $_.FullName).Replace('\', '/')) $((Get-FileHash -LiteralPath $_.FullName).Hash.ToLower())" }
            $there = Get-Stored | ForEach-Object { "$($_.path) $($_.sha256)" }
            ($there | Sort-Object -CaseSensitive) | Should -Be ($here | Sort-Object -CaseSensitive)
        }
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
    }

    It 'runs as a job' {
        Push-Location $TestDrive
        $results = Send-MgUploadItem Reports -Recurse -DriveId d -Report job.csv -AsJob | Receive-Job -Wait -AutoRemoveJob 6> $null
        Pop-Location
        (Import-Csv "$TestDrive/job.csv").Count | Should -Be 5
        $results.Status | Should -Be (@('Uploaded') * 5)
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
        $here = Get-ChildItem $root -Recurse -File | ForEach-Object { "d:/T/$([IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/').Normalize()) $((Get-FileHash -LiteralPath $_.FullName).Hash.ToLower())" } | Sort-Object -CaseSensitive
        $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'

        # What arrived, against what is here: each file once, and byte by byte.
        function Assert-Same {
            $there = @(Invoke-Control '/files') | ForEach-Object { $_ } | ForEach-Object { "$($_.path) $($_.sha256)" } | Sort-Object -CaseSensitive
            $there.Count | Should -Be $here.Count
            Compare-Object $there $here | Should -BeNullOrEmpty
        }

        # In a process of its own, which may be killed.
        function Start-Send([string] $More) {
            $command = "Import-Module '$manifest'; `$ProgressPreference = 'SilentlyContinue'; Connect-MgUpload -AccessToken (ConvertTo-SecureString token -AsPlainText -Force) -GraphEndpoint $($standin.graph); " +
            "Send-MgUploadItem '$root' -Recurse -Contents -DriveId d -Destination T $More 6> `$null | Group-Object Status | ForEach-Object { `"`$(`$_.Name) `$(`$_.Count)`" }"
            $program, $words = Get-PowerShellCommand
            $arguments = @($words | Where-Object { $_ }) + '-NoProfile', '-NonInteractive', '-Command', $command
            $start = [System.Diagnostics.ProcessStartInfo]::new($program)
            $arguments | ForEach-Object { $start.ArgumentList.Add($_) }
            $start.RedirectStandardOutput = $start.RedirectStandardError = $true
            [System.Diagnostics.Process]::Start($start)
        }
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Reset-State
        Invoke-Control '/config' 'Post' @{ drive = @{ implicitFolders = $false } } | Out-Null
        Connect-Standin
    }

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

    It 'goes on after kills, and sends nothing twice' {
        # A session whose making was answered to a process that was gone by then would hold its file's name for a day: the core's
        # tests wait that long.
        Invoke-Control '/config' 'Post' @{ drive = @{ openSessionConflict = $false } } | Out-Null
        foreach ($kill in 1..3) {
            $process = Start-Send
            $deadline = [DateTime]::UtcNow.AddSeconds(60)
            while (@(Invoke-Control '/files' | ForEach-Object { $_ }).Count -lt 300 * $kill -and [DateTime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 50 }
            $process.Kill($true)
            $process.WaitForExit()
        }
        $sent = @(Invoke-Control '/files' | ForEach-Object { $_ }).Count
        $sent | Should -BeGreaterThan 300
        $results = Send-MgUploadItem $root -Recurse -Contents -DriveId d -Destination T 6> $null
        ($results | Where-Object Status -EQ Unchanged).Count | Should -BeGreaterOrEqual $sent
        ($results | Where-Object Status -EQ Failed) | Should -BeNullOrEmpty
        Assert-Same
    }

    It 'arrives although every twentieth request fails' {
        foreach ($status in 503, 502, 429) {
            foreach ($nth in 1..30) { Add-Fault @{ nth = 60 * $nth + $status % 7 } @{ answer = @{ status = $status; headers = @{ 'Retry-After' = '0' } } } }
        }
        foreach ($nth in 1..60) { Add-Fault @{ route = 'put'; nth = 30 * $nth } @{ reset = 'body'; afterBytes = 10 } }
        $results = Send-MgUploadItem $root -Recurse -Contents -DriveId d -Destination T -ErrorAction SilentlyContinue 6> $null
        # What the first run could not, the second does.
        if (($results | Where-Object Status -EQ Failed)) { $results = Send-MgUploadItem $root -Recurse -Contents -DriveId d -Destination T 6> $null }
        ($results | Where-Object Status -EQ Failed) | Should -BeNullOrEmpty
        Assert-Same
    }

    It 'is dealt out to four processes, each file to one' {
        $processes = foreach ($index in 0..3) { Start-Send "-Shard $index/4" }
        $counts = foreach ($process in $processes) {
            $text = $process.StandardOutput.ReadToEnd()
            $process.WaitForExit()
            [int] ([regex]::Match($text, '(?m)^Uploaded (\d+)').Groups[1].Value)
        }
        ($counts | Measure-Object -Sum).Sum | Should -Be 2001
        ($counts | Measure-Object -Minimum).Minimum | Should -BeGreaterThan 0
        Assert-Same
        @(Get-Requests 'graph' | Where-Object target -Like '*createUploadSession').Count | Should -BeLessOrEqual 2001
    }
}
