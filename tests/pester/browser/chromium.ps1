# A person at a real browser: headless Chromium opens the page, the person enters account and password there, or cancels, and looks
# what is shown in the end. Speaks the DevTools protocol.
param([string] $Url, [string] $Browser, [string] $Folder, [string] $Trusts, [string] $Account, [string] $Password, [switch] $Cancels)

$ErrorActionPreference = 'Stop'
$id = 0
$patience = [datetime]::UtcNow.AddSeconds(120)

# Asks until there is an answer; a page that is being left has none.
function Wait-For([scriptblock] $Ask) {
    while ([datetime]::UtcNow -lt $patience) {
        if ($found = & $Ask) { return $found }
        Start-Sleep -Milliseconds 100
    }
    throw "the browser does not come to: $Ask"
}

function Invoke-DevTools([string] $Method, [hashtable] $Parameters = @{}) {
    $script:id++
    $text = [Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -Compress -Depth 5 @{ id = $id; method = $Method; params = $Parameters }))
    $limit = [Threading.CancellationTokenSource]::new(10000)
    $null = $socket.SendAsync([ArraySegment[byte]] $text, 'Text', $true, $limit.Token).GetAwaiter().GetResult()
    do {
        $message = [IO.MemoryStream]::new()
        do {
            $buffer = [byte[]]::new(65536)
            $part = $socket.ReceiveAsync([ArraySegment[byte]] $buffer, $limit.Token).GetAwaiter().GetResult()
            $message.Write($buffer, 0, $part.Count)
        } until ($part.EndOfMessage)
        $answer = [Text.Encoding]::UTF8.GetString($message.ToArray()) | ConvertFrom-Json
    } until ($answer.id -eq $id)
    $answer.result
}

function Read-Page([string] $Expression) { (Invoke-DevTools 'Runtime.evaluate' @{ expression = $Expression; returnByValue = $true }).result.value }

function Enter-Text([string] $Name, [string] $Text) {
    $null = Read-Page "document.querySelector('[name=$Name]').focus()"
    $null = Invoke-DevTools 'Input.insertText' @{ text = $Text }
}

# Only the server of the test is trusted besides, and only in this folder's profile. As root there is no sandbox.
$words = '--headless=new', '--remote-debugging-port=0', "--user-data-dir=$Folder/profile", "--ignore-certificate-errors-spki-list=$Trusts", '--no-proxy-server',
    '--no-first-run', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update'
if ([Environment]::UserName -eq 'root') { $words += '--no-sandbox' }
$process = Start-Process $Browser ($words + $Url) -PassThru -RedirectStandardError "$Folder/chromium.log" -RedirectStandardOutput "$Folder/chromium.out"
try {
    $port = Wait-For { Get-Content "$Folder/profile/DevToolsActivePort" -ErrorAction Ignore | Select-Object -First 1 }
    $page = Wait-For { Invoke-RestMethod "http://127.0.0.1:$port/json/list" -NoProxy | ForEach-Object { $_ } | Where-Object type -EQ page | Select-Object -First 1 }
    $socket = [Net.WebSockets.ClientWebSocket]::new()
    $null = $socket.ConnectAsync($page.webSocketDebuggerUrl, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
    $null = Wait-For { Read-Page "document.readyState == 'complete' && document.querySelector('[name=account]') != null" }
    $first = Read-Page 'document.title'
    Enter-Text 'account' $Account
    Enter-Text 'password' $Password
    $null = Read-Page "document.querySelector('button[value=$($Cancels ? 'out' : 'in')]').click()"
    $last = Wait-For { Read-Page "document.readyState == 'complete' && location.hostname == 'localhost' && location.protocol == 'http:' && document.body.innerText" }
    @{ first = $first; url = Read-Page 'location.href'; title = Read-Page 'document.title'; last = $last } | ConvertTo-Json | Set-Content "$Folder/seen"
    Rename-Item "$Folder/seen" 'seen.json'
    $null = Invoke-DevTools 'Browser.close'
}
catch {
    # Nobody is to wait for a person who has lost its way.
    $asked = [Web.HttpUtility]::ParseQueryString(([uri] $Url).Query)
    $null = Invoke-WebRequest $asked['redirect_uri'] -Method Post -NoProxy -Body @{ error = 'lost'; error_description = "the browser of the test: $_"; state = $asked['state'] }
    throw
}
finally {
    if (-not $process.WaitForExit(10000)) { $process.Kill($true) }
}
