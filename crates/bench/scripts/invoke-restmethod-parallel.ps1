# What scripts do that want it faster: ForEach-Object -Parallel, and in it the calls of invoke-restmethod.ps1. The files fit a
# chunk each.
#Requires -Version 7.4
param(
    [Parameter(Mandatory, Position = 0)] [string] $Graph,
    [Parameter(Mandatory, Position = 1)] [int] $AtOnce,
    [Parameter(Position = 2)] [string] $Folder
)
$ErrorActionPreference = 'Stop'

$clock = [System.Diagnostics.Stopwatch]::StartNew()
$files = if ($Folder) { [System.IO.Directory]::GetFiles($Folder) }
$files | ForEach-Object -ThrottleLimit $AtOnce -Parallel {
    $ErrorActionPreference = 'Stop'
    $ProgressPreference = 'SilentlyContinue'
    $name = [uri]::EscapeDataString([System.IO.Path]::GetFileName($_))
    $item = @{ '@microsoft.graph.conflictBehavior' = 'replace' }
    $session = Invoke-RestMethod -Method Post -Uri "$using:Graph/v1.0/users/u/drives/d/root:/${name}:/createUploadSession" `
        -Headers @{ Authorization = "Bearer $env:BENCH_TOKEN" } -ContentType 'application/json' -Body (@{ item = $item } | ConvertTo-Json)
    $bytes = [System.IO.File]::ReadAllBytes($_)
    $range = "bytes 0-$($bytes.Length - 1)/$($bytes.Length)"
    Invoke-RestMethod -Method Put -Uri $session.uploadUrl -Headers @{ 'Content-Range' = $range } -Body $bytes `
        -ContentType 'application/octet-stream' -SkipHeaderValidation | Out-Null
}
'{{"seconds":{0}}}' -f $clock.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture)
