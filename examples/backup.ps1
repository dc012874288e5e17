<#
.SYNOPSIS
    Uploads what is new in a folder to a SharePoint library or a OneDrive: for Task Scheduler, cron or systemd.
.DESCRIPTION
    Signs in as an application, by a certificate, so that nobody has to be there. An upload that an earlier run has left open goes
    on first, from where it was cut off. Ends with 1 when a file has not arrived: the next run takes it again.

    Task Scheduler:  pwsh -NoProfile -File C:\Jobs\backup.ps1 -Folder D:\Backups -DriveId … -TenantId … -ClientId … -CertificateThumbprint …
    cron:            0 3 * * *  pwsh -NoProfile -File /opt/jobs/backup.ps1 -Folder /var/backups -DriveId … …
#>
#Requires -Version 7.4
#Requires -Modules MgUpload
param(
    [Parameter(Mandatory)] [string] $Folder,
    [Parameter(Mandatory)] [string] $DriveId,
    [Parameter(Mandatory)] [string] $TenantId,
    [Parameter(Mandatory)] [string] $ClientId,
    [Parameter(Mandatory)] [string] $CertificateThumbprint,
    [string] $Destination = 'Backups',
    # What has arrived, a line each: another length or time is another file.
    [string] $List = (Join-Path $Folder '.uploaded')
)
$ErrorActionPreference = 'Stop'
Connect-MgGraph -TenantId $TenantId -ClientId $ClientId -CertificateThumbprint $CertificateThumbprint -NoWelcome

function Get-Line([IO.FileInfo] $File) { '{0} {1} {2}' -f $File.Length, $File.LastWriteTimeUtc.Ticks, $File.FullName }

$failed = 0
$arrived = @((Test-Path $List) ? (Get-Content $List) : @())
$open = Get-MgUploadSession | Group-Object Path -AsHashTable -AsString
foreach ($file in Get-ChildItem $Folder -File | Where-Object FullName -NE ([IO.Path]::GetFullPath($List))) {
    if ((Get-Line $file) -in $arrived) { continue }
    try {
        $result = if ($open -and $open[$file.FullName]) { $open[$file.FullName][0] | Resume-MgUploadSession }
        else {
            $session = New-MgDriveItemUploadSession -DriveId $DriveId -DriveItemId "root:/$Destination/$($file.Name):" -Item @{ '@microsoft.graph.conflictBehavior' = 'replace' }
            $session | Send-MgUploadSession -Path $file.FullName
        }
        Get-Line $file | Add-Content $List
        '{0:u} {1}: {2} bytes, {3}' -f [datetime]::UtcNow, $result.Name, $result.Length, $result.Integrity
    }
    catch {
        $failed++
        '{0:u} {1}: {2}' -f [datetime]::UtcNow, $file.Name, $_.Exception.Message
    }
}
exit ($failed -gt 0 ? 1 : 0)
