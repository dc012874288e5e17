# One file goes to the stand-in as a user would send it; then the two sides' hashes are compared.
#Requires -Version 7.4
param([string] $Path)
$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../tests/pester/Common.psm1') -DisableNameChecking
Import-BuiltModule

$standin = Start-Standin
try {
    $folder = [IO.Directory]::CreateTempSubdirectory('mgupload-')
    $file = $Path ? (Get-Item -LiteralPath $Path) : (New-TestFile (Join-Path $folder 'demo.bin') 256MB)
    Connect-Standin | Out-Host

    $item = @{ name = $file.Name; '@microsoft.graph.conflictBehavior' = 'replace' }
    $session = New-MgUserDriveRootUploadSession -UserId 'demo-user' -DriveId 'demo-drive' -Item $item
    $session | Out-Host
    $session | Send-MgUploadSession -Path $file.FullName | Out-Host
    Disconnect-MgUpload | Out-Host

    $sent = (Get-FileHash -LiteralPath $file.FullName).Hash.ToLowerInvariant()
    $stored = Invoke-Control '/files' | ForEach-Object { $_ } | Where-Object { $_.name -eq $file.Name -and $_.size -eq $file.Length }
    $stored = $stored ? $stored[-1].sha256 : 'nothing of that name and length'
    "SHA-256 of the file:     $sent"
    "SHA-256 at the stand-in: $stored"
    foreach ($violation in Get-Violations) { throw "a rule of the protocol was broken: $($violation | ConvertTo-Json -Compress)" }
    if ($sent -ne $stored) { throw 'what was stored is not what was sent' }
    "demo: uploaded $($file.Length) bytes, verified"
}
finally {
    Stop-Standin
    if ($folder) { $folder.Delete($true) }
}
