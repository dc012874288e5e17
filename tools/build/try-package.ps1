# The way of a package to a user and back: published to a folder, installed from it in a fresh process, imported by name, used.
#Requires -Version 7.4
param([Parameter(Mandatory)] [string] $Module, [Parameter(Mandatory)] [string] $Rid)
$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../tests/pester/Common.psm1') -DisableNameChecking
Import-Module (Join-Path $PSScriptRoot '../../tests/pester/Identity.psm1') -DisableNameChecking

$name = "mgupload-$PID"
$place = [IO.Directory]::CreateTempSubdirectory('mgupload-package-')
$feed = New-Item -ItemType Directory (Join-Path $place 'feed')
# Environments of the trial are kept there too.
$env:MGUPLOAD_SETTINGS = Join-Path $place 'settings'
# On Unix a home of its own: what is installed and registered here touches nothing of the user's.
$user = New-Item -ItemType Directory (Join-Path $place 'user/.local/share')
if (-not $IsWindows) {
    $env:HOME = Join-Path $place 'user'
    $env:XDG_DATA_HOME = $user.FullName
    $env:XDG_CONFIG_HOME = Join-Path $env:HOME '.config'
}

function Invoke-Fresh([string] $Script) {
    Invoke-PowerShell -NoLogo -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; $Script"
    if ($LASTEXITCODE) { throw "failed: $Script" }
}

# What signs in, as it is compiled for this system; and without that.
function Test-SignIn([string] $Base) {
    $identity = Start-Identity (New-Item -ItemType Directory (Join-Path $place 'identity')).FullName
    $env:SSL_CERT_FILE = $identity.ca
    Invoke-Fresh "Import-Module MgUpload; `$null = Add-MgUploadEnvironment -Name Trial -AzureADEndpoint $($identity.login) -GraphEndpoint https://127.0.0.1:1"
    $signIn = @"
        Import-Module MgUpload
        `$secret = [pscredential]::new('$($identity.client)', (ConvertTo-SecureString '$($identity.secret)' -AsPlainText -Force))
        `$before = [Runtime.JitInfo]::GetCompiledMethodCount()
        `$took = Measure-Command { Connect-MgUpload -ClientSecretCredential `$secret -TenantId $($identity.tenant) -Environment Trial -NoWelcome }
        @{ by = (Get-MgUploadContext).AuthType; methods = [Runtime.JitInfo]::GetCompiledMethodCount() - `$before; millis = `$took.TotalMilliseconds; loaded = [AppDomain]::CurrentDomain.GetAssemblies().Location } | ConvertTo-Json -Compress
"@
    $ahead = Join-Path $Base signin $Rid
    # The run of three that compiled least: a busy machine only adds to it.
    function Get-SignIn { (1..3 | ForEach-Object { Invoke-Fresh $signIn | ConvertFrom-Json } | Sort-Object methods)[0] }
    $is = Get-SignIn
    'signed in: {0}, {1} methods compiled for it, {2:0} ms' -f $is.by, $is.methods, $is.millis
    if (-not (Test-Path $ahead)) { return 'nothing of that was compiled ahead of time' }
    foreach ($file in Get-Item "$ahead/*.dll") {
        $reader = [Reflection.PortableExecutable.PEReader]::new([IO.File]::OpenRead($file))
        $isNative = $reader.PEHeaders.CorHeader.ManagedNativeHeaderDirectory.Size -gt 0
        $reader.Dispose()
        if (-not $isNative) { throw "$($file.Name) is not compiled ahead of time" }
        if ($file.FullName -notin $is.loaded) { throw "$($file.Name) is loaded from elsewhere" }
    }
    Remove-Item $ahead -Recurse
    $without = Get-SignIn
    'without what is compiled ahead of time: {0}, {1} methods, {2:0} ms' -f $without.by, $without.methods, $without.millis
    if ($without.by -ne 'AppOnly') { throw 'nobody is signed in where nothing is compiled ahead of time' }
    # In place of the time, which is everything's that the machine does. Other runtimes than the compiler's own pass its code over.
    if ([Environment]::Version.Major -eq ((dotnet --version) -split '\.')[0] -and $is.methods -gt 0.85 * $without.methods) { throw 'what is compiled ahead of time is not taken' }
}

try {
    Invoke-Fresh "Register-PSResourceRepository -Name $name -Uri '$($feed.FullName)' -Trusted; Publish-PSResource -Path '$Module' -Repository $name"
    $installed = Invoke-Fresh "Install-PSResource MgUpload -Repository $name -Scope CurrentUser -PassThru | ForEach-Object { `$_.Name + ' ' + `$_.Version }"
    "installed: $installed"
    $env:MGUPLOAD_MODULE = 'MgUpload'
    $said = Invoke-Fresh "& '$(Join-Path $PSScriptRoot 'demo.ps1')' | Out-Host; 'from: ' + (Get-Module MgUpload).ModuleBase"
    $said
    if (-not $IsWindows -and @($said)[-1] -notlike "from: *$($place.Name)*") { throw 'this is not the package that was installed' }
    Test-SignIn (@($said)[-1] -replace '^from: ')
}
finally {
    Stop-Identity
    if ($IsWindows) {
        if ($installed) { Invoke-Fresh 'Uninstall-PSResource MgUpload -Scope CurrentUser' }
        Invoke-Fresh "Unregister-PSResourceRepository -Name $name"
    }
    $place.Delete($true)
}
