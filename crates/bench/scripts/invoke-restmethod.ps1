# The loop that most scripts have: a chunk into an array, the array into Invoke-RestMethod, and each call a connection of
# its own. Otherwise done well: one array for all whole chunks, no progress bar, no check of headers.
#Requires -Version 7.4
param(
    [Parameter(Mandatory, Position = 0)] [string] $Graph,
    [Parameter(Mandatory, Position = 1)] [long] $Chunk,
    [Parameter(ValueFromRemainingArguments)] [string[]] $Path
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$clock = [System.Diagnostics.Stopwatch]::StartNew()
foreach ($file in $Path) {
    $name = [uri]::EscapeDataString([System.IO.Path]::GetFileName($file))
    $item = @{ '@microsoft.graph.conflictBehavior' = 'replace' }
    $session = Invoke-RestMethod -Method Post -Uri "$Graph/v1.0/users/u/drives/d/root:/${name}:/createUploadSession" `
        -Headers @{ Authorization = "Bearer $env:BENCH_TOKEN" } -ContentType 'application/json' -Body (@{ item = $item } | ConvertTo-Json)
    $stream = [System.IO.File]::OpenRead($file)
    $length = $stream.Length
    $buffer = [byte[]]::new([Math]::Min($Chunk, $length))
    for ($position = 0L; $position -lt $length; $position += $buffer.Length) {
        if ($length - $position -lt $buffer.Length) { $buffer = [byte[]]::new($length - $position) }
        $stream.ReadExactly($buffer, 0, $buffer.Length)
        $range = "bytes $position-$($position + $buffer.Length - 1)/$length"
        Invoke-RestMethod -Method Put -Uri $session.uploadUrl -Headers @{ 'Content-Range' = $range } -Body $buffer `
            -ContentType 'application/octet-stream' -SkipHeaderValidation | Out-Null
    }
    $stream.Dispose()
}
'{{"seconds":{0}}}' -f $clock.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture)
