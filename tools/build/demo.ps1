# The demo's part in PowerShell: what a user would type, against the stand-in.
#Requires -Version 7.4
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $GraphEndpoint,
    [Parameter(Mandatory)] [string] $Path
)
$ErrorActionPreference = 'Stop'

Import-Module $Module
# The stand-in takes any token.
$token = ConvertTo-SecureString 'demo' -AsPlainText -Force
Connect-MgUpload -AccessToken $token -GraphEndpoint $GraphEndpoint | Out-Host

$item = @{ name = Split-Path $Path -Leaf; '@microsoft.graph.conflictBehavior' = 'replace' }
$session = New-MgUserDriveRootUploadSession -UserId 'demo-user' -DriveId 'demo-drive' -Item $item
$session | Out-Host

$session | Send-MgUploadSession -Path $Path | Out-Host
Disconnect-MgUpload | Out-Host
