# Sends a folder with this module, and tells how long that took without PowerShell's start and the import.
#Requires -Version 7.4
param(
    [Parameter(Mandatory, Position = 0)] [string] $Module,
    [Parameter(Mandatory, Position = 1)] [string] $Graph,
    [Parameter(Mandatory, Position = 2)] [int] $AtOnce,
    [Parameter(Position = 3)] [string] $Folder
)
$ErrorActionPreference = 'Stop'

Import-Module $Module
Connect-MgUpload -AccessToken (ConvertTo-SecureString $env:BENCH_TOKEN -AsPlainText -Force) -GraphEndpoint $Graph

$clock = [System.Diagnostics.Stopwatch]::StartNew()
if ($Folder) {
    Send-MgUploadItem $Folder -Recurse -DriveId d -ThrottleLimit $AtOnce | Out-Null
}
'{{"seconds":{0}}}' -f $clock.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture)
