# The examples of the README, the help pages and about_MgUpload run as they stand against a service as strict as the real one,
# and the published ones with them.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    $pages = Get-ChildItem (Join-Path (Get-RepositoryRoot) 'pwsh-module/docs/en-US') -Filter '*-*.md'
    $readme = Get-Item (Join-Path (Get-RepositoryRoot) 'README.md')
    $all = foreach ($page in @($pages) + $readme) {
        $number = 0
        foreach ($match in [regex]::Matches((Get-Content -Raw $page), '(?s)```powershell\n(.*?)```')) { @{ page = $page.BaseName; number = ++$number; code = $match.Groups[1].Value } }
    }
    # The lines about a prefix are for a session in which Microsoft's module is loaded as well; a list of folders is no example.
    $all += foreach ($about in 'about_MgUpload', 'about_MgUpload_Resume') {
        $number = 0
        $text = Get-Content -Raw (Join-Path (Get-RepositoryRoot) "pwsh-module/docs/en-US/$about.md")
        foreach ($match in [regex]::Matches($text, '(?m)(?:^    .+\n)+') | Where-Object Value -NotMatch '-Prefix|^    Linux ') { @{ page = $about; number = ++$number; code = $match.Value } }
    }
    $examples = $all | Where-Object page -Like 'New-*'
    $others = $all | Where-Object page -NotLike 'New-*'
    $names = $pages | ForEach-Object { @{ name = $_.BaseName; path = $_.FullName } }
}

Describe 'Help' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        $standin = Start-Standin
        # Nothing but this is needed for examples that name no Graph.
        $PSDefaultParameterValues = @{ 'Connect-MgUpload:GraphEndpoint' = $standin.graph }
        $token = $otherToken = ConvertTo-SecureString 'token' -AsPlainText -Force
        $me, $userId, $drive, $driveId, $folderId, $fileId = 'me', 'u', 'd', 'd', 'folder1', '01FILE'
        function Get-Credential { [pscredential]::new('u', $token) }
        Import-Module (Join-Path $PSScriptRoot 'mggraph/MgGraphStandin.psm1')
        Microsoft.PowerShell.Core\Import-Module (New-MgGraphStandin (Join-Path (Get-RepositoryRoot) 'out/test-results/Examples') Private) -Global
        Add-MgEnvironment -Name Standin -AzureADEndpoint https://login.invalid -GraphEndpoint $standin.graph
        # A connection of ours would go first.
        function Connect-MgGraph([string[]] $Scopes) { Disconnect-MgUpload; Microsoft.Graph.Authentication\Connect-MgGraph -Scopes $Scopes -Environment Standin }
        function Get-AzAccessToken { [pscustomobject] @{ Token = $token } }
        function Import-Module([string] $Path) { Join-Path (Get-RepositoryRoot) $Path | Should -Exist }

        function Reset-Place {
            Reset-Standin
            Reset-State
            Invoke-Control '/config' 'Post' @{
                drive  = @{ items = @(@{ path = '/old.iso'; id = $fileId; size = 7 }) }
                drives = @{ ops = @{ webUrl = 'https://contoso.sharepoint.com/sites/Ops/Shared%20Documents' } }
                sites  = @(@{ id = 'contoso.sharepoint.com,1,2'; webUrl = 'https://contoso.sharepoint.com/sites/Ops'; drives = @('ops') })
            } | Out-Null
            Connect-Standin
        }

        # What the examples of a page begin with: an upload that has come half of the way, or that only lacks its commit.
        function New-Beginning([string] $Page) {
            $deferred = $Page -eq 'Complete-MgUploadSession'
            New-MgUserDriveItemUploadSession -UserId u -DriveId d -DriveItemId 'root:/begun.iso:' -BodyParameter @{ deferCommit = $deferred }
        }

        function Invoke-Beginning([string] $Page, $Session) {
            if ($Page -eq 'Complete-MgUploadSession') { $Session | Send-MgUploadSession -Path ./big.iso -DeferCommit | Out-Null }
            elseif ($Page -match '^(Get|Resume|Remove)-|^about') {
                Add-Fault @{ route = 'put'; part = 'middle' } @{ answer = @{ status = 403; code = 'accessDenied' } }
                $Session | Send-MgUploadSession -Path ./big.iso -ChunkSize 320KB -ErrorAction SilentlyContinue | Out-Null
                (Get-MgUploadSession).Path | Should -Not -BeNullOrEmpty
            }
        }
        $folder = Join-Path (Get-RepositoryRoot) 'pwsh-module/docs/en-US'
        # Every id of the family under the name that the examples give it.
        $ids = (Get-Vector 'new-cmdlets.json').cmdlets | ForEach-Object { $_.own.Keys } | Where-Object { $_ -match 'Id\d?$' } | Sort-Object -Unique
        foreach ($id in $ids) { Set-Variable -Name ($id.Substring(0, 1).ToLowerInvariant() + $id.Substring(1)) -Value "$id-1" }
        New-Item -ItemType Directory "$TestDrive/here" | Out-Null
        foreach ($name in 'big.iso', 'big.zip', 'big.pdf') { New-TestFile "$TestDrive/here/$name" 3500000 | Out-Null }
        # Folders enough that each of four machines has some.
        foreach ($number in 1..12) {
            New-Item -ItemType Directory "$TestDrive/here/Reports/$number" | Out-Null
            Set-Content "$TestDrive/here/Reports/$number/sums.xlsx" $number
        }
        Push-Location "$TestDrive/here"
        $directory = [Environment]::CurrentDirectory
        [Environment]::CurrentDirectory = "$TestDrive/here"
    }

    AfterAll {
        Pop-Location
        [Environment]::CurrentDirectory = $directory
        Remove-Module Microsoft.Graph.Authentication
        Stop-Standin
    }

    It 'has a page for every cmdlet and no other' {
        (Get-ChildItem $folder -Filter '*-*.md').BaseName | Sort-Object | Should -Be ((Get-Command -Module MgUpload).Name | Sort-Object)
    }

    It 'has a synopsis of its own and no placeholder: <name>' -ForEach $names {
        $text = Get-Content -Raw $path
        $text | Should -Not -BeLike '*{{*'
        $synopsis = [regex]::Match($text, '## SYNOPSIS\n(.+)\n').Groups[1].Value
        $synopsis | Should -Not -BeNullOrEmpty
        @(Select-String -Path "$folder/*.md" -SimpleMatch $synopsis -List).Count | Should -Be 1
    }

    It 'has examples that run: <page> <number>' -ForEach $examples {
        Reset-Place
        $made = & ([scriptblock]::Create($code))
        $made | Should -Not -BeNullOrEmpty
        $made.PSObject.TypeNames[0] | Should -BeIn 'MgUpload.UploadResult', 'Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession', 'Microsoft.Graph.Beta.PowerShell.Models.MicrosoftGraphUploadSession'
        Get-Violations | Should -BeNullOrEmpty
    }

    It 'has examples that run: <page> <number>' -ForEach $others {
        Reset-Place
        $session = New-Beginning $page
        Invoke-Beginning $page $session
        # An id is another one each time, and nobody is there to be asked.
        $id = @(Get-MgUploadSession).Id | Select-Object -First 1
        $code = $code -replace '\b[0-9a-f]{24}\b', $id -replace '-Confirm\b', '-Confirm:$false'
        $ErrorActionPreference = 'Stop'
        & ([scriptblock]::Create($code)) | Out-Null
        $files = @(Invoke-Control '/files').path | Where-Object { $_ }
        if ($page -match '^(Send|Resume|Complete)-|^README' -and $code -notlike '*-WhatIf*') { $files | Should -Not -BeNullOrEmpty }
        if ($page -eq 'Remove-MgUploadSession') { @(Invoke-Control '/sessions') | ForEach-Object { $_ } | Should -BeNullOrEmpty }
        Get-Violations | Should -BeNullOrEmpty
    }

    It 'runs the example of the published page on print documents' {
        $printerId, $printJobId, $printDocumentId = 'p', 'j', 'd'
        $params = @{
            properties = @{
                documentName = 'TestFile.pdf'
                contentType  = 'application/pdf'
                size         = 4533322
            }
        }
        New-MgPrintPrinterJobDocumentUploadSession -PrinterId $printerId -PrintJobId $printJobId -PrintDocumentId $printDocumentId -BodyParameter $params | Should -Not -BeNullOrEmpty
    }

    It 'lists every difference that the replay knows of in about_MgUpload, and the module compiles its help' {
        $about = Get-Content -Raw "$folder/about_MgUpload.md"
        foreach ($word in 'headers', 'AdditionalProperties', 'DateTimeOffset', 'NaN', 'caller''s scope', 'encoded', 'System.Object[]', 'HTML', 'PSCustomObject') { $about | Should -Match ([regex]::Escape($word)) }
        if (Test-Path (Join-Path (Split-Path (Get-Module MgUpload).Path) 'en-US')) { (Get-Help Send-MgUploadSession).Synopsis | Should -Be 'Uploads a file to a session.' }
    }
}
