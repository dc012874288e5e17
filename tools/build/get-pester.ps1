# Prints the manifest of a Pester that the tests work with, and gets one into out/modules when there is none.
#Requires -Version 7.4
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$pinned = '5.7.1'
$lowest = [version] '5.5'
$below = [version] '6.0'
$own = Join-Path $PSScriptRoot '../../out/modules'

function Find-Pester {
    $env:PSModulePath = $own + [IO.Path]::PathSeparator + $env:PSModulePath
    Get-Module -ListAvailable Pester |
        Where-Object { $_.Version -ge $lowest -and $_.Version -lt $below } |
        Sort-Object Version -Descending |
        Select-Object -First 1 -ExpandProperty Path
}

$found = Find-Pester
if (-not $found) {
    [Console]::Error.WriteLine("getting Pester $pinned from the PowerShell Gallery")
    $null = New-Item -ItemType Directory -Force $own
    if (Get-Command Save-PSResource -ErrorAction Ignore) {
        Save-PSResource Pester -Version $pinned -Repository PSGallery -TrustRepository -Path $own
    }
    elseif (Get-Command Save-Module -ErrorAction Ignore) {
        Save-Module Pester -RequiredVersion $pinned -Repository PSGallery -Path $own -Force
    }
    else {
        throw "There is no Pester $lowest or later, and this PowerShell has neither Save-PSResource nor Save-Module to get it. Install it: https://pester.dev/docs/introduction/installation"
    }
    $found = Find-Pester
}
if (-not $found) {
    throw "Pester $pinned could not be had from the PowerShell Gallery. Install it: https://pester.dev/docs/introduction/installation"
}
$found
