# Ctrl+C is heard wherever a cmdlet waits: at once, and without a word of error.

Describe 'Ctrl+C' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        $file = New-TestFile "$TestDrive/a.bin" 1000000
        $module = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
        $state = [initialsessionstate]::CreateDefault2()
        $state.ImportPSModule($module)
        $runspace = [runspacefactory]::CreateRunspace($state)
        $runspace.Open()

        function New-Session { New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item @{ name = 'a.bin' } }
    }

    AfterAll {
        $runspace.Dispose()
        Stop-Standin
    }

    BeforeEach {
        Reset-Standin
        Reset-State
        # A client of its own: the last one may still be keeping a pause.
        Connect-Standin
    }

    It 'is heard while <what>' -ForEach @(
        @{ what = 'a session is created'; stall = 'create'; script = { New-MgDriveRootUploadSession -DriveId d -Item @{ name = 'a' } } }
        @{ what = 'a session is created behind a step'; stall = 'create'; script = { New-MgDriveRootUploadSession -DriveId d -Item @{ name = 'a' } -HttpPipelineAppend { param($r, $c, $n) $n.SendAsync($r, $c) } } }
        # Its task heeds no token, and never ends.
        @{ what = 'a step gives no answer'; stall = 'create'; script = { New-MgDriveRootUploadSession -DriveId d -Item @{ name = 'a' } -HttpPipelineAppend { param($r, $c, $n) $null = $n.SendAsync($r, $c); [System.Threading.Tasks.TaskCompletionSource[System.Net.Http.HttpResponseMessage]]::new().Task } } }
        @{ what = 'a session is asked for its state'; stall = 'status'; script = { param($session) Get-MgUploadSession -InputObject $session } }
        @{ what = 'a session is removed'; stall = 'cancel'; script = { param($session) Remove-MgUploadSession -InputObject $session -Confirm:$false } }
        @{ what = 'a session is committed'; stall = 'commit'; script = { param($session) Complete-MgUploadSession -InputObject $session -Confirm:$false } }
        @{ what = 'a file is sent'; stall = 'put'; script = { param($session, $file) Send-MgUploadSession -InputObject $session -Path $file } }
        @{ what = 'the service wants a pause'; pause = 'put'; script = { param($session, $file) Send-MgUploadSession -InputObject $session -Path $file } }
        @{ what = 'a request is to be repeated'; pause = 'create'; script = { New-MgDriveRootUploadSession -DriveId d -Item @{ name = 'a' } } }
        @{ what = 'several files are sent'; stall = 'put'; script = { param($session, $file) $session, $session, $session | Send-MgUploadSession -Path $file } }
    ) {
        $session = New-Session
        Invoke-Control '/requests' 'Delete' | Out-Null
        $route = $stall ?? $pause
        Add-Fault @{ route = $route; times = 0 } ($stall ? @{ stallMillis = 60000 } : @{ answer = @{ status = 503; headers = @{ 'Retry-After' = '60' } } })
        $shell = [powershell]::Create($runspace)
        try {
            $running = $shell.AddScript("$script").AddArgument($session).AddArgument($file.FullName).BeginInvoke()
            $deadline = [datetime]::UtcNow.AddSeconds(30)
            while (@(Get-Requests).Count -lt 1 -and [datetime]::UtcNow -lt $deadline) { [System.Threading.Thread]::Sleep(20) }
            @(Get-Requests).Count | Should -Be 1
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $watch.ElapsedMilliseconds | Should -BeLessThan 5000
            $running.IsCompleted | Should -BeTrue
            $shell.Streams.Error.Count | Should -Be 0
            @(Get-Requests).Count | Should -Be 1 -Because 'nothing is begun any more'
        }
        finally { $shell.Dispose() }
    }

    It 'is heard while a stream gives nothing' {
        # One that no token reaches: a pipe that nobody writes to, a mount that does not answer.
        Add-Type -TypeDefinition @'
public sealed class SilentStream : System.IO.Stream
{
    public readonly System.Threading.ManualResetEvent Asked = new System.Threading.ManualResetEvent(false), Released = new System.Threading.ManualResetEvent(false);
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new System.NotSupportedException();
    public override long Position { get => throw new System.NotSupportedException(); set => throw new System.NotSupportedException(); }
    public override void Flush() { }
    public override int Read(byte[] buffer, int offset, int count) { Asked.Set(); Released.WaitOne(); return 0; }
    public override long Seek(long offset, System.IO.SeekOrigin origin) => throw new System.NotSupportedException();
    public override void SetLength(long value) => throw new System.NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new System.NotSupportedException();
}
'@
        $session = New-Session
        Invoke-Control '/requests' 'Delete' | Out-Null
        $stream = [SilentStream]::new()
        $shell = [powershell]::Create($runspace)
        try {
            $running = $shell.AddScript('param($session, $stream) Send-MgUploadSession -InputObject $session -InputStream $stream').AddArgument($session).AddArgument($stream).BeginInvoke()
            $stream.Asked.WaitOne(30000) | Should -BeTrue
            # In the background: with a cmdlet that hears nothing it would never return.
            $stopping = $shell.BeginStop($null, $null)
            $stopping.AsyncWaitHandle.WaitOne(5000) | Should -BeTrue
            $running.IsCompleted | Should -BeTrue
            $shell.Streams.Error.Count | Should -Be 0
            @(Get-Requests).Count | Should -Be 0
        }
        finally {
            $stream.Released.Set() | Out-Null
            $shell.Dispose()
        }
    }
}
