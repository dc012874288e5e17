# Imports one module into this fresh process, and tells how long that took.
#Requires -Version 7.4
param([Parameter(Mandatory, Position = 0)] [string] $Module)
$ErrorActionPreference = 'Stop'

# So that the clock does not count what every first Import-Module pays.
Import-Module Microsoft.PowerShell.Utility
$clock = [System.Diagnostics.Stopwatch]::StartNew()
Import-Module $Module
'{{"seconds":{0}}}' -f $clock.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture)
