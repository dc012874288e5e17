<#
.SYNOPSIS
    What each pod of the job runs: its own part of the tree, then an exit code that says whether to try again.
.DESCRIPTION
    JOB_COMPLETION_INDEX is this pod's number, from 0 on, as an Indexed Job sets it; MGUPLOAD_SHARDS is how many there are.
    Exit codes: 0 everything is there; 1 some files failed, or the service did, and another try goes on where this one stopped;
    2 the job is set up wrongly, and another try would meet the same.
#>
#Requires -Version 7.4
param(
    [string] $Source = $env:MGUPLOAD_SOURCE,
    # A folder's address as a browser shows it, or a sharing link.
    [string] $Destination = $env:MGUPLOAD_DESTINATION,
    [string] $Index = $env:JOB_COMPLETION_INDEX,
    [string] $Count = $env:MGUPLOAD_SHARDS,
    # How the pod signs in: workload identity sets AZURE_FEDERATED_TOKEN_FILE, which this reads.
    [scriptblock] $Connect = { Connect-MgUpload -EnvironmentVariable -NoWelcome }
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$InformationPreference = 'Continue'

$missing = @{ MGUPLOAD_SOURCE = $Source; MGUPLOAD_DESTINATION = $Destination; JOB_COMPLETION_INDEX = $Index; MGUPLOAD_SHARDS = $Count }.GetEnumerator() | Where-Object { -not $_.Value }
if ($missing) {
    Write-Host "$($missing.Key -join ', '): not set"
    exit 2
}

try {
    & $Connect
    $failed = [System.Collections.Generic.HashSet[string]]::new()
    $parameters = @{
        LiteralPath = $Source
        Contents    = $true
        Recurse     = $true
        Destination = $Destination
        Shard       = "$Index/$Count"
        # A pod that is killed is started again, and finds what it has sent already; what others have changed there stays.
        IfExists    = 'Skip'
        ErrorAction = 'SilentlyContinue'
    }
    if ($env:MGUPLOAD_REPORT) { $parameters.Report = $env:MGUPLOAD_REPORT }
    Send-MgUploadItem @parameters -ErrorVariable problems | ForEach-Object {
        if ($_.Status -eq 'Failed') {
            $null = $failed.Add($_.Path)
            Write-Host "Failed: $($_.Path): $($_.Error)"
        }
    }
}
catch {
    Write-Host "$_"
    # A wrong address or a missing permission is the same for the next try.
    exit ($_.CategoryInfo.Category -in 'InvalidArgument', 'PermissionDenied', 'AuthenticationError' ? 2 : 1)
}
# What ends the whole run is an error that belongs to no file.
$whole = @($problems | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] -and -not $failed.Contains("$($_.TargetObject)") }) | Select-Object -First 1
if ($whole) {
    Write-Host "$whole"
    exit ($whole.CategoryInfo.Category -in 'InvalidArgument', 'PermissionDenied', 'AuthenticationError', 'ObjectNotFound' ? 2 : 1)
}
exit ($failed.Count ? 1 : 0)
