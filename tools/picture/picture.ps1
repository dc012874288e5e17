# Makes docs/upload.svg from a real session in a real terminal (tmux): an upload to the stand-in, cut off by Ctrl+C, listed, gone on
# with. Run it after the build; it needs tmux.
#Requires -Version 7.4
param([string] $Out = (Join-Path $PSScriptRoot '../../docs/upload.svg'))
$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../tests/pester/Common.psm1') -DisableNameChecking
. (Join-Path $PSScriptRoot 'Svg.ps1')

$columns, $rows = 92, 22
$name = "mgupload-picture-$PID"
$frames = [Collections.Generic.List[object]]::new()
$clock = [Diagnostics.Stopwatch]::new()

function Get-Screen { (tmux -L $name capture-pane -e -p -t $name) -join "`n" }

# Watches for as long as the screen does not show a text; each new picture of it is a frame.
function Watch-Screen([string] $Until, [int] $Seconds = 30, [int] $Millis = 0) {
    $since = [Diagnostics.Stopwatch]::StartNew()
    do {
        $screen = Get-Screen
        if (-not $frames.Count -or $frames[-1].Screen -cne $screen) { $frames.Add([pscustomobject] @{ At = $clock.ElapsedMilliseconds; Screen = $screen }) }
        if ($since.Elapsed.TotalSeconds -gt $Seconds) { throw "the screen never showed '$Until':`n$screen" }
        Start-Sleep -Milliseconds 60
        $isSeen = $Millis ? $since.ElapsedMilliseconds -ge $Millis : ($screen -replace '\e\[[\d;]*m') -match $Until
    } until ($isSeen)
}

function Send-Line([string] $Text) {
    tmux -L $name send-keys -t $name -l $Text
    Watch-Screen -Millis 500
    tmux -L $name send-keys -t $name Enter
}

$standin = Start-Standin
$folder = [IO.Directory]::CreateTempSubdirectory('mgupload-picture-')
try {
    # A line that takes its time.
    Add-Fault @{ route = 'put'; times = 100000 } @{ stallMillis = 110 }
    $null = New-TestFile (Join-Path $folder 'big.iso') 40MB
    $prelude = Join-Path $folder 'prelude.ps1'
    @"
Import-Module '$((Resolve-Path (Join-Path $PSScriptRoot '../../out/MgUpload/MgUpload.psd1')).Path)'
`$env:MGUPLOAD_STATE = '$(Join-Path $folder 'state')'
`$drive = 'b!drive'
Connect-MgUpload (ConvertTo-SecureString token -AsPlainText -Force) -GraphEndpoint $($standin.graph)
Set-PSReadLineOption -PredictionSource None
`$PSStyle.Progress.MaxWidth = 80
function prompt { 'PS> ' }
Set-Location '$folder'
Clear-Host
"@ | Set-Content $prelude
    $words = @(Get-PowerShellCommand) + '-NoLogo', '-NoProfile', '-NoExit', '-File', $prelude
    tmux -L $name new-session -d -s $name -x $columns -y $rows @words
    $clock.Start()
    Watch-Screen 'PS>'
    $frames.Clear()
    Send-Line '$session = New-MgDriveItemUploadSession -DriveId $drive -DriveItemId root:/big.iso:'
    Watch-Screen -Millis 700
    Send-Line '$session | Send-MgUploadSession ./big.iso -ChunkSize 1MB'
    Watch-Screen '(1[6-9]|2\d)\.\d MiB of'
    tmux -L $name send-keys -t $name C-c
    Watch-Screen -Millis 1500
    Send-Line 'Get-MgUploadSession'
    Watch-Screen 'Interrupted'
    Watch-Screen -Millis 1200
    Send-Line 'Get-MgUploadSession | Resume-MgUploadSession'
    Watch-Screen 'Verified'
    Watch-Screen -Millis 500
    [IO.File]::WriteAllText($Out, (ConvertTo-Svg $frames $columns $rows 'A session in a terminal: an upload with its progress bar, cut off by Ctrl+C, listed, gone on with'))
    "$($frames.Count) frames: $(Resolve-Path -Relative $Out)"
}
finally {
    tmux -L $name kill-server
    Stop-Standin
    $folder.Delete($true)
}
