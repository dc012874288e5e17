# The way of a package to a user and back: published to a folder, installed from it in a fresh process, imported by name, used.
#Requires -Version 7.4
param([Parameter(Mandatory)] [string] $Module)
$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../tests/pester/Common.psm1') -DisableNameChecking

$name = "mgupload-$PID"
$place = [IO.Directory]::CreateTempSubdirectory('mgupload-package-')
$feed = New-Item -ItemType Directory (Join-Path $place 'feed')
# Where PowerShell on Unix keeps the user's modules and repositories: what is installed here touches none of them.
$env:XDG_DATA_HOME = $env:XDG_CONFIG_HOME = Join-Path $place 'user'

function Invoke-Fresh([string] $Script) {
    Invoke-PowerShell -NoLogo -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; $Script"
    if ($LASTEXITCODE) { throw "failed: $Script" }
}

Register-PSResourceRepository -Name $name -Uri $feed.FullName -Trusted
try {
    Publish-PSResource -Path $Module -Repository $name
    $installed = Invoke-Fresh "Install-PSResource MgUpload -Repository $name -Scope CurrentUser -PassThru | ForEach-Object { `$_.Name + ' ' + `$_.Version }"
    "installed: $installed"
    $env:MGUPLOAD_MODULE = 'MgUpload'
    Invoke-Fresh "& '$(Join-Path $PSScriptRoot 'demo.ps1')'; 'from: ' + (Get-Module MgUpload).ModuleBase"
}
finally {
    if ($IsWindows -and $installed) { Uninstall-PSResource MgUpload -Scope CurrentUser }
    Unregister-PSResourceRepository -Name $name
    $place.Delete($true)
}
