# How long making a connection may take, and how long one may be silent: of a connection, for all that goes by it.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    Import-Module (Join-Path $PSScriptRoot 'Identity.psm1') -DisableNameChecking
    Import-BuiltModule
    $standin = Start-Standin
    $cloud = "Test$PID"
    $identity = Enter-Identity $TestDrive $cloud $standin.graph
    $token = ConvertTo-SecureString 'token' -AsPlainText -Force
    $file = New-TestFile "$TestDrive/a.bin" 1000
    # It takes connections, and nothing is ever heard of it: by http it is silent, by https no connection comes to be.
    $mute = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
    $mute.Start()
    $address = "127.0.0.1:$($mute.LocalEndpoint.Port)"

    function New-Session { New-MgDriveItemUploadSession -DriveId d -DriveItemId "root:/$([guid]::NewGuid()).bin:" @args }
    # What a call fails with, and after how many seconds.
    function Get-Failure([scriptblock] $Fails) {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $record = { $ErrorActionPreference = 'Stop'; & $Fails } | Should -Throw -PassThru
        [pscustomobject] @{ Record = $record; Id = $record.FullyQualifiedErrorId -replace ',.*'; Seconds = $clock.Elapsed.TotalSeconds; Text = $record.Exception.Message }
    }
}

AfterAll {
    $mute.Stop()
    Exit-Identity
    Stop-Standin
}

Describe 'Connect-MgUpload' {
    It 'takes the limits however one signs in' {
        foreach ($set in (Get-Command Connect-MgUpload).ParameterSets) {
            $set.Parameters.Name | Should -Contain 'ConnectionTimeoutSeconds' -Because $set.Name
            $set.Parameters.Name | Should -Contain 'OperationTimeoutSeconds' -Because $set.Name
        }
    }

    It 'says what is allowed: <name> <value>' -ForEach @(
        @{ name = 'ConnectionTimeoutSeconds'; value = 0; bound = 1 }
        @{ name = 'OperationTimeoutSeconds'; value = -1; bound = 1 }
        @{ name = 'OperationTimeoutSeconds'; value = 86401; bound = 86400 }
    ) {
        $with = @{ $name = $value }
        { Connect-MgUpload -AccessToken $token @with } | Should -Throw "*'$name'*$bound*" -ErrorId 'ParameterArgumentValidationError,*'
    }
}

Describe 'A connection that is silent' {
    BeforeEach { Reset-Standin; Reset-Identity; Disconnect-MgUpload }

    It 'is given up after -OperationTimeoutSeconds: <what>' -ForEach @(
        @{ what = 'an upload'; call = { $session | Send-MgUploadSession $file.FullName -MaxAttempts 1 } }
        @{ what = 'an upload over a session that has a way of its own'; make = @{ Proxy = 'http://proxy.invalid' }; call = { $session | Send-MgUploadSession $file.FullName -MaxAttempts 1 } }
        @{ what = 'an upload while another connection is the present one'; call = {
                Connect-MgUpload -AccessToken $token -GraphEndpoint $standin.graph
                $session | Send-MgUploadSession $file.FullName -MaxAttempts 1
            }
        }
    ) {
        Connect-MgUpload -AccessToken $token -GraphEndpoint $standin.graph -OperationTimeoutSeconds 2
        $make ??= @{}
        $session = New-Session @make
        Add-Fault @{ route = 'put'; times = 0 } @{ stallMillis = 20000 }
        $failure = Get-Failure $call
        $failure.Id | Should -Be 'Timeout'
        $failure.Seconds | Should -BeGreaterOrEqual 2
        $failure.Seconds | Should -BeLessThan 10
        $failure.Text | Should -BeLike '*nothing moved for 2 s*'
    }

    It 'is waited for within the limit' {
        Connect-MgUpload -AccessToken $token -GraphEndpoint $standin.graph -OperationTimeoutSeconds 6
        $session = New-Session
        Add-Fault @{ route = 'put'; times = 0 } @{ stallMillis = 2500 }
        ($session | Send-MgUploadSession $file.FullName -MaxAttempts 1).Integrity | Should -Be 'Verified'
    }

    It 'is tried again, and -Verbose says why' {
        Connect-MgUpload -AccessToken $token -GraphEndpoint $standin.graph -OperationTimeoutSeconds 1
        $session = New-Session
        Add-Fault @{ route = 'put'; times = 1 } @{ stallMillis = 20000 }
        $said = @($session | Send-MgUploadSession $file.FullName -Verbose 4>&1 | ForEach-Object { "$_" })
        @($said -like 'No answer came in time; going on in * s.').Count | Should -Be 1 -Because ($said -join "`n")
        $said | Should -Not -BeLike '*connection was lost*'
    }

    It 'is given up by a creation through steps of one''s own' {
        Connect-MgUpload -AccessToken $token -GraphEndpoint "http://$address" -OperationTimeoutSeconds 1
        $failure = Get-Failure { New-Session -HttpPipelineAppend { param($request, $callback, $next) $next.SendAsync($request, $callback) } }
        $failure.Id | Should -Be 'Timeout'
        $failure.Text | Should -BeLike "*$address has not answered: nothing was heard for 1 s*"
        $failure.Seconds | Should -BeLessThan 5
    }

    It 'is given up by the sign-in too, and one that only thinks is not' {
        $secret = [pscredential]::new($identity.client, (ConvertTo-SecureString $identity.secret -AsPlainText -Force))
        $with = @{ ClientSecretCredential = $secret; TenantId = $identity.tenant; Environment = $cloud; NoWelcome = $true }
        Set-Identity @{ thinks = 1500 }
        Connect-MgUpload @with -OperationTimeoutSeconds 4
        (Get-MgUploadContext).AuthType | Should -Be 'AppOnly'
        Set-Identity @{ thinks = 20000 }
        $failure = Get-Failure { Connect-MgUpload @with -OperationTimeoutSeconds 1 }
        $failure.Id | Should -Be 'Timeout'
        $failure.Text | Should -BeLike 'localhost:* has not answered: nothing was heard for 1 s.'
        $failure.Record.ErrorDetails.RecommendedAction | Should -BeLike '*-OperationTimeoutSeconds*'
        # It is asked a few times.
        $failure.Seconds | Should -BeLessThan 15
    }
}

Describe 'A connection that does not come to be' {
    BeforeEach { Disconnect-MgUpload }

    It 'is given up after -ConnectionTimeoutSeconds: <what>' -ForEach @(
        @{ what = 'an upload'; limits = @{ OperationTimeoutSeconds = 60 }; call = { "https://$address/up" | Send-MgUploadSession $file.FullName -MaxAttempts 1 } }
        @{ what = 'an upload that may be silent for less'; limits = @{ OperationTimeoutSeconds = 1 }; call = { "https://$address/up2" | Send-MgUploadSession $file.FullName -MaxAttempts 1 } }
        @{ what = 'a creation through steps of one''s own'; limits = @{ OperationTimeoutSeconds = 60 }; call = { New-Session -HttpPipelineAppend { param($request, $callback, $next) $next.SendAsync($request, $callback) } } }
    ) {
        Connect-MgUpload -AccessToken $token -GraphEndpoint "https://$address" -ConnectionTimeoutSeconds 2 @limits
        $failure = Get-Failure $call
        $failure.Id | Should -Be 'Network'
        $failure.Text | Should -BeLike '*no connection within 2 s*'
        $failure.Seconds | Should -BeGreaterOrEqual 2
        $failure.Seconds | Should -BeLessThan 10
    }

    It 'is given up by the sign-in too' {
        $name = "Mute$PID"
        Add-MgUploadEnvironment -Name $name -AzureADEndpoint "https://$address" -GraphEndpoint $standin.graph | Out-Null
        try {
            $failure = Get-Failure { Connect-MgUpload -ClientSecretCredential ([pscredential]::new('a', $token)) -TenantId $identity.tenant -Environment $name -ConnectionTimeoutSeconds 1 }
            $failure.Id | Should -Be 'Network'
            $failure.Text | Should -BeLike "$address cannot be reached to sign in: no connection within 1 s."
            $failure.Seconds | Should -BeLessThan 15
        }
        finally { Remove-MgUploadEnvironment -Name $name }
    }
}
