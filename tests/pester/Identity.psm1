# The authorization server of the tests (tests/identity) as a child process, and what tests say to it.

$script:identity = $null
$script:before = @{}
# What says how to sign in.
$script:variables = 'SSL_CERT_FILE', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_FEDERATED_TOKEN_FILE', 'AZURE_AUTHORITY_HOST',
    'IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'

# Starts it, and makes it known to this process and its children as an environment of that name.
function Enter-Identity([string] $Folder, [string] $Cloud, [string] $Graph) {
    $identity = Start-Identity (New-Item -ItemType Directory (Join-Path $Folder 'identity')).FullName
    foreach ($name in $script:variables) {
        $script:before[$name] = [Environment]::GetEnvironmentVariable($name)
        Set-Item "Env:$name" $null
    }
    $env:SSL_CERT_FILE = $identity.ca
    # A test that set neither would ask 169.254.169.254.
    $env:IDENTITY_ENDPOINT = "$($identity.plain)/msi/token"
    $env:IDENTITY_HEADER = 'header-of-the-identity-end-point'
    $null = Add-MgUploadEnvironment -Name $Cloud -AzureADEndpoint $identity.login -GraphEndpoint $Graph
    $identity
}

# Before the stand-in stops, which takes the environments along.
function Exit-Identity {
    Add-Secrets (@(Invoke-Identity 'secrets' | ForEach-Object { $_ }) + $env:IDENTITY_HEADER)
    foreach ($name in $script:before.Keys) { Set-Item "Env:$name" $script:before[$name] }
    $script:before = @{}
    Stop-Identity
}

function Start-Identity([string] $Folder) {
    $program = Join-Path (Get-RepositoryRoot) 'out/tools/identity/identity.dll'
    $start = [System.Diagnostics.ProcessStartInfo]::new('dotnet', [string[]] ($program, $Folder))
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $line = $process.StandardOutput.ReadLine()
    if (-not $line) { throw 'the authorization server of the tests does not start' }
    $script:identity = $line | ConvertFrom-Json -AsHashtable
    $script:identity.process = $process
    $script:identity.folder = $Folder
    $script:identity.ca = Join-Path $Folder 'ca.pem'
    $script:identity.tenant = '11111111-1111-4111-8111-111111111111'
    $script:identity.client = '22222222-2222-4222-8222-222222222222'
    $script:identity.secret = 's3cret~of.the-application'
    $script:identity.password = 'p4ssword~of.the-person'
    $script:identity
}

function Stop-Identity {
    if ($script:identity) {
        $script:identity.process.StandardInput.Close()
        if (-not $script:identity.process.WaitForExit(10000)) { $script:identity.process.Kill() }
        $script:identity = $null
    }
}

function Invoke-Identity([string] $Path, [string] $Method = 'Get', $Body) {
    $arguments = @{ Uri = "$($script:identity.plain)/control/$Path"; Method = $Method; NoProxy = $true }
    if ($null -ne $Body) { $arguments.Body = ConvertTo-Json $Body; $arguments.ContentType = 'application/json' }
    Invoke-RestMethod @arguments
}

function Reset-Identity { Invoke-Identity 'reset' 'Post' | Out-Null }
function Set-Identity([hashtable] $Settings) { Invoke-Identity 'set' 'Post' $Settings | Out-Null }
# The requests for tokens, oldest first.
function Get-Asked { @(Invoke-Identity 'asked') | ForEach-Object { $_ } }

Export-ModuleMember -Function *
