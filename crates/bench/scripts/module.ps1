# Uploads files with this module, and tells how long that took without PowerShell's start and the import.
#Requires -Version 7.4
param(
    [Parameter(Mandatory, Position = 0)] [string] $Module,
    [Parameter(Mandatory, Position = 1)] [string] $Graph,
    [Parameter(Mandatory, Position = 2)] [long] $Chunk,
    [Parameter(ValueFromRemainingArguments)] [string[]] $Path
)
$ErrorActionPreference = 'Stop'

Import-Module $Module
Connect-MgUpload -AccessToken (ConvertTo-SecureString $env:BENCH_TOKEN -AsPlainText -Force) -GraphEndpoint $Graph

$clock = [System.Diagnostics.Stopwatch]::StartNew()
foreach ($file in $Path) {
    $item = @{ name = [System.IO.Path]::GetFileName($file); '@microsoft.graph.conflictBehavior' = 'replace' }
    New-MgUserDriveRootUploadSession -UserId u -DriveId d -Item $item |
        Send-MgUploadSession -Path $file -ChunkSize $Chunk | Out-Null
}
'{{"seconds":{0}}}' -f $clock.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture)
