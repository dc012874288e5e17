# A tree that was not brought to its end: seen, gone on with, given up; in processes of their own where a kill ends it.

Describe 'A tree''s job' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        $standin = Start-Standin
        $root = "$TestDrive/Reports"
        foreach ($number in 1..150) {
            $folder = "$root/f$($number % 7)"
            New-Item -ItemType Directory -Force $folder | Out-Null
            [IO.File]::WriteAllText("$folder/n$number.txt", "$number," * ($number * 10))
        }
        New-TestFile "$root/large.bin" 12MB | Out-Null
        $bytes = (Get-ChildItem $root -Recurse -File | Measure-Object Length -Sum).Sum
        $where = @{ DriveId = 'd'; Destination = 'Archive'; Recurse = $true; InformationAction = 'Ignore' }

        function Get-Trees { @(Get-MgUploadSession | Where-Object { $_ -is [MgUpload.OpenTree] }) }
        function Assert-Arrived { Get-Arrived | Should -Be (Get-ToArrive $root 'd:/Archive/Reports') }
        # A run that ends for want of space once a hundred files are there, and leaves a job.
        function Stop-Halfway {
            Add-Fault @{ route = 'create'; nth = 100; times = 0 } @{ answer = @{ status = 507; code = 'quotaLimitReached'; message = 'Full.' } }
            Send-MgUploadItem $root @where -ErrorVariable failures -ErrorAction SilentlyContinue | Out-Null
            Invoke-Control '/faults' 'Delete' | Out-Null
            @($failures)[-1]
        }
    }

    AfterAll { Stop-Standin }

    BeforeEach { Reset-Tree }

    AfterEach { Get-Violations | Should -BeNullOrEmpty }

    It 'is seen while it runs, and after a kill gone on with by a new process, which sends nothing twice' {
        Add-Fault @{ route = 'put'; times = 0 } @{ stallMillis = 100 }
        # A session whose making was answered to a process that was gone by then would hold its file's name for a day.
        Invoke-Control '/config' 'Post' @{ drive = @{ openSessionConflict = $false } } | Out-Null
        $process = Start-Shell "Send-MgUploadItem '$root' -Recurse -DriveId d -Destination Archive -ThrottleLimit 4"
        Wait-Count files 45
        $running = Get-Trees
        $running.State | Should -Be 'Running'
        foreach ($refused in { $running | Resume-MgUploadSession -ErrorAction Stop }, { Remove-MgUploadSession $running.Id -ErrorAction Stop }) {
            ($refused | Should -Throw -PassThru).Exception.Fact('reason') | Should -Be 'inUse'
        }
        $process.HasExited | Should -BeFalse
        $process.Kill()
        $process.WaitForExit()
        Invoke-Control '/faults' 'Delete' | Out-Null
        $arrived = Get-Stored
        Invoke-Control '/requests' 'Delete' | Out-Null

        $told = Receive-Shell (Start-Shell @'
$seen = Get-MgUploadSession | Where-Object { $_ -is [MgUpload.OpenTree] }
$rows = Get-MgUploadSession | Where-Object { $_ -isnot [MgUpload.OpenTree] } | Resume-MgUploadSession
$rows = $seen | Resume-MgUploadSession -InformationVariable lines 6> $null
@{ seen = $seen; statuses = @($rows | Group-Object Status | ForEach-Object { "$($_.Name) $($_.Count)" }); types = @($rows | ForEach-Object { $_.GetType().Name } | Select-Object -Unique); lines = @($lines | ForEach-Object { "$_" }); left = @(Get-MgUploadSession).Count } | ConvertTo-Json -Depth 5
'@) | ConvertFrom-Json
        $told.seen.State | Should -Be 'Interrupted'
        $told.seen.Sources | Should -Be (Get-Item $root).FullName
        $told.seen.Destination | Should -Be '/drives/d/root:/Archive'
        $told.seen.Files, $told.seen.Length | Should -Be 151, $bytes
        $told.seen.FilesDone | Should -BeGreaterThan 0
        $told.seen.FilesDone | Should -BeLessOrEqual $arrived.Count
        $told.seen.BytesDone | Should -BeGreaterThan 0
        $told.types | Should -Be 'ItemResult'
        $told.lines[-1] | Should -BeLike '*uploaded*unchanged*0 failed*'
        $told.left | Should -Be 0
        $again = @(Get-Requests | Where-Object target -Like '*createUploadSession' | ForEach-Object { [uri]::UnescapeDataString(($_.target -replace '^.*:/([^:]+):.*$', '$1')) })
        $arrived.name | Where-Object { $_ -in $again } | Should -BeNullOrEmpty -Because 'what has arrived is not sent again'
        Assert-Arrived
    }

    It 'is told apart, names its way on in the error, and goes on in the pipeline with everything that is open' {
        $failure = Stop-Halfway
        $tree = Get-Trees
        $tree.Count | Should -Be 1
        $failure.ErrorDetails.RecommendedAction | Should -BeLike "*Resume-MgUploadSession -Id $($tree.Id)*"
        $tree.State, $tree.Name, $tree.Path | Should -Be 'Interrupted', 'Reports', (Get-Item $root).FullName
        $tree.FilesDone | Should -BeIn (@(Get-Stored).Count..150)
        $tree.Files | Should -Be 151
        $tree | Should -BeOfType MgUpload.OpenUpload
        (Get-MgUploadSession -Id $tree.Id.ToUpper() -Refresh).Id | Should -Be $tree.Id
        ($tree | Get-MgUploadSession).Id | Should -Be $tree.Id
        (TabExpansion2 'Resume-MgUploadSession Rep').CompletionMatches.CompletionText | Should -Be $tree.Id
        foreach ($view in ($tree | Format-Table | Out-String -Width 120), ($tree | Format-List | Out-String), ($tree | Format-Custom | Out-String)) {
            $view | Should -BeLike "*$($tree.Id)*"
            $view | Should -BeLike '*Reports*'
            $view | Should -BeLike '*root:/Archive*'
        }
        $session = New-MgUserDriveRootUploadSession -UserId u -DriveId e -Item @{ name = 'one.bin' }
        Add-Fault @{ route = 'put'; nth = 2; times = 0 } @{ answer = @{ status = 403 } }
        $session | Send-MgUploadSession "$root/large.bin" -ChunkSize 5MB -ErrorAction SilentlyContinue
        Invoke-Control '/faults' 'Delete' | Out-Null
        { $tree | Complete-MgUploadSession -ErrorAction Stop } | Should -Throw '*whole tree*'
        { Send-MgUploadSession "$root/large.bin" -Session $tree -ErrorAction Stop } | Should -Throw '*whole tree*'
        $tree | Resume-MgUploadSession -WhatIf | Should -BeNullOrEmpty
        Invoke-Control '/requests' 'Delete' | Out-Null
        $results = Get-MgUploadSession | Resume-MgUploadSession -MaxAttempts 20 -WarningVariable warnings -WarningAction SilentlyContinue -ErrorAction Stop 6> $null
        "$warnings" | Should -BeLike "*-MaxAttempts*$($tree.Id)*"
        @($results | Where-Object { $_ -is [MgUpload.UploadResult] }).Count | Should -BeGreaterOrEqual 1
        ($results | Where-Object { $_ -is [MgUpload.ItemResult] }).Count | Should -Be 151
        Get-MgUploadSession | Should -BeNullOrEmpty
        Get-Stored | Where-Object path -Like 'e:*' | Should -Not -BeNullOrEmpty
        (Get-Stored | Where-Object path -Like 'd:*').Count | Should -Be 151
    }

    It 'waits for a source that is gone, and for its own connection' {
        Stop-Halfway | Out-Null
        $id = (Get-Trees).Id
        Rename-Item $root Away
        try { $failed = { Resume-MgUploadSession $id -ErrorAction Stop } | Should -Throw -ErrorId 'SourceMissing*' -PassThru }
        finally { Rename-Item "$TestDrive/Away" Reports }
        $failed.ErrorDetails.RecommendedAction | Should -BeLike "*-Id $id*"
        $sent = @(Get-Requests | Where-Object method -NE 'GET').Count
        $other = Connect-MgUpload -AccessToken (ConvertTo-SecureString t -AsPlainText -Force) -GraphEndpoint ($standin.graph -replace '127.0.0.1', 'localhost') -PassThru
        { Resume-MgUploadSession $id -Connection $other -ErrorAction Stop } | Should -Throw '*belongs to*'
        @(Get-Requests | Where-Object method -NE 'GET').Count | Should -Be $sent
        (Get-Trees).Id | Should -Be $id
        Connect-Standin
        (Resume-MgUploadSession $id 6> $null).Count | Should -Be 151
        Assert-Arrived
    }

    It 'is given up: nothing holds a name, what has arrived stays, and the next is served' {
        Add-Fault @{ route = 'put'; nth = 80; times = 0 } @{ answer = @{ status = 401; code = 'unauthenticated' } }
        Stop-Halfway | Out-Null
        $tree = Get-Trees
        $tree | Remove-MgUploadSession -WhatIf
        (Get-Trees).Id | Should -Be $tree.Id
        $count = @(Get-Stored).Count
        Get-MgUploadSession | Remove-MgUploadSession -ErrorAction Stop
        Get-MgUploadSession | Should -BeNullOrEmpty
        @(Invoke-Control '/sessions' | ForEach-Object { $_ }) | Should -BeNullOrEmpty
        @(Get-Stored).Count | Should -Be $count
        { Remove-MgUploadSession $tree.Id -ErrorAction Stop } | Should -Throw '*No upload*'
        { Resume-MgUploadSession $tree.Id -ErrorAction Stop } | Should -Throw '*no upload*'
        (Send-MgUploadItem $root @where | Where-Object Status -EQ Failed) | Should -BeNullOrEmpty
        Assert-Arrived
    }

    It 'is told as unreadable where it is, and left' {
        Stop-Halfway | Out-Null
        $record = Get-Item "$env:MGUPLOAD_STATE/trees/*.json"
        Set-Content $record '{"version":99}'
        Get-MgUploadSession -WarningVariable warnings -WarningAction SilentlyContinue | Where-Object { $_ -is [MgUpload.OpenTree] } | Should -BeNullOrEmpty
        "$warnings" | Should -BeLike "*$($record.Name)*"
        $record | Should -Exist
    }
}
