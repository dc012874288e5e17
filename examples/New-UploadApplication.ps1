<#
.SYNOPSIS
    Makes an application of your own for uploads, with the least permission that serves.
.DESCRIPTION
    Needs Microsoft.Graph.Authentication, and an administrator who may register applications and consent for the tenant.
    The application signs in by the certificate whose public part is named here; nothing of it is secret.
.PARAMETER Permission
    Sites.Selected: nothing at first, then just the sites to which the application is given a role (least). Files.ReadWrite.All: every drive.
.EXAMPLE
    openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj '/CN=Uploads' -keyout key.pem -out certificate.pem
    ./New-UploadApplication.ps1 -Name 'Nightly uploads' -CertificatePath certificate.pem
    Get-Content certificate.pem, key.pem | Set-Content both.pem
    Connect-MgUpload -ClientId $clientId -TenantId $tenantId -CertificatePath both.pem
#>
#Requires -Version 7.4
#Requires -Modules Microsoft.Graph.Authentication
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Name,
    [Parameter(Mandatory)] [string] $CertificatePath,
    [ValidateSet('Sites.Selected', 'Files.ReadWrite.All')] [string] $Permission = 'Sites.Selected'
)
$ErrorActionPreference = 'Stop'
$graphsAppId = '00000003-0000-0000-c000-000000000000'

$certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPem((Get-Content -Raw $CertificatePath))
if (-not $PSCmdlet.ShouldProcess($Name, "Register an application with $Permission")) { return }
Connect-MgGraph -Scopes Application.ReadWrite.All, AppRoleAssignment.ReadWrite.All -NoWelcome

function Invoke-Graph([string] $Path, [string] $Method = 'GET', $Body) {
    $arguments = @{ Uri = "/v1.0/$Path"; Method = $Method }
    if ($Body) { $arguments.Body = $Body | ConvertTo-Json -Depth 6 }
    Invoke-MgGraphRequest @arguments
}

$graph = (Invoke-Graph "servicePrincipals?`$filter=appId eq '$graphsAppId'").value[0]
$role = $graph.appRoles | Where-Object value -EQ $Permission
$application = Invoke-Graph 'applications' 'POST' @{
    displayName            = $Name
    signInAudience         = 'AzureADMyOrg'
    keyCredentials         = @(@{ type = 'AsymmetricX509Cert'; usage = 'Verify'; key = [Convert]::ToBase64String($certificate.RawData); displayName = $certificate.Subject })
    requiredResourceAccess = @(@{ resourceAppId = $graphsAppId; resourceAccess = @(@{ id = $role.id; type = 'Role' }) })
}
$principal = Invoke-Graph 'servicePrincipals' 'POST' @{ appId = $application.appId }
# An administrator's consent for this one permission.
$null = Invoke-Graph "servicePrincipals/$($principal.id)/appRoleAssignments" 'POST' @{ principalId = $principal.id; resourceId = $graph.id; appRoleId = $role.id }
[pscustomobject] @{ ClientId = $application.appId; TenantId = (Get-MgContext).TenantId; Permission = $Permission; Certificate = $certificate.Thumbprint }
