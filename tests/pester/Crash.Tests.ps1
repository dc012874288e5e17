# Uploads that a kill ends, and many at once: in processes of their own, against the stand-in of this one.

Describe 'An upload' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        $standin = Start-Standin
        $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
        function Get-Puts { @(Get-Requests 'upload' | Where-Object method -EQ 'PUT') }
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

    It 'arrives after ten kills in a row, and sends at most one request''s bytes again for each' {
        $kills, $length, $chunk = 10, 512MB, 10MB
        $file = New-TestFile "$TestDrive/big.bin" $length
        # Every answer takes a moment, so that a kill meets the upload on its way.
        Invoke-Control '/faults' 'Post' @(, @{ on = @{ route = 'put'; times = 0 }; do = @{ stallMillis = 150 } }) | Out-Null
        $script = "New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = 'big.bin' } | Send-MgUploadSession '$($file.FullName)' -ChunkSize $chunk"
        $random = [System.Random]::new()
        $cut = 0
        foreach ($kill in 1..$kills) {
            $before = @(Get-Puts).Count
            $shell = Start-Shell $script
            $deadline = [datetime]::UtcNow.AddSeconds(60)
            while (@(Get-Puts).Count -lt $before + 2 -and -not $shell.HasExited -and [datetime]::UtcNow -lt $deadline) { [System.Threading.Thread]::Sleep(5) }
            [System.Threading.Thread]::Sleep($random.Next(60))
            $shell.HasExited | Should -BeFalse -Because "kill $kill has to come before the end: $(if ($shell.HasExited) { $shell.StandardError.ReadToEnd() })"
            $shell.Kill()
            $shell.WaitForExit()
            $open = @(Get-MgUploadSession)
            $open.Count | Should -Be 1
            $open[0].Path | Should -Be $file.FullName
            $script = "Resume-MgUploadSession -Id $($open[0].Id) | ForEach-Object Integrity"
        }
        $cut = @(Get-Puts | Where-Object status -EQ $null).Count
        $shell = Start-Shell $script
        $said = $shell.StandardOutput.ReadToEnd() + $shell.StandardError.ReadToEnd()
        $said.Trim() | Should -Be 'Verified'
        $stored = @(Invoke-Control '/files') | ForEach-Object { $_ }
        $stored.sha256 | Should -Be (Get-FileHash -LiteralPath $file.FullName).Hash
        $sent = (Get-Puts | Measure-Object bodyBytes -Sum).Sum
        $sent | Should -BeGreaterOrEqual $length
        $sent | Should -BeLessOrEqual ($length + $kills * $chunk)
        Get-MgUploadSession | Should -BeNullOrEmpty
        Write-Host "    $kills kills ($cut in mid-request): $sent bytes sent of $length, $($sent - $length) more than once"
        Remove-Item -LiteralPath $file.FullName
    }

    It 'goes well a hundred times at once while one request in ten fails, and no descriptor stays open' -Skip:(-not $IsLinux) {
        $file = New-TestFile "$TestDrive/many.bin" 4000000
        $faults = @(
            @{ answer = @{ status = 503 } }, @{ reset = 'before' }, @{ reset = 'body'; afterBytes = 100000 }, @{ cutAnswer = $true }, @{ reset = 'after-store' },
            @{ answer = @{ status = 500; code = 'generalException' } }, @{ answer = @{ status = 429; headers = @{ 'Retry-After' = '1' } } }
        )
        # 100 files of 7 requests each, and those that are sent again.
        $rules = foreach ($number in 1..80) { @{ on = @{ route = 'put'; nth = 10 * $number }; do = $faults[$number % $faults.Count] } }
        Invoke-Control '/faults' 'Post' @($rules) | Out-Null
        $shell = Start-Shell @"
        function Send-Many([int] `$Count, [string] `$Folder) {
            1..`$Count | ForEach-Object -ThrottleLimit 100 -Parallel {
                Import-Module '$manifest'
                New-MgUserDriveRootUploadSession -UserId u -DriveId "`${using:Folder}`$_" -Item @{ name = 'many.bin' } | Send-MgUploadSession '$($file.FullName)' -ChunkSize 640KB
            }
        }
        # Without the assemblies: .NET keeps those open that it has loaded, and PowerShell loads more as it goes.
        function Get-Open {
            [GC]::Collect()
            [GC]::WaitForPendingFinalizers()
            @([IO.DirectoryInfo]::new("/proc/`$PID/fd").GetFileSystemInfos().LinkTarget -notlike '*.dll').Count
        }
        function Get-Threads { @([IO.Directory]::GetDirectories("/proc/`$PID/task")).Count }
        function Get-Memory { [int] ([Diagnostics.Process]::GetCurrentProcess().WorkingSet64 / 1MB) }
        `$null = Send-Many 5 warm
        Disconnect-MgUpload
        `$before, `$memory = (Get-Open), (Get-Memory)
        Connect-MgUpload (ConvertTo-SecureString token -AsPlainText -Force) -GraphEndpoint '$($standin.graph)'
        `$watch = [Diagnostics.Stopwatch]::StartNew()
        `$results = @(Send-Many 100 d)
        `$elapsed = `$watch.Elapsed.TotalSeconds
        `$peak = Get-Memory
        Disconnect-MgUpload
        `$deadline = [datetime]::UtcNow.AddSeconds(10)
        while ((`$after = Get-Open) -gt `$before -and [datetime]::UtcNow -lt `$deadline) { [Threading.Thread]::Sleep(100) }
        @{ verified = @(`$results | Where-Object Integrity -EQ 'Verified').Count; retries = (`$results | Measure-Object Retries -Sum).Sum; before = `$before; after = `$after; elapsed = `$elapsed; memory = `$memory; peak = `$peak; threads = Get-Threads; open = @(Get-MgUploadSession).Count } | ConvertTo-Json
"@
        $wrong = $shell.StandardError.ReadToEndAsync()
        $told = $shell.StandardOutput.ReadToEnd()
        $wrong.Result | Should -BeNullOrEmpty
        $told = $told | ConvertFrom-Json
        $told.verified | Should -Be 100
        $told.open | Should -Be 0
        $fired = (@(Invoke-Control '/faults') | ForEach-Object { $_ } | Measure-Object fired -Sum).Sum
        $fired | Should -BeGreaterOrEqual 70 -Because 'a tenth of 700 requests fails'
        $told.after | Should -BeLessOrEqual $told.before
        $hash = (Get-FileHash -LiteralPath $file.FullName).Hash
        $stored = @(Invoke-Control '/files') | ForEach-Object { $_ } | Where-Object path -Like 'd*'
        $stored.Count | Should -Be 100
        @($stored | Where-Object sha256 -NE $hash) | Should -BeNullOrEmpty
        Write-Host "    100 uploads in $($told.elapsed.ToString('0.0')) s, $fired faults, $($told.retries) requests repeated; descriptors $($told.before) before, $($told.after) after; memory $($told.memory) MiB before, $($told.peak) MiB after; $($told.threads) threads"
    }
}
