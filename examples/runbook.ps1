<#
.SYNOPSIS
    A runbook of Azure Automation (runtime PowerShell 7.4) that puts a report into a SharePoint library.
.DESCRIPTION
    Signs in with the account's managed identity, which needs the application permissions Reports.Read.All and
    Sites.Selected, with write access to the one site. Import MgUpload and Microsoft.Graph.Authentication into the runtime
    environment first. A sandbox loses its disk when it ends, and with it the record of an open upload: a retry of the job sends the
    report anew, in place of the old one.
#>
param(
    [Parameter(Mandatory)] [string] $DriveId,
    [string] $Destination = 'Reports'
)
$ErrorActionPreference = 'Stop'
Connect-MgGraph -Identity -NoWelcome

$name = 'SharePoint {0:yyyy-MM-dd}.csv' -f [datetime]::UtcNow
$file = Join-Path ([IO.Path]::GetTempPath()) $name
Invoke-MgGraphRequest -Uri "v1.0/reports/getSharePointSiteUsageDetail(period='D7')" -OutputFilePath $file

$session = New-MgDriveItemUploadSession -DriveId $DriveId -DriveItemId "root:/$Destination/${name}:" -Item @{ '@microsoft.graph.conflictBehavior' = 'replace' }
$session | Send-MgUploadSession -Path $file -WaitBudget 00:20:00 | Format-List Name, Length, Integrity, WebUrl
