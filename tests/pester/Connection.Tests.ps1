# Several connections side by side, and the way to the network.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    Import-BuiltModule
    $standin = Start-Standin
    $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'

    function New-Token([string] $Text) { ConvertTo-SecureString $Text -AsPlainText -Force }
    function Connect-As([string] $Token) { Connect-MgUpload -AccessToken (New-Token $Token) -GraphEndpoint $standin.graph -PassThru }
    function Get-TokensSent { Get-Requests 'graph' | ForEach-Object { ($_.headers | Where-Object { $_[0] -eq 'authorization' })[1] } }

    # A runspace of its own, which imports the module by itself.
    function New-Shell {
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        $null = $shell.AddScript("Import-Module '$manifest'").Invoke()
        $shell.Commands.Clear()
        $shell
    }

    function Invoke-In($Shell, [string] $Script) {
        $output = $Shell.AddScript($Script).Invoke()
        $Shell.Commands.Clear()
        $output
    }

    $connect = { param($token) "Connect-MgUpload (ConvertTo-SecureString $token -AsPlainText -Force) -GraphEndpoint $($standin.graph)" }
    $create = "New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/a.bin:'"
}

AfterAll { Stop-Standin }

Describe 'A connection' {
    BeforeEach {
        Reset-Standin
        Disconnect-MgUpload
    }

    It 'is returned with -PassThru, and shows no token' {
        $connection = Connect-As 'hidden-token'
        $connection | Should -BeOfType MgUpload.GraphConnection
        $connection.GraphEndpoint | Should -Be ([uri] $standin.graph)
        ($connection | Format-List * | Out-String) + ($connection | ConvertTo-Json -Depth 5) | Should -Not -Match 'hidden-token'
    }

    It 'is the one that -Connection names' {
        $one = Connect-As 'one'
        $null = Connect-As 'two'
        $null = New-MgDriveItemUploadSession -Connection $one -DriveId d -DriveItemId 'root:/a.bin:'
        $null = New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/b.bin:'
        Get-TokensSent | Should -Be 'Bearer one', 'Bearer two'
    }

    It 'stays with the session that it made' {
        $null = Connect-As 'one'
        $session = New-MgUserTodoListTaskAttachmentUploadSession -UserId u -TodoTaskListId l -TodoTaskId t -AttachmentInfo @{ attachmentType = 'file'; name = 'a.bin'; size = 10 }
        $null = Connect-As 'two'
        $file = New-TestFile "$TestDrive/a.bin" 10
        # To Do's upload URL wants a token.
        ($session | Send-MgUploadSession $file.FullName).Length | Should -Be 10
        Get-TokensSent | Select-Object -Unique | Should -Be 'Bearer one'
    }

    It 'of a runspace goes before the process''s, and changes nothing for the others' {
        $null = Connect-As 'main'
        $other = New-Shell
        $null = Invoke-In $other "$(& $connect 'other'); $create"
        $null = & ([scriptblock]::Create($create.Replace('a.bin', 'b.bin')))
        $null = Invoke-In $other $create.Replace('a.bin', 'c.bin')
        Get-TokensSent | Should -Be 'Bearer other', 'Bearer main', 'Bearer other'
        $other.Runspace.Dispose()
    }

    It 'serves runspaces that have made none: one Connect for ForEach-Object -Parallel' {
        $null = Connect-As 'main'
        $made = 1..4 | ForEach-Object -ThrottleLimit 2 -Parallel {
            Import-Module $using:manifest
            New-MgDriveItemUploadSession -DriveId d -DriveItemId "root:/$_.bin:"
        }
        $made.Count | Should -Be 4
        Get-TokensSent | Select-Object -Unique | Should -Be 'Bearer main'
    }

    It 'is taken over by a runspace that lives, where the one that connected first is gone' {
        $first = New-Shell
        $null = Invoke-In $first (& $connect 'first')
        $first.Runspace.Dispose()
        $null = Connect-As 'main'
        $other = New-Shell
        $null = Invoke-In $other $create
        $other.Runspace.Dispose()
        Get-TokensSent | Should -Be 'Bearer main'
    }

    It 'is not taken from those that use it, by Connect- or Disconnect-' {
        $null = Connect-As 'main'
        $session = New-MgUserTodoListTaskAttachmentUploadSession -UserId u -TodoTaskListId l -TodoTaskId t -AttachmentInfo @{ attachmentType = 'file'; name = 'a.bin'; size = 3000000 }
        $file = New-TestFile "$TestDrive/t.bin" 3000000
        Add-Fault @{ route = 'put'; nth = 2 } @{ stallMillis = 1500 }
        $other = New-Shell
        $running = $other.AddCommand('Send-MgUploadSession').AddParameter('InputObject', $session).AddParameter('Path', $file.FullName).AddParameter('ChunkSize', 320KB).BeginInvoke()
        $deadline = [datetime]::UtcNow.AddSeconds(10)
        while (@(Get-Requests | Where-Object method -EQ 'PUT').Count -lt 1 -and [datetime]::UtcNow -lt $deadline) { [System.Threading.Thread]::Sleep(20) }
        Disconnect-MgUpload
        $result = $other.EndInvoke($running)
        "$($other.Streams.Error)" | Should -BeNullOrEmpty
        $result[0].Length | Should -Be 3000000
        $other.Runspace.Dispose()
    }

    It 'that is closed is refused by name, and left out else' {
        $one = Connect-As 'one'
        Disconnect-MgUpload -Connection $one
        $one.IsClosed | Should -BeTrue
        { New-MgDriveItemUploadSession -Connection $one -DriveId d -DriveItemId i -ErrorAction Stop } | Should -Throw '*closed by Disconnect-MgUpload*' -ErrorId 'Unauthenticated,*'
        { New-MgDriveItemUploadSession -DriveId d -DriveItemId i -ErrorAction Stop } | Should -Throw '*call Connect-MgUpload*'
        Get-Requests | Should -BeNullOrEmpty
    }
}

Describe 'The way to the network' {
    BeforeEach {
        Reset-Standin
        $before = @{}
        foreach ($name in 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy', 'NO_PROXY', 'no_proxy', 'SSL_CERT_FILE') { $before[$name] = [Environment]::GetEnvironmentVariable($name); Remove-Item "Env:$name" -ErrorAction Ignore }
        $far = @{ AccessToken = (New-Token 'x'); GraphEndpoint = 'https://graph.invalid' }
        # The stand-in as a proxy: it sees what is asked of it, and makes no way.
        # PowerShell's own telemetry takes the same way.
        function Get-Asked { Get-Requests 'upload' | Where-Object target -Like '*.invalid:443' | ForEach-Object { "$($_.method) $($_.target)" } }
        function New-Far { New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/a.bin:' -ErrorAction SilentlyContinue | Should -BeNullOrEmpty }
        function Send-Far($Session) { $Session | Send-MgUploadSession (New-TestFile "$TestDrive/a.bin" 10).FullName -MaxAttempts 1 -WaitBudget 00:00:01 -ErrorAction SilentlyContinue | Should -BeNullOrEmpty }
    }

    AfterEach {
        foreach ($name in $before.Keys) { if ($null -ne $before[$name]) { Set-Item "Env:$name" $before[$name] } else { Remove-Item "Env:$name" -ErrorAction Ignore } }
        Disconnect-MgUpload
    }

    It 'is -Proxy of Connect-, for sessions and for uploads, with its log-on' {
        Connect-MgUpload @far -Proxy $standin.upload -ProxyCredential ([pscredential]::new('me', (New-Token 'secret')))
        New-Far
        Send-Far 'https://up.invalid/s/1'
        Get-Asked | Select-Object -Unique | Should -Be 'CONNECT graph.invalid:443', 'CONNECT up.invalid:443'
        Get-Requests 'upload' | ForEach-Object { ($_.headers | Where-Object { $_[0] -eq 'proxy-authorization' })[1] } | Select-Object -Unique |
            Should -Be ('Basic ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('me:secret')))
    }

    It 'is logged on to as whoever runs PowerShell, for sessions and for uploads, by -ProxyUseDefaultCredentials' {
        Connect-MgUpload @far -Proxy $standin.upload -ProxyUseDefaultCredentials
        (Get-MgUploadContext).Connection.Proxy | Should -Be ([uri] $standin.upload).GetLeftPart('Authority')
        New-Far
        Send-Far 'https://up.invalid/s/user'
        Get-Asked | Select-Object -Unique | Should -Be 'CONNECT graph.invalid:443', 'CONNECT up.invalid:443'
        (Get-Requests 'upload').headers | Where-Object { $_[0] -eq 'proxy-authorization' } | Should -BeNullOrEmpty -Because 'this proxy wants none'
        { Connect-MgUpload @far -Proxy $standin.upload -ProxyUseDefaultCredentials -ProxyCredential ([pscredential]::new('me', (New-Token 'x'))) -ErrorAction Stop } |
            Should -Throw '*two log-ons*' -ErrorId 'InvalidInput,*'
    }

    It 'is logged on to by -ProxyUseDefaultCredentials of New-, and the session keeps it' {
        Connect-Standin
        Add-Fault @{ route = 'create' } @{ answer = @{ status = 200; body = @{ uploadUrl = 'https://up.invalid/s/userproxied'; nextExpectedRanges = @('0-') } } }
        $env:HTTPS_PROXY = $standin.upload
        $session = New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/a.bin:' -ProxyUseDefaultCredentials
        Remove-Item Env:HTTPS_PROXY
        Send-Far $session
        Get-Asked | Select-Object -Unique | Should -Be 'CONNECT up.invalid:443'
    }

    It 'is -Proxy of New-, and the session keeps it' {
        # A Graph on this machine, to which no proxy is asked; the session is fed elsewhere.
        Connect-Standin
        Add-Fault @{ route = 'create' } @{ answer = @{ status = 200; body = @{ uploadUrl = 'https://up.invalid/s/proxied'; nextExpectedRanges = @('0-') } } }
        $session = New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/a.bin:' -Proxy $standin.upload
        Get-Asked | Should -BeNullOrEmpty
        Send-Far $session
        Get-Asked | Select-Object -Unique | Should -Be 'CONNECT up.invalid:443'
        Send-Far 'https://up.invalid/s/bare'
        @(Get-Asked).Count | Should -Be 1 -Because 'the URL alone knows of no proxy'
    }

    It 'is what is assigned to $env:HTTPS_PROXY, less $env:NO_PROXY' {
        $env:HTTPS_PROXY = $standin.upload
        $env:NO_PROXY = 'up.invalid'
        Connect-MgUpload @far
        New-Far
        Send-Far 'https://up.invalid/s/1'
        Send-Far 'https://other.invalid/s/1'
        Get-Asked | Select-Object -Unique | Should -Be 'CONNECT graph.invalid:443', 'CONNECT other.invalid:443'
    }

    It 'is the environment''s without a connection too, as it is now' {
        Send-Far 'https://up.invalid/s/1'
        $env:HTTPS_PROXY = $standin.upload
        Send-Far 'https://up.invalid/s/2'
        Get-Asked | Select-Object -Unique | Should -Be 'CONNECT up.invalid:443'
    }

    It 'is the system''s where nothing is named, host by host' {
        # As on Windows and macOS, where .NET asks the system; a script of the system's decides by host.
        $asked = (Get-Command Connect-MgUpload).ImplementingType.Assembly.GetType('MgUpload.Connection.SystemProxy').GetProperty('Asked', [Reflection.BindingFlags] 'NonPublic, Static')
        $asked.SetValue($null, [Net.WebProxy]::new($standin.upload, $false, @('direct\.invalid')))
        try {
            Connect-MgUpload @far
            New-Far
            Send-Far 'https://up.invalid/s/system'
            Send-Far 'https://direct.invalid/s/system'
            Disconnect-MgUpload
            # A client without a connection that is not made for another test.
            $env:NO_PROXY = 'far.invalid'
            Send-Far 'https://other.invalid/s/system'
        }
        finally { $asked.SetValue($null, $null) }
        Get-Asked | Select-Object -Unique | Should -Be 'CONNECT graph.invalid:443', 'CONNECT up.invalid:443', 'CONNECT other.invalid:443'
    }

    It 'is refused where HTTPS_PROXY names no proxy' {
        $env:HTTPS_PROXY = 'http://'
        { Connect-MgUpload @far -ErrorAction Stop } | Should -Throw '*HTTPS_PROXY*' -ErrorId 'InvalidInput,*'
    }

    It 'trusts what $env:SSL_CERT_FILE names, or says why not' {
        $env:SSL_CERT_FILE = "$TestDrive/none.pem"
        { Connect-MgUpload @far -ErrorAction Stop } | Should -Throw '*none.pem*'
    }

    It 'keeps records where $env:MGUPLOAD_STATE says, as it is at Connect-' {
        $state = $env:MGUPLOAD_STATE
        try {
            $env:MGUPLOAD_STATE = "$TestDrive/elsewhere"
            Connect-Standin
            Add-Fault @{ route = 'put' } @{ answer = @{ status = 403; code = 'accessDenied' } }
            New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/a.bin:' | Send-MgUploadSession (New-TestFile "$TestDrive/a.bin" 1000).FullName -ErrorAction SilentlyContinue
            @(Get-ChildItem "$TestDrive/elsewhere" -Filter *.json).Count | Should -Be 1
            @(Get-MgUploadSession).Count | Should -Be 1
        }
        finally { $env:MGUPLOAD_STATE = $state }
    }
}

Describe 'A token' {
    It 'that is plain text is refused with the way to make a SecureString, and not shown' {
        $record = { Connect-MgUpload -AccessToken 'ey-hidden' } | Should -Throw -PassThru
        $record.Exception.Message | Should -BeLike '*ConvertTo-SecureString*'
        $record.Exception.Message | Should -Not -BeLike '*ey-hidden*'
    }
}
