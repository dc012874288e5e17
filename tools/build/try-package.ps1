# The way of a package to a user and back: published to a folder, installed from it in a fresh process, imported by name, used.
#Requires -Version 7.4
param([Parameter(Mandatory)] [string] $Module)
$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../tests/pester/Common.psm1') -DisableNameChecking

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

try {
    Invoke-Fresh "Register-PSResourceRepository -Name $name -Uri '$($feed.FullName)' -Trusted; Publish-PSResource -Path '$Module' -Repository $name"
    $installed = Invoke-Fresh "Install-PSResource MgUpload -Repository $name -Scope CurrentUser -PassThru | ForEach-Object { `$_.Name + ' ' + `$_.Version }"
    "installed: $installed"
    $env:MGUPLOAD_MODULE = 'MgUpload'
    $said = Invoke-Fresh "& '$(Join-Path $PSScriptRoot 'demo.ps1')' | Out-Host; 'from: ' + (Get-Module MgUpload).ModuleBase"
    $said
    # What signs in is in the package too: it is loaded, and nobody answers it there.
    Invoke-Fresh @'
        $env:AZURE_TENANT_ID, $env:AZURE_CLIENT_ID, $env:AZURE_CLIENT_SECRET = 'contoso.example', [guid]::NewGuid(), 'none'
        Import-Module MgUpload
        Add-MgUploadEnvironment -Name Nowhere -GraphEndpoint https://127.0.0.1:1 -AzureADEndpoint https://127.0.0.1:1
        try { Connect-MgUpload -EnvironmentVariable -Environment Nowhere } catch { "signs in: $_" }
        if ('Microsoft.Identity.Client' -notin [AppDomain]::CurrentDomain.GetAssemblies().GetName().Name) { throw 'what signs in is not in the package' }
'@
    if (-not $IsWindows -and @($said)[-1] -notlike "from: *$($place.Name)*") { throw 'this is not the package that was installed' }
}
finally {
    if ($IsWindows) {
        if ($installed) { Invoke-Fresh 'Uninstall-PSResource MgUpload -Scope CurrentUser' }
        Invoke-Fresh "Unregister-PSResourceRepository -Name $name"
    }
    $place.Delete($true)
}
