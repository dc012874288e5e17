# Every way to sign in, against a real authorization server in Entra's shape (tests/identity).

BeforeDiscovery {
    # Chromium at its names; without it that is left out, and said so, by the build. How other systems open a browser cannot be led elsewhere.
    $chromium = $IsLinux ? (Get-Command chromium, chromium-browser, google-chrome -CommandType Application -ErrorAction Ignore | Select-Object -First 1) : $null
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    Import-Module (Join-Path $PSScriptRoot 'Identity.psm1') -DisableNameChecking
    Import-BuiltModule
    $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
    $standin = Start-Standin
    $cloud = "Test$PID"
    $identity = Enter-Identity $TestDrive $cloud $standin.graph
    $folder = $identity.folder

    function ConvertTo-Secret([string] $Text) { ConvertTo-SecureString $Text -AsPlainText -Force }
    $application = @{ ClientId = $identity.client; TenantId = $identity.tenant; Environment = $cloud }
    function New-Secret([string] $Secret = $identity.secret) { [pscredential]::new($identity.client, (ConvertTo-Secret $Secret)) }
    function Connect-ByCode { Connect-MgUpload -UseDeviceCode -TenantId $identity.tenant -Environment $cloud @args }
    # The token of a request that Graph gets.
    function Get-TokenSent {
        Reset-Standin
        $null = New-MgDriveItemUploadSession -DriveId d -DriveItemId "root:/$([guid]::NewGuid()).bin:" -ErrorAction Stop
        ((Get-Requests 'graph')[-1].headers | Where-Object { $_[0] -eq 'authorization' })[1] -replace '^Bearer '
    }
    # A person at a real browser, by a program that is first on PATH as the system's browser.
    function Connect-AtChromium([switch] $Cancels) {
        $script:atBrowser = (New-Item -ItemType Directory "$TestDrive/$(New-Guid)").FullName
        $browser = (Get-Command chromium, chromium-browser, google-chrome -CommandType Application -ErrorAction Ignore | Select-Object -First 1).Source
        $key = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPem((Get-Content -Raw "$folder/server.pem")).PublicKey.ExportSubjectPublicKeyInfo()
        $trusts = [Convert]::ToBase64String([System.Security.Cryptography.SHA256]::HashData($key))
        $words = @(Get-PowerShellCommand | Where-Object { $_ })
        Set-Content "$atBrowser/xdg-open" '#!/bin/sh', ("exec $words -NoProfile -NonInteractive -File '$PSScriptRoot/browser/chromium.ps1' -Url `"`$1`" -Browser '$browser' -Folder '$atBrowser'" +
            " -Trusts '$trusts' -Account 'admin@contoso.example' -Password '$($identity.password)' $($Cancels ? '-Cancels' : '') >'$atBrowser/person.log' 2>&1")
        chmod +x "$atBrowser/xdg-open"
        $path = $env:PATH
        $env:PATH = "${atBrowser}:$path"
        try { Connect-MgUpload -TenantId $identity.tenant -Environment $cloud -NoWelcome -ErrorAction Stop }
        finally { $env:PATH = $path }
        if (-not $Cancels) { Read-Seen }
    }
    # What the person has seen; it looks on while the sign-in goes on.
    function Read-Seen {
        for ($i = 0; $i -lt 300 -and -not (Test-Path "$atBrowser/seen.json"); $i++) { Start-Sleep -Milliseconds 100 }
        Test-Path "$atBrowser/seen.json" | Should -BeTrue -Because (Get-Content "$atBrowser/person.log" -Raw)
        Get-Content "$atBrowser/seen.json" -Raw | ConvertFrom-Json
    }
    function Get-Claims([string] $Token) {
        $part = $Token.Split('.')[1].Replace('-', '+').Replace('_', '/')
        [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($part.PadRight([Math]::Ceiling($part.Length / 4) * 4, '='))) | ConvertFrom-Json
    }
}

AfterAll {
    Exit-Identity
    Stop-Standin
}

Describe 'Connect-MgUpload signs in' {
    BeforeEach { Reset-Identity; Disconnect-MgUpload }

    It 'an application by its secret' {
        Connect-MgUpload -ClientSecretCredential (New-Secret) -TenantId $identity.tenant -Environment $cloud -NoWelcome | Should -BeNullOrEmpty
        (Get-Claims (Get-TokenSent)).appid | Should -Be $identity.client
        $context = Get-MgUploadContext
        $context.AuthType, $context.ClientId, $context.TenantId, $context.Environment, $context.SignedInBy | Should -Be 'AppOnly', $identity.client, $identity.tenant, $cloud, 'Connect-MgUpload'
        $context.Scopes | Should -Be 'Files.ReadWrite.All', 'Sites.Selected'
        $context.ExpiresOn | Should -BeGreaterThan ([DateTimeOffset]::UtcNow.AddMinutes(50))
        Get-Asked | ForEach-Object grant | Should -Be 'client_credentials' -Because 'one request is enough'
    }

    It 'an application by a certificate: <how>' -ForEach @(
        @{ how = 'PEM'; with = { @{ CertificatePath = "$folder/application.pem" } } }
        @{ how = 'PFX'; with = { @{ CertificatePath = "$folder/application.pfx"; CertificatePassword = ConvertTo-Secret 'open' } } }
        @{ how = 'an object'; with = { @{ Certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPemFile("$folder/application.pem") } } }
        @{ how = 'with its chain'; with = { @{ CertificatePath = "$folder/application.pem"; SendCertificateChain = $true } } }
    ) {
        $with = & $with
        Connect-MgUpload @application @with -NoWelcome
        (Get-Claims (Get-TokenSent)).appid | Should -Be $identity.client
        $header = ((Get-Asked)[-1].assertion.Split('.')[0]).Replace('-', '+').Replace('_', '/')
        $header = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($header.PadRight([Math]::Ceiling($header.Length / 4) * 4, '='))) | ConvertFrom-Json -AsHashtable
        $header.ContainsKey('x5c') | Should -Be ($how -eq 'with its chain')
    }

    It 'an application by a certificate of the store, by <by>' -ForEach @(
        @{ by = 'CertificateThumbprint' }
        @{ by = 'CertificateSubjectName' }
        @{ by = 'CertificateName' }
    ) {
        $certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new("$folder/application.pfx", 'open', 'PersistKeySet')
        $store = [System.Security.Cryptography.X509Certificates.X509Store]::new('My', 'CurrentUser')
        $store.Open('ReadWrite')
        $store.Add($certificate)
        try {
            $with = @{ $by = $by -eq 'CertificateThumbprint' ? $certificate.Thumbprint : $certificate.Subject }
            Connect-MgUpload @application @with -NoWelcome
            (Get-Claims (Get-TokenSent)).appid | Should -Be $identity.client
        }
        finally { $store.Remove($certificate); $store.Dispose() }
    }

    It 'a user by a code, which is shown and is no output' {
        $said = Invoke-PowerShell -NoProfile -NonInteractive -Command "
            Import-Module '$manifest'
            `$output = Connect-MgUpload -UseDeviceCode -TenantId $($identity.tenant) -Environment $cloud
            'output: [' + `$output + ']'
            Get-MgUploadContext | Select-Object Account, TenantId, AuthType | ConvertTo-Json -Compress" 2>&1 | Out-String
        $said | Should -Match 'login\.example/device and enter the code \S+'
        $said | Should -Match 'Signed in to 127\.0\.0\.1 as admin@contoso\.example, tenant 11111111.*Microsoft Graph Command Line Tools'
        $said | Should -Match 'output: \[\]'
        $said | Should -Match '"Account":"admin@contoso.example"'
        $said | Should -Match '"AuthType":"Delegated"'
    }

    It 'a user by a code, with what the welcome says as information' {
        $with = @{ UseDeviceCode = $true; TenantId = $identity.tenant; Environment = $cloud }
        Connect-MgUpload @with -InformationVariable said 6>$null
        "$said" | Should -BeLike 'Signed in to*'
        Connect-MgUpload @with -NoWelcome -InformationVariable silent 6>$null
        $silent | Should -BeNullOrEmpty
        (Get-Claims (Get-TokenSent)).preferred_username | Should -Be 'admin@contoso.example'
    }

    It 'a user at a browser' -Skip:(-not $IsLinux) {
        # A stand-in for the browser, first on PATH; how other systems open one cannot be led elsewhere.
        $path = $env:PATH
        $env:PATH = "$PSScriptRoot/browser:$path"
        try { Connect-MgUpload -TenantId $identity.tenant -Environment $cloud -NoWelcome }
        finally { $env:PATH = $path }
        (Get-Claims (Get-TokenSent)).preferred_username | Should -Be 'admin@contoso.example'
        (Get-MgUploadContext).Account | Should -Be 'admin@contoso.example'
        @(Get-Asked).grant | Should -Be 'authorization_code'
    }

    It 'a user at a real browser, on the login''s own page: Chromium' -Skip:(-not $chromium) {
        Set-Identity @{ person = 'atPage' }
        $seen = Connect-AtChromium
        $seen.first | Should -Be 'Sign in to your account'
        (Get-MgUploadContext).Account | Should -Be 'admin@contoso.example'
        (Get-Claims (Get-TokenSent)).preferred_username | Should -Be 'admin@contoso.example'
        @(Get-Asked).grant | Should -Be 'authorization_code'
        # The last page is this module's, on the address that waits for the answer.
        $seen.url | Should -Match '^http://localhost:\d+/'
        $seen.title | Should -Be 'MgUpload'
        $seen.last | Should -BeLike '*You are signed in.*'
    }

    It 'nobody who cancels there, and both the page and the error say so' -Skip:(-not $chromium) {
        Set-Identity @{ person = 'atPage' }
        $record = { Connect-AtChromium -Cancels } | Should -Throw -PassThru
        $record.CategoryInfo.Category | Should -Be 'AuthenticationError'
        $record.ErrorDetails.RecommendedAction | Should -BeLike '*declined*'
        (Read-Seen).last | Should -BeLike '*sign-in has failed; PowerShell says why*'
        Get-MgUploadContext | Should -BeNullOrEmpty
    }

    It 'a machine by its identity<of>' -ForEach @(@{ of = ''; id = @{} }, @{ of = ', a user assigned one'; id = @{ ClientId = '44444444-4444-4444-8444-444444444444' } }) {
        Connect-MgUpload -Identity -Environment $cloud -NoWelcome @id
        Get-TokenSent | Should -BeLike "managed-token-$($id.ClientId ?? 'system')-*"
        (Get-Asked)[-1].resource | Should -Be $standin.graph
        (Get-MgUploadContext).AuthType | Should -Be 'ManagedIdentity'
    }

    It 'by environment variables: <what>' -ForEach @(
        @{ what = 'a secret'; set = { $env:AZURE_CLIENT_SECRET = $identity.secret } }
        @{ what = 'a certificate'; set = { $env:AZURE_CLIENT_CERTIFICATE_PATH = "$folder/application.pem" } }
        @{ what = 'a federated token'; set = { $env:AZURE_FEDERATED_TOKEN_FILE = "$TestDrive/federated"; (Invoke-Assertion) | Set-Content -NoNewline $env:AZURE_FEDERATED_TOKEN_FILE } }
        @{ what = 'a job of GitHub Actions'; set = { $env:ACTIONS_ID_TOKEN_REQUEST_URL = "$($identity.login)/github/token?api-version=2.0"; $env:ACTIONS_ID_TOKEN_REQUEST_TOKEN = 'request-token-of-the-job' } }
    ) {
        function Invoke-Assertion { (Invoke-RestMethod "$($identity.login)/github/token" -Headers @{ Authorization = 'Bearer request-token-of-the-job' } -SkipCertificateCheck -NoProxy).value }
        $env:AZURE_TENANT_ID, $env:AZURE_CLIENT_ID, $env:AZURE_AUTHORITY_HOST = $identity.tenant, $identity.client, $identity.login
        & $set
        try {
            Connect-MgUpload -EnvironmentVariable -Environment $cloud -NoWelcome
            (Get-Claims (Get-TokenSent)).appid | Should -Be $identity.client
            (Get-MgUploadContext).AuthType | Should -Be 'EnvironmentVariable'
            if ($what -like '*GitHub*') { (Get-Asked | Where-Object grant -EQ github)[0].audience | Should -Be 'api://AzureADTokenExchange' }
        }
        finally { Remove-Item Env:AZURE_*, Env:ACTIONS_* -ErrorAction Ignore }
    }

    It 'by a script block of one''s own: <what>' -ForEach @(
        @{ what = 'a string'; block = { 'own-1' } }
        @{ what = 'a SecureString'; block = { ConvertTo-SecureString 'own-1' -AsPlainText -Force } }
        @{ what = 'what Get-AzAccessToken gives'; block = { [pscustomobject] @{ Token = ConvertTo-SecureString 'own-1' -AsPlainText -Force; ExpiresOn = [DateTimeOffset]::UtcNow.AddHours(1) } } }
        @{ what = 'its own variables'; block = { $mine }; mine = 'own-1' }
    ) {
        Connect-MgUpload -AccessTokenProvider $block -Environment $cloud
        Get-TokenSent | Should -Be 'own-1'
    }

    It 'by a script block, which runs again when its token ends' {
        $script:count = 0
        Connect-MgUpload -Environment $cloud -AccessTokenProvider { $script:count++; @{ Token = "own-$script:count"; ExpiresOn = [DateTimeOffset]::UtcNow.AddSeconds(3) } }
        Get-TokenSent | Should -Be 'own-1'
        # One that lives for so short a time is used for half of it, or each request would ask.
        Start-Sleep -Milliseconds 1600
        Get-TokenSent | Should -Be 'own-2'
    }
}

Describe 'A sign-in that fails' {
    BeforeEach { Reset-Identity; Disconnect-MgUpload }

    It 'says what to do: <what>' -ForEach @(
        @{ what = 'wrong secret'; code = 'AADSTS7000215'; advice = '*secret*'; call = { Connect-MgUpload -ClientSecretCredential (New-Secret 'wrong-one') -TenantId $identity.tenant -Environment $cloud } }
        @{ what = 'unknown application'; code = 'AADSTS700016'; advice = '*-ClientId*'; call = { Connect-MgUpload -ClientSecretCredential ([pscredential]::new([guid]::NewGuid(), (ConvertTo-Secret x))) -TenantId $identity.tenant -Environment $cloud } }
        @{ what = 'foreign certificate'; code = 'AADSTS700027'; advice = '*certificate*'; call = { Connect-MgUpload @application -CertificatePath "$folder/foreign.pem" } }
        @{ what = 'unknown tenant'; code = 'AADSTS90002'; advice = '*-TenantId*'; call = { Connect-MgUpload -ClientSecretCredential (New-Secret) -TenantId nowhere.example -Environment $cloud } }
        @{ what = 'no consent'; code = 'AADSTS65001'; advice = '*consent*'; refuses = 'invalid_grant|AADSTS65001: The user or administrator has not consented to use the application.'; call = { Connect-MgUpload -ClientSecretCredential (New-Secret) -TenantId $identity.tenant -Environment $cloud } }
        @{ what = 'clock skew'; code = 'AADSTS700024'; advice = '*clock*'; refuses = 'invalid_client|AADSTS700024: Client assertion is not within its valid time range.'; call = { Connect-MgUpload @application -CertificatePath "$folder/application.pem" } }
        @{ what = 'device code declined'; code = '*'; advice = '*declined*'; person = 'decline'; call = { Connect-ByCode } }
        @{ what = 'device code expired'; code = '*'; advice = '*code in time*'; person = 'nothing'; lifetime = 3; call = { Connect-ByCode } }
    ) {
        Set-Identity @{ refuses = "$refuses"; person = $person ?? 'approve'; deviceLifetime = $lifetime ?? 900 }
        $record = { $ErrorActionPreference = 'Stop'; & $call } | Should -Throw -PassThru
        $record.CategoryInfo.Category | Should -Be 'AuthenticationError'
        $record.FullyQualifiedErrorId | Should -BeLike "$code,*ConnectMgUploadCommand"
        $record.ErrorDetails.RecommendedAction | Should -BeLike $advice
        if ($code -like 'AADSTS*') {
            $record.ErrorDetails.Message | Should -BeLike "*${code}:*"
            $record.ErrorDetails.Message | Should -Match 'Correlation id [0-9a-f-]{36}'
        }
        ($record | Format-List * -Force | Out-String) + ($record.Exception.ToString()) | Should -Not -Match 'wrong-one'
        Get-MgUploadContext | Should -BeNullOrEmpty
    }

    It 'finds out itself: <what>' -ForEach @(
        @{ what = 'an expired certificate'; says = '*valid from*'; call = { Connect-MgUpload @application -CertificatePath "$folder/expired.pem" } }
        @{ what = 'a file that is no certificate'; says = '*no certificate with its key*'; call = { Connect-MgUpload @application -CertificatePath (New-TestFile "$TestDrive/x.pem" 100).FullName } }
        @{ what = 'a wrong password'; says = '*no certificate with its key*'; call = { Connect-MgUpload @application -CertificatePath "$folder/application.pfx" -CertificatePassword (ConvertTo-Secret nope) } }
        @{ what = 'no such file'; says = '*cannot be read*'; call = { Connect-MgUpload @application -CertificatePath "$TestDrive/none.pem" } }
        @{ what = 'no such thumbprint'; says = '*thumbprint 00*'; call = { Connect-MgUpload @application -CertificateThumbprint ('00' * 20) } }
        @{ what = 'two certificates'; says = '*One certificate*'; call = { Connect-MgUpload @application -CertificateThumbprint ('00' * 20) -CertificatePath x } }
        @{ what = 'a token for a scope'; says = '*access token, as plain text*'; call = { Connect-MgUpload 'aaa.eyJhIjoxfQ.bbb' -Environment $cloud } }
        @{ what = 'an unknown environment'; says = '*no environment*'; call = { Connect-MgUpload -Environment Nowhere } }
        @{ what = 'no variables'; says = '*AZURE_TENANT_ID*'; call = { Connect-MgUpload -EnvironmentVariable } }
        @{ what = 'an empty answer of a script block'; says = '*gave no token*'; call = { Connect-MgUpload -AccessTokenProvider { } -Environment $cloud; Get-TokenSent } }
    ) {
        $record = { $ErrorActionPreference = 'Stop'; & $call } | Should -Throw $says -PassThru
        $record.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-Asked | Should -BeNullOrEmpty
    }

    It 'is told in plain words where the login cannot be reached: <what>' -ForEach @(
        @{ what = 'no such name'; login = { 'https://login.invalid' }; says = '*login.invalid*DNS*'; fault = $null }
        @{ what = 'nobody there'; login = { 'https://localhost:1' }; says = '*localhost:1*no connection*'; fault = $null }
        @{ what = 'a certificate that is not trusted'; login = { $identity.login }; says = '*certificate is not trusted*'; fault = 'Untrusted' }
    ) {
        $name = "Far$PID"
        Add-MgUploadEnvironment -Name $name -AzureADEndpoint (& $login) -GraphEndpoint $standin.graph | Out-Null
        try {
            if ($fault) { Remove-Item Env:SSL_CERT_FILE }
            $record = { Connect-MgUpload -ClientSecretCredential (New-Secret) -TenantId $identity.tenant -Environment $name -ClientTimeout 10 -ErrorAction Stop } | Should -Throw -ErrorId 'Network,*' -PassThru
            $record.Exception.Message | Should -BeLike $says
        }
        finally { $env:SSL_CERT_FILE = $identity.ca; Remove-MgUploadEnvironment -Name $name }
    }

    It 'is told where nobody answers: <what>' -ForEach @(
        @{ what = 'the login'; says = '*localhost:*not answered within 1 s*'; id = 'Timeout,*'; advice = '*-ClientTimeout*'; call = { Connect-MgUpload -ClientSecretCredential (New-Secret) -TenantId $identity.tenant -Environment $name -ClientTimeout 1 -ErrorAction Stop } }
        @{ what = 'GitHub'; says = '*GitHub has not answered*1 s*'; id = 'Unauthenticated,*'; advice = '*id-token*'; call = {
                $env:AZURE_TENANT_ID, $env:AZURE_CLIENT_ID = $identity.tenant, $identity.client
                $env:ACTIONS_ID_TOKEN_REQUEST_URL, $env:ACTIONS_ID_TOKEN_REQUEST_TOKEN = "https://localhost:$($silent.LocalEndpoint.Port)/token", 'request-token-of-the-job'
                Connect-MgUpload -EnvironmentVariable -Environment $cloud -ClientTimeout 1 -ErrorAction Stop
            }
        }
    ) {
        # It takes connections and says nothing.
        $silent = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $silent.Start()
        $name = "Silent$PID"
        Add-MgUploadEnvironment -Name $name -AzureADEndpoint "https://localhost:$($silent.LocalEndpoint.Port)" -GraphEndpoint $standin.graph | Out-Null
        try {
            $record = { & $call } | Should -Throw -ErrorId $id -PassThru
            $record.Exception.Message | Should -BeLike $says
            $record.ErrorDetails.RecommendedAction | Should -BeLike $advice
        }
        finally { $silent.Stop(); Remove-MgUploadEnvironment -Name $name; Remove-Item Env:AZURE_*, Env:ACTIONS_* -ErrorAction Ignore }
    }

    It 'is told where SSL_CERT_FILE names no certificates: <what>' -ForEach @(
        @{ what = 'no file'; path = { "$TestDrive/none.pem" } }
        @{ what = 'a folder'; path = { "$TestDrive" } }
        @{ what = 'a file without any'; path = { Set-Content "$TestDrive/empty.pem" 'no certificate'; "$TestDrive/empty.pem" } }
        @{ what = 'a certificate cut short'; path = { Set-Content "$TestDrive/cut.pem" '-----BEGIN CERTIFICATE-----', 'MIIB', '-----END CERTIFICATE-----'; "$TestDrive/cut.pem" } }
    ) {
        $env:SSL_CERT_FILE = & $path
        try {
            $record = { Connect-MgUpload -ClientSecretCredential (New-Secret) -TenantId $identity.tenant -Environment $cloud -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidInput,*' -PassThru
            $record.Exception.Message | Should -BeLike "*SSL_CERT_FILE ($env:SSL_CERT_FILE)*"
            $record.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }
        finally { $env:SSL_CERT_FILE = $identity.ca }
    }

    It 'is told where the identity is not that of this machine' {
        $record = { Connect-MgUpload -Identity -ClientId unknown -Environment $cloud -ErrorAction Stop } | Should -Throw -PassThru
        $record.CategoryInfo.Category | Should -Be 'AuthenticationError'
    }
}

Describe 'What is remembered with -ContextScope CurrentUser' {
    BeforeAll {
        # A keyring of a session of its own, whose home is the test's. libsecret reads its variables by itself, so that each part is a process.
        function Invoke-WithKeyring([string[]] $Scripts, [string[]] $Daemon) {
            $words = @(Get-PowerShellCommand | Where-Object { $_ })
            $lines = $Daemon + @(foreach ($script in $Scripts) {
                    $file = "$TestDrive/$(New-Guid).ps1"
                    Set-Content $file "Import-Module '$manifest'", $script
                    "$words -NoProfile -NonInteractive -File '$file'"
                })
            Set-Content "$TestDrive/session.sh" $lines
            $before = $env:HOME, $env:XDG_DATA_HOME, $env:XDG_RUNTIME_DIR
            $env:HOME = $env:XDG_RUNTIME_DIR = (New-Item -ItemType Directory -Force "$TestDrive/home").FullName
            $env:XDG_DATA_HOME = "$env:HOME/data"
            try { dbus-run-session -- bash "$TestDrive/session.sh" 2>&1 | ForEach-Object { "$_" } }
            finally { $env:HOME, $env:XDG_DATA_HOME, $env:XDG_RUNTIME_DIR = $before }
        }
        $connect = "Connect-MgUpload -UseDeviceCode -TenantId $($identity.tenant) -Environment $cloud -ContextScope CurrentUser -NoWelcome; 'account: ' + (Get-MgUploadContext).Account"
        $unlocked = 'printf password | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &', 'export KEYRING=$!', 'sleep 2'
    }
    BeforeEach { Reset-Identity }

    It 'is for this process alone where no keyring is open, and that is said' -Skip:(-not (Get-Command dbus-run-session -ErrorAction Ignore)) {
        $said = Invoke-WithKeyring $connect, $connect @()
        @($said -like '*Nothing is remembered for the next process*').Count | Should -Be 2
        @($said -eq 'account: admin@contoso.example').Count | Should -Be 2
        @($said -like '*enter the code*').Count | Should -Be 2
        Get-ChildItem "$TestDrive/home" -Recurse -File | Select-String -SimpleMatch (@(Invoke-Identity 'secrets') | ForEach-Object { $_ } | Where-Object Length -GT 7) | Should -BeNullOrEmpty
    }

    It 'is there for later processes until Disconnect-MgUpload, encrypted' -Skip:(-not (Get-Command gnome-keyring-daemon -ErrorAction Ignore)) {
        $said = Invoke-WithKeyring $connect, "$connect; Disconnect-MgUpload", $connect $unlocked
        @($said -eq 'account: admin@contoso.example').Count | Should -Be 3 -Because ($said -join "`n")
        # The second asks nobody, the third has to.
        @($said -like '*enter the code*').Count | Should -Be 2
        Get-ChildItem "$TestDrive/home" -Recurse -File | Select-String -SimpleMatch (@(Invoke-Identity 'secrets') | ForEach-Object { $_ } | Where-Object Length -GT 7) | Should -BeNullOrEmpty
    }

    It 'stays there, with a warning, where the keyring is gone at Disconnect-MgUpload' -Skip:(-not (Get-Command gnome-keyring-daemon -ErrorAction Ignore)) {
        $said = Invoke-WithKeyring "$connect; Stop-Process -Id `$env:KEYRING; `$ErrorActionPreference = 'Stop'; Disconnect-MgUpload; Disconnect-MgUpload; 'context: [' + (Get-MgUploadContext) + ']'" $unlocked
        @($said -like '*stays in this system*keyring*').Count | Should -Be 1 -Because ($said -join "`n")
        $said | Should -Contain 'context: []'
    }
}

Describe 'The way to the network' {
    It 'is the connection''s for the sign-in too: -Proxy' {
        Reset-Standin
        $name = "Far$PID"
        Add-MgUploadEnvironment -Name $name -AzureADEndpoint https://login.invalid -GraphEndpoint https://graph.invalid | Out-Null
        try { { Connect-MgUpload -ClientSecretCredential (New-Secret) -TenantId $identity.tenant -Environment $name -Proxy $standin.upload -ErrorAction Stop } | Should -Throw -ErrorId 'Network,*' }
        finally { Remove-MgUploadEnvironment -Name $name }
        Get-Requests 'upload' | ForEach-Object target | Select-Object -Unique | Should -Be 'login.invalid:443'
    }
}

Describe 'Environments' {
    It 'are those of Microsoft, and one''s own' {
        (Get-MgUploadEnvironment).Name | Should -Be ('Global', 'USGov', 'USGovDoD', 'China', 'BleuCloud', 'DelosCloud', 'GovSGCloud', $cloud)
        (Get-MgUploadEnvironment China).GraphEndpoint | Should -Be 'https://microsoftgraph.chinacloudapi.cn'
        (Get-MgUploadEnvironment $cloud).Type | Should -Be 'User-defined'
    }

    It 'are changed, completed and removed' {
        (Add-MgUploadEnvironment Mine https://login.example.com https://graph.example.com).Name | Should -Be 'Mine'
        (Set-MgUploadEnvironment Mine -GraphEndpoint https://graph2.example.com).AzureADEndpoint | Should -Be 'https://login.example.com'
        $line = 'Connect-MgUpload -Environment Mi'
        (TabExpansion2 $line $line.Length).CompletionMatches[0].CompletionText | Should -Be 'Mine'
        Remove-MgUploadEnvironment Mine -WhatIf
        Remove-MgUploadEnvironment Mine
        { Remove-MgUploadEnvironment Mine -ErrorAction Stop } | Should -Throw '*no environment Mine*'
        { Set-MgUploadEnvironment Global -GraphEndpoint https://x.example -ErrorAction Stop } | Should -Throw '*built in*'
        { Add-MgUploadEnvironment Mine http://login.example.com https://graph.example.com -ErrorAction Stop } | Should -Throw '*no https address*'
    }
}

Describe 'Azure.Identity' {
    It 'is beside older versions of it, which another module has loaded <order>' -ForEach @(@{ order = 'before' }, @{ order = 'after' }) {
        $steps = ($order -eq 'before' ? ('Use-Other', 'Connect-Own') : ('Connect-Own', 'Use-Other')) + 'Use-Other', 'Connect-Own' -join '; '
        $said = Invoke-PowerShell -NoProfile -NonInteractive -Command "
            Import-Module '$manifest'
            function Use-Other {
                Get-Item '$(Get-RepositoryRoot)/out/tools/other-azure/*.dll' | Where-Object Name -Match '^(Azure|Microsoft|System.ClientModel|System.Memory.Data)' | ForEach-Object { [void] [Reflection.Assembly]::LoadFrom(`$_) }
                `$options = [Azure.Identity.ClientSecretCredentialOptions] @{ AuthorityHost = '$($identity.login)'; DisableInstanceDiscovery = `$true }
                `$credential = [Azure.Identity.ClientSecretCredential]::new('$($identity.tenant)', '$($identity.client)', '$($identity.secret)', `$options)
                'other: ' + (`$credential.GetToken([Azure.Core.TokenRequestContext]::new([string[]] '$($standin.graph)/.default'), [Threading.CancellationToken]::None).Token.Length -gt 0)
            }
            function Connect-Own {
                Connect-MgUpload -ClientSecretCredential ([pscredential]::new('$($identity.client)', (ConvertTo-SecureString '$($identity.secret)' -AsPlainText -Force))) -TenantId $($identity.tenant) -Environment $cloud -NoWelcome
                'own: ' + (Get-MgUploadContext).AuthType
            }
            $steps
            [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.GetName().Name -in 'Azure.Core', 'Microsoft.Identity.Client' } |
                ForEach-Object { [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext(`$_).Name + ' ' + `$_.GetName().Name + ' ' + `$_.GetName().Version.ToString(3) } | Sort-Object" 2>&1 | ForEach-Object { "$_" }
        @($said -eq 'own: AppOnly').Count | Should -Be 2 -Because ($said -join "`n")
        @($said -eq 'other: True').Count | Should -Be 2
        $said[-4..-1] | Should -BeLike '* *.*.*'
        $said[-4, -3] | Should -Be 'Default Azure.Core 1.50.0', 'Default Microsoft.Identity.Client 4.61.3'
        $said[-2, -1] | Should -BeLike 'MgUpload.SignIn *'
        $said[-2, -1] | Should -Not -BeLike '* 1.50.0'
    }

    It 'is taken from the folder of this system, and what is not there from the one for all' {
        $copy = Join-Path (Get-Item $TestDrive) module
        Copy-Item (Split-Path $manifest) $copy -Recurse
        $ahead = "$copy/signin/$([MgUpload.Native.Platform]::Rid)"
        Remove-Item $ahead -Recurse -ErrorAction Ignore # of a package
        $ahead = New-Item -ItemType Directory $ahead
        Copy-Item "$copy/signin/MgUpload.SignIn.dll", "$copy/signin/Azure.Core.dll" $ahead
        function Get-Places {
            $said = Invoke-PowerShell -NoProfile -NonInteractive -Command "
                Import-Module '$copy/MgUpload.psd1'
                Connect-MgUpload -ClientSecretCredential ([pscredential]::new('$($identity.client)', (ConvertTo-SecureString '$($identity.secret)' -AsPlainText -Force))) -TenantId $($identity.tenant) -Environment $cloud -NoWelcome
                (Get-MgUploadContext).AuthType
                [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.GetName().Name -in 'MgUpload.SignIn', 'Azure.Core', 'Microsoft.Identity.Client' } | ForEach-Object Location | Sort-Object" 2>&1
            $said[0] | Should -Be 'AppOnly' -Because ($said -join "`n")
            $said[1..3] | ForEach-Object { [IO.Path]::GetRelativePath("$copy/signin", $_).Replace('\', '/') } | Sort-Object
        }
        Get-Places | Should -Be (@("$($ahead.Name)/Azure.Core.dll", "$($ahead.Name)/MgUpload.SignIn.dll", 'Microsoft.Identity.Client.dll') | Sort-Object)
        $ahead.Delete($true)
        Get-Places | Should -Be ('Azure.Core.dll', 'Microsoft.Identity.Client.dll', 'MgUpload.SignIn.dll' | Sort-Object)
    }

    It 'is not loaded by the import, and shares nothing with others when it is' {
        $said = Invoke-PowerShell -NoProfile -NonInteractive -Command "
            Import-Module '$manifest'
            function Loaded { [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.GetName().Name -match '^(Azure|Microsoft.Identity|MgUpload.SignIn)' } }
            'before: ' + @(Loaded).Count
            New-MgDriveItemUploadSession -DriveId d -DriveItemId i -WhatIf
            'still: ' + @(Loaded).Count
            Connect-MgUpload -ClientSecretCredential ([pscredential]::new('$($identity.client)', (ConvertTo-SecureString '$($identity.secret)' -AsPlainText -Force))) -TenantId $($identity.tenant) -Environment $cloud -NoWelcome
            'contexts: ' + ((Loaded | ForEach-Object { [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext(`$_).Name } | Select-Object -Unique) -join ',')
            (Get-MgUploadContext).AuthType" 2>&1 | Out-String
        $said | Should -Match 'before: 0'
        $said | Should -Match 'still: 0'
        $said | Should -Match 'contexts: MgUpload.SignIn\s'
        $said | Should -Match 'AppOnly'
    }
}
