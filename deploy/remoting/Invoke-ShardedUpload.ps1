<#
.SYNOPSIS
    Uploads one tree from several machines by PowerShell remoting: each its own part, every file once.
.DESCRIPTION
    Each machine needs MgUpload and reads the same tree at the same path, from a share or a copy. The remote side has none of the
    caller's sign-in (the double hop): it signs in by itself, as -Connect says. That block travels as text, without the variables
    around it. What comes back are the files that were not
    uploaded, and the sums; 400,000 objects stay where they are.
.EXAMPLE
    ./Invoke-ShardedUpload.ps1 -ComputerName fs1, fs2 -Source \\nas\archive -Destination $url -Connect ([scriptblock]::Create("Connect-MgUpload -ClientId $app -TenantId $tenant -CertificateThumbprint $thumbprint"))
.EXAMPLE
    ./Invoke-ShardedUpload.ps1 -HostName fs1, fs2 -Source /srv/archive -Destination $url
#>
#Requires -Version 7.4
[CmdletBinding(DefaultParameterSetName = 'ComputerName')]
param(
    [Parameter(Mandatory, ParameterSetName = 'ComputerName')] [string[]] $ComputerName,
    # By SSH.
    [Parameter(Mandatory, ParameterSetName = 'HostName')] [string[]] $HostName,
    # Sessions that are open already.
    [Parameter(Mandatory, ParameterSetName = 'Session')] [System.Management.Automation.Runspaces.PSSession[]] $Session,
    [Parameter(Mandatory)] [string] $Source,
    # Parameters of Send-MgUploadItem that name the destination, or a folder's address.
    [Parameter(Mandatory)] $Destination,
    [scriptblock] $Connect = { Connect-MgUpload -Identity -NoWelcome },
    # Further parameters of Send-MgUploadItem.
    [hashtable] $Parameters = @{},
    [string] $Module = 'MgUpload'
)

$sessions = switch ($PSCmdlet.ParameterSetName) {
    'Session' { $Session }
    'HostName' { New-PSSession -HostName $HostName }
    default { New-PSSession -ComputerName $ComputerName }
}
try {
    $where = $Destination -is [System.Collections.IDictionary] ? $Destination : @{ Destination = "$Destination" }
    $jobs = for ($index = 0; $index -lt $sessions.Count; $index++) {
        $all = $Parameters + $where + @{ LiteralPath = $Source; Recurse = $true; Contents = $true; Shard = "$index/$($sessions.Count)" }
        Invoke-Command -Session $sessions[$index] -AsJob -JobName "part $index" -ArgumentList $all, $Connect.ToString(), $Module {
            param($all, $connect, $module)
            $ProgressPreference = 'SilentlyContinue'
            Import-Module $module
            . ([scriptblock]::Create($connect)) | Out-Null
            $parameters = @{}
            $all.GetEnumerator() | ForEach-Object { $parameters[$_.Key] = $_.Value }
            $counts = @{ Uploaded = 0; Unchanged = 0; Skipped = 0; Failed = 0 }
            Send-MgUploadItem @parameters -InformationAction SilentlyContinue | ForEach-Object {
                $counts[$_.Status]++
                if ($_.Status -eq 'Failed') { $_ | Select-Object Path, Destination, Status, Reason, @{ n = 'Error'; e = { "$($_.Error)" } } }
            }
            [pscustomobject] (@{ Part = $parameters.Shard; Machine = [Environment]::MachineName } + $counts)
        }
    }
    $jobs | Receive-Job -Wait -AutoRemoveJob
}
finally {
    if ($PSCmdlet.ParameterSetName -ne 'Session') { $sessions | Remove-PSSession }
}
