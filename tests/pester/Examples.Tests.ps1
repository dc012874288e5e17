# The examples on the help pages run as they stand, and the published ones with them.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    $pages = Get-ChildItem (Join-Path (Get-RepositoryRoot) 'pwsh-module/docs/en-US') -Filter '*-*.md'
    $examples = foreach ($page in $pages | Where-Object Name -Like 'New-*') {
        $number = 0
        foreach ($match in [regex]::Matches((Get-Content -Raw $page), '(?s)```powershell\n(.*?)```')) { @{ page = $page.BaseName; number = ++$number; code = $match.Groups[1].Value } }
    }
    $names = $pages | ForEach-Object { @{ name = $_.BaseName; path = $_.FullName } }
}

Describe 'Help' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        Connect-Standin
        $folder = Join-Path (Get-RepositoryRoot) 'pwsh-module/docs/en-US'
        # Every id of the family under the name that the examples give it.
        $ids = (Get-Vector 'new-cmdlets.json').cmdlets | ForEach-Object { $_.own.Keys } | Where-Object { $_ -match 'Id\d?$' } | Sort-Object -Unique
        foreach ($id in $ids) { Set-Variable -Name ($id.Substring(0, 1).ToLowerInvariant() + $id.Substring(1)) -Value "$id-1" }
        foreach ($name in 'big.iso', 'big.zip', 'big.pdf') { New-TestFile "$TestDrive/$name" 3500000 | Out-Null }
        Push-Location $TestDrive
    }

    AfterAll {
        Pop-Location
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
        Reset-Standin
        $made = & ([scriptblock]::Create($code))
        $made | Should -Not -BeNullOrEmpty
        $made.PSObject.TypeNames[0] | Should -BeIn 'MgUpload.UploadResult', 'Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession', 'Microsoft.Graph.Beta.PowerShell.Models.MicrosoftGraphUploadSession'
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
