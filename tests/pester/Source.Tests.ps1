# What Send-MgUploadSession takes besides a path: streams and bytes.

Describe 'Send-MgUploadSession' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        $file = New-TestFile "$TestDrive/a.bin" 1000000
        $bytes = [System.IO.File]::ReadAllBytes($file.FullName)
        $hash = (Get-FileHash -LiteralPath $file.FullName).Hash

        # A stream that cannot seek and does not know its length.
        class OneWay : System.IO.Stream {
            [System.IO.Stream] $Inner
            OneWay([System.IO.Stream] $inner) { $this.Inner = $inner }
            [bool] get_CanRead() { return $true }
            [bool] get_CanSeek() { return $false }
            [bool] get_CanWrite() { return $false }
            [long] get_Length() { throw [System.NotSupportedException]::new() }
            [long] get_Position() { throw [System.NotSupportedException]::new() }
            [void] set_Position([long] $value) { throw [System.NotSupportedException]::new() }
            [void] Flush() { }
            [long] Seek([long] $offset, [System.IO.SeekOrigin] $origin) { throw [System.NotSupportedException]::new() }
            [void] SetLength([long] $value) { throw [System.NotSupportedException]::new() }
            [void] Write([byte[]] $buffer, [int] $offset, [int] $count) { throw [System.NotSupportedException]::new() }
            [int] Read([byte[]] $buffer, [int] $offset, [int] $count) { return $this.Inner.Read($buffer, $offset, $count) }
        }

        function New-Session([string] $Name = 'a.bin') { New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = $Name } }
        function Get-Stored { @(Invoke-Control '/files') | ForEach-Object { $_ } | Select-Object -Last 1 }
        function Get-Spooled { @(Get-ChildItem ([System.IO.Path]::GetTempPath()) -Filter 'mgupload-*.tmp') }
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Reset-State
        Connect-Standin
    }

    AfterEach {
        Get-Violations | Should -BeNullOrEmpty
        Get-Spooled | Should -BeNullOrEmpty
    }

    It 'takes bytes from the pipeline: <how>' -ForEach @(
        @{ how = 'Get-Content, all at once'; send = { param($s) Get-Content -AsByteStream -ReadCount 0 $file.FullName | Send-MgUploadSession -Session $s } }
        @{ how = 'Get-Content, in parts'; send = { param($s) Get-Content -AsByteStream -ReadCount 30000 $file.FullName | Send-MgUploadSession -InputObject $s } }
        @{ how = 'Get-Content -Raw'; send = { param($s) Get-Content -AsByteStream -Raw $file.FullName | Send-MgUploadSession -InputObject $s } }
        @{ how = 'one array'; send = { param($s) , $bytes | Send-MgUploadSession -Session $s } }
    ) {
        $result = & $send (New-Session)
        @($result).Count | Should -Be 1
        $result.Integrity, $result.Length, $result.Path | Should -Be 'Verified', 1000000, $null
        (Get-Stored).sha256 | Should -Be $hash
    }

    It 'takes single bytes from the pipeline, also with a PSPath' {
        Set-Content "$TestDrive/s.bin" -AsByteStream -Value ([byte[]] (1..100))
        (Get-Content -AsByteStream "$TestDrive/s.bin" | Send-MgUploadSession -Session (New-Session 's.bin')).Length | Should -Be 100
        ([byte[]] (1..100) | Send-MgUploadSession -Session (New-Session 't.bin')).Length | Should -Be 100
        (Get-Stored).sha256 | Should -Be (Get-FileHash "$TestDrive/s.bin").Hash
    }

    It 'takes bytes as an argument: session <how>' -ForEach @(
        @{ how = 'from the pipeline'; send = { param($s) $s | Send-MgUploadSession -Content $bytes } }
        @{ how = 'by name'; send = { param($s) Send-MgUploadSession -Session $s -Content $bytes } }
    ) {
        (& $send (New-Session)).Integrity | Should -Be 'Verified'
        (Get-Stored).sha256 | Should -Be $hash
    }

    It 'takes no bytes at all for an empty file' {
        $result = New-Session | Send-MgUploadSession -Content @()
        $result.Length, $result.Item.size | Should -Be 0, 0
    }

    It 'takes <what>' -ForEach @(
        @{ what = 'a stream in memory'; stream = { [System.IO.MemoryStream]::new($bytes) } }
        @{ what = 'a stream of unknown length'; stream = { [OneWay]::new([System.IO.MemoryStream]::new($bytes)) } }
        @{ what = 'an open file'; stream = { [System.IO.File]::OpenRead($file.FullName) } }
        @{ what = 'a file that was written to and not flushed'; stream = { $new = [System.IO.File]::Open("$TestDrive/new.bin", 'Create', 'ReadWrite', 'Read'); $new.Write($bytes, 0, $bytes.Length); $new.Position = 0; $new } }
    ) {
        $stream = & $stream
        try {
            $result = New-Session | Send-MgUploadSession -InputStream $stream -Length 1000000
            $result.Integrity, $result.Length | Should -Be 'Verified', 1000000
            $result.Path | Should -Be ($stream -is [System.IO.FileStream] ? $stream.Name : $null)
            (Get-Stored).sha256 | Should -Be $hash
        }
        finally { $stream.Dispose() }
    }

    It 'takes a stream from where it stands' {
        $stream = [System.IO.File]::OpenRead($file.FullName)
        try {
            $null = $stream.Seek(400000, 'Begin')
            (New-Session | Send-MgUploadSession -InputStream $stream).Length | Should -Be 600000
            [System.IO.File]::WriteAllBytes("$TestDrive/rest.bin", $bytes[400000..999999])
            (Get-Stored).sha256 | Should -Be (Get-FileHash "$TestDrive/rest.bin").Hash
        }
        finally { $stream.Dispose() }
    }

    It 'refuses <what>, and sends nothing' -ForEach @(
        @{ what = 'a stream longer than said'; send = { New-Session | Send-MgUploadSession -InputStream ([OneWay]::new([System.IO.MemoryStream]::new($bytes))) -Length 5 -ErrorAction Stop }; id = 'SourceChanged'; category = 'InvalidData' }
        @{ what = 'a stream shorter than said'; send = { New-Session | Send-MgUploadSession -InputStream ([OneWay]::new([System.IO.MemoryStream]::new($bytes))) -Length 2000000 -ErrorAction Stop }; id = 'SourceChanged'; category = 'InvalidData' }
        @{ what = 'an open file of another length'; send = { $s = [System.IO.File]::OpenRead($file.FullName); try { New-Session | Send-MgUploadSession -InputStream $s -Length 5 -ErrorAction Stop } finally { $s.Dispose() } }; id = 'SourceChanged'; category = 'InvalidData' }
        @{ what = 'a closed stream'; send = { $s = [System.IO.MemoryStream]::new($bytes); $s.Dispose(); New-Session | Send-MgUploadSession -InputStream $s -ErrorAction Stop }; id = 'SourceDenied'; category = 'PermissionDenied' }
        @{ what = 'more bytes than may be spooled, from the pipeline'; send = { Get-Content -AsByteStream -ReadCount 30000 $file.FullName | Send-MgUploadSession -Session (New-Session) -SpoolLimit 500KB -ErrorAction Stop }; id = 'InvalidInput'; category = 'InvalidArgument' }
        @{ what = 'more bytes than may be spooled, from a stream'; send = { New-Session | Send-MgUploadSession -InputStream ([System.IO.MemoryStream]::new($bytes)) -SpoolLimit 500KB -ErrorAction Stop }; id = 'InvalidInput'; category = 'InvalidArgument' }
        @{ what = 'text'; send = { 'text' | Send-MgUploadSession -Session (New-Session) -ErrorAction Stop }; id = 'InvalidInput'; category = 'InvalidArgument' }
        @{ what = 'text as an argument'; send = { New-Session | Send-MgUploadSession -Content 'text' -ErrorAction Stop }; id = 'InvalidInput'; category = 'InvalidArgument' }
        @{ what = 'an empty pipeline'; send = { @() | Send-MgUploadSession -Session (New-Session) -ErrorAction Stop }; id = 'SourceMissing'; category = 'ObjectNotFound' }
    ) {
        $record = { & $send } | Should -Throw -PassThru
        $record.FullyQualifiedErrorId | Should -Be "$id,MgUpload.Cmdlets.SendMgUploadSessionCommand"
        $record.CategoryInfo.Category | Should -Be $category
        $record.TargetObject | Should -Not -BeNullOrEmpty
        @(Get-Requests 'upload') | Should -BeNullOrEmpty
    }

    It 'refuses <what>: it would put an empty file in the place of another' -ForEach @(
        @{ what = 'a stream in memory that was not rewound'; stream = { $s = [System.IO.MemoryStream]::new(); $s.Write($bytes, 0, 1000); $s } }
        @{ what = 'an open file that was read to its end'; stream = { $s = [System.IO.File]::OpenRead($file.FullName); $null = $s.Seek(0, 'End'); $s } }
        @{ what = 'a stream of unknown length that gives nothing'; stream = { [OneWay]::new([System.IO.MemoryStream]::new()) } }
    ) {
        $stream = & $stream
        try {
            $session = New-Session
            $record = { $session | Send-MgUploadSession -InputStream $stream -ErrorAction Stop } | Should -Throw -PassThru
            $record.FullyQualifiedErrorId | Should -Be 'SourceMissing,MgUpload.Cmdlets.SendMgUploadSessionCommand'
            $record.Exception.Message | Should -BeLike '*nothing left to send*'
            $record.ErrorDetails.RecommendedAction | Should -BeLike '*Position = 0*-Length 0*'
            @(Get-Requests | Where-Object method -In 'PUT', 'DELETE') | Should -BeNullOrEmpty
            # Where it is meant, it is said.
            ($session | Send-MgUploadSession -InputStream $stream -Length 0).Item.size | Should -Be 0
        }
        finally { $stream.Dispose() }
    }

    It 'takes a stream that is empty from its start' {
        (New-Session | Send-MgUploadSession -InputStream ([System.IO.MemoryStream]::new())).Item.size | Should -Be 0
    }

    It 'takes the bytes of a file that says it has none' -Skip:(-not $IsLinux) {
        $stream = [System.IO.File]::OpenRead('/proc/cpuinfo')
        try { (New-Session | Send-MgUploadSession -InputStream $stream).Length | Should -BeGreaterThan 10 }
        finally { $stream.Dispose() }
        $record = { New-Session 'b.bin' | Send-MgUploadSession -Path /proc/cpuinfo -ErrorAction Stop } | Should -Throw -PassThru
        $record.FullyQualifiedErrorId | Should -BeLike 'SourceDenied,*'
        $record.Exception.Message | Should -BeLike '*/proc/cpuinfo*0 bytes*'
        $record.ErrorDetails.RecommendedAction | Should -BeLike '*-InputStream*'
        @(Invoke-Control '/files' | ForEach-Object { $_ }).Count | Should -Be 1
    }

    It 'refuses text once, and says what to do: <what>' -ForEach @(
        @{ what = 'what a program writes'; send = { param($s) Invoke-PowerShell -NoProfile -NonInteractive -Command '1..100' | Send-MgUploadSession -Session $s } }
        @{ what = 'lines of a file'; send = { param($s) Get-Content "$TestDrive/lines.txt" | Send-MgUploadSession -Session $s } }
        @{ what = 'lines of a file, several at a time'; send = { param($s) Get-Content "$TestDrive/lines.txt" -ReadCount 30 | Send-MgUploadSession -Session $s } }
        @{ what = 'bytes, then text'; send = { param($s) $bytes, 'text', 'text' | Send-MgUploadSession -Session $s } }
    ) {
        Set-Content "$TestDrive/lines.txt" (1..100)
        $session = New-Session
        # Its length has a limit, which other files of this process may have come to.
        $Error.Clear()
        try { & $send $session | Should -BeNullOrEmpty } catch { $record = $_ }
        $Error.Count | Should -Be 1
        $record.FullyQualifiedErrorId | Should -Be 'InvalidInput,MgUpload.Cmdlets.SendMgUploadSessionCommand'
        $record.Exception.Message | Should -BeLike '*text where bytes are wanted*'
        $record.ErrorDetails.RecommendedAction | Should -BeLike '*program > file*-Path*Get-Content -AsByteStream*'
        @(Get-Requests 'upload') | Should -BeNullOrEmpty
    }

    It 'sends what a program wrote to a file, byte by byte' -Skip:$IsWindows {
        # What the help page tells to do.
        /bin/cat $file.FullName > "$TestDrive/written.bin"
        (New-Session | Send-MgUploadSession -Path "$TestDrive/written.bin").Integrity | Should -Be 'Verified'
        (Get-Stored).sha256 | Should -Be $hash
    }

    It 'says that nothing came: <what>' -ForEach @(
        @{ what = 'from a program'; send = { param($s) Invoke-PowerShell -NoProfile -NonInteractive -Command 'exit' | Send-MgUploadSession -Session $s @quiet } }
        @{ what = 'from an empty file'; send = { param($s) Get-Content -AsByteStream "$TestDrive/empty.bin" | Send-MgUploadSession -Session $s @quiet } }
        @{ what = 'from a list of files'; send = { param($s) Get-ChildItem $TestDrive -Filter 'none*' | Send-MgUploadSession -Session $s @quiet } }
    ) {
        $null = New-Item "$TestDrive/empty.bin" -Force
        $quiet = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = 'record' }
        $session = New-Session
        . $send $session | Should -BeNullOrEmpty
        $record.Count | Should -Be 1
        $record[0].Exception.Message | Should -BeLike 'Nothing*came from the pipeline*'
        $record[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Content @()*'
        @(Get-Requests 'upload') | Should -BeNullOrEmpty
    }

    It 'has nothing to say where no session comes' {
        @() | Send-MgUploadSession -Path $file.FullName -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'says that bytes have to be sent again after a failure, and where to' {
        Add-Fault @{ route = 'put' } @{ answer = @{ status = 403; code = 'accessDenied' } }
        $record = { New-Session | Send-MgUploadSession -Content $bytes -ErrorAction Stop } | Should -Throw -PassThru
        $record.ErrorDetails.RecommendedAction | Should -BeLike "*Send the same bytes to the same session again*$((Get-MgUploadSession).Id)*"
        $record.ErrorDetails.RecommendedAction | Should -Not -BeLike '*Resume-MgUploadSession -Id*'
    }

    It 'says where the bytes are spooled' {
        $said = New-Session | Send-MgUploadSession -Content $bytes -Verbose 4>&1 | Out-String
        $said | Should -BeLike '*1000000 bytes (bytes) were spooled to *mgupload-*'
    }

    It 'reads nothing with -WhatIf' {
        $stream = [OneWay]::new([System.IO.MemoryStream]::new($bytes))
        New-Session | Send-MgUploadSession -InputStream $stream -WhatIf | Should -BeNullOrEmpty
        $stream.Inner.Position | Should -Be 0
        , $bytes | Send-MgUploadSession -Session (New-Session 'b.bin') -WhatIf | Should -BeNullOrEmpty
        @(Get-Requests 'upload') | Should -BeNullOrEmpty
    }

    It 'goes on with the same bytes, and refuses others' {
        Add-Fault @{ route = 'put'; nth = 3 } @{ answer = @{ status = 507; code = 'quotaLimitReached' } }
        { New-Session | Send-MgUploadSession -Content $bytes -ChunkSize 327680 -ErrorAction Stop } | Should -Throw -ErrorId 'quotaLimitReached*'
        $other = [byte[]] $bytes.Clone()
        $other[500000] = $other[500000] -bxor 1
        { Get-MgUploadSession | Send-MgUploadSession -Content $other -ChunkSize 327680 -ErrorAction Stop } | Should -Throw '*content is another*'
        { Get-MgUploadSession | Resume-MgUploadSession -ErrorAction Stop } | Should -Throw '*send the same bytes*'
        Invoke-Control '/requests' 'Delete' | Out-Null
        (Get-MgUploadSession | Send-MgUploadSession -Content $bytes -ChunkSize 327680).Integrity | Should -Be 'Verified'
        @(Get-Requests 'upload' | Where-Object method -EQ 'PUT').Count | Should -Be 2 -Because 'the first two fragments have arrived before'
        Get-MgUploadSession | Should -BeNullOrEmpty
    }

    It 'keeps a session that it could not feed on record' {
        New-Session | Send-MgUploadSession -Path "$TestDrive/none.bin" -ErrorAction SilentlyContinue
        @(Get-MgUploadSession).Count | Should -Be 1
        Get-MgUploadSession | Remove-MgUploadSession
        Get-MgUploadSession | Should -BeNullOrEmpty
    }

    It 'keeps a spooled copy to itself, and deletes it when stopped' {
        Add-Fault @{ route = 'put' } @{ stallMillis = 60000 }
        $session = New-Session
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        $null = $shell.AddScript("Import-Module '$((Get-Module MgUpload).Path -replace '\.dll$', '.psd1')'").Invoke()
        $shell.Commands.Clear()
        $null = $shell.AddCommand('Send-MgUploadSession').AddParameter('InputObject', $session.UploadUrl).AddParameter('Content', $bytes).BeginInvoke()
        $deadline = [datetime]::UtcNow.AddSeconds(10)
        while (@(Get-Requests 'upload').Count -lt 1 -and [datetime]::UtcNow -lt $deadline) { [System.Threading.Thread]::Sleep(20) }
        $spooled = Get-Spooled
        $spooled.Count | Should -Be 1
        if (-not $IsWindows) { [System.IO.File]::GetUnixFileMode($spooled[0].FullName) | Should -Be 'UserWrite, UserRead' }
        $shell.Stop()
        $shell.Dispose()
        Get-Spooled | Should -BeNullOrEmpty
    }
}
