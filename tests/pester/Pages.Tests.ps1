# What is written for people: links lead somewhere, and help has no empty section.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    $root = Get-RepositoryRoot
    $pages = Get-ChildItem $root -Recurse -Filter *.md -Force | Where-Object { [IO.Path]::GetRelativePath($root, $_.FullName) -notmatch '(^|[\\/])(out|target|obj|bin|\.git)[\\/]' }
    $pages = $pages | ForEach-Object { @{ name = [IO.Path]::GetRelativePath($root, $_.FullName); path = $_.FullName } }
    $cmdlets = (Import-PowerShellDataFile (Join-Path $root 'pwsh-module/MgUpload.psd1')).CmdletsToExport
}

Describe 'Pages' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking

        # A page without its code, in which brackets mean other things.
        function Get-Prose([string] $Path) { (Get-Content -Raw -LiteralPath $Path) -replace '(?s)```.*?```', '' -replace '`[^`\n]*`', '' }

        # The names that GitHub gives to the headings of a page.
        function Get-Anchors([string] $Path) {
            foreach ($heading in Select-String -LiteralPath $Path -Pattern '^#+ +(.+)$') { $heading.Matches[0].Groups[1].Value.ToLowerInvariant() -replace '[^\w\- ]', '' -replace ' ', '-' }
        }
    }

    It 'have links that lead somewhere: <name>' -ForEach $pages {
        $wrong = foreach ($link in [regex]::Matches((Get-Prose $path), '\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"')) {
            $target = $link.Groups[1].Value + $link.Groups[2].Value
            if ($target -match '^(https://[\w.-]+(/|$)|cid:)') { continue }
            $file, $anchor = $target -split '#', 2
            $place = $file ? [IO.Path]::GetFullPath([uri]::UnescapeDataString($file), (Split-Path $path)) : $path
            if (-not (Test-Path -LiteralPath $place)) { "${target}: there is no such file" }
            elseif ($anchor -and $anchor -cnotin @(Get-Anchors $place)) { "${target}: there is no such heading" }
        }
        $wrong | Should -BeNullOrEmpty
    }

    It 'name tests that there are: docs/trees.md' {
        $root = Get-RepositoryRoot
        $sources = Get-ChildItem $root/crates, $root/tests/pester -Recurse -Include *.rs, *.Tests.ps1 | Get-Content -Raw | Out-String
        $rows = Get-Content $root/docs/trees.md | Where-Object { $_ -match '^\| [^-]' } | Select-Object -Skip 1
        $names = $rows | ForEach-Object { ($_ -split '(?<!\\)\|')[3] } | ForEach-Object { [regex]::Matches($_, '`([^`:]+)`') } | ForEach-Object { $_.Groups[1].Value }
        $names.Count | Should -BeGreaterThan 15
        $names | Where-Object { -not $sources.Contains("fn $_(") -and -not $sources.Contains("It '$_'") } | Should -BeNullOrEmpty
    }
}

Describe 'Get-Help' {
    BeforeAll { Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking; Import-BuiltModule }

    It 'has no empty section for <_>' -ForEach $cmdlets {
        $help = Get-Help $_ -Full
        $sections = @{
            synopsis     = $help.Synopsis
            description  = $help.description.Text
            syntax       = $help.syntax.syntaxItem
            examples     = $help.examples.example
            inputs       = $help.inputTypes.inputType
            outputs      = $help.returnValues.returnValue
            links        = $help.relatedLinks.navigationLink
        }
        foreach ($section in $sections.Keys) { "$($sections[$section] | Out-String)".Trim() | Should -Not -BeNullOrEmpty -Because "there is a section $section" }
        foreach ($example in $help.examples.example) { "$($example.code)".Trim() | Should -Not -BeNullOrEmpty -Because $example.title }
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        foreach ($parameter in (Get-Command $_).Parameters.Values | Where-Object { $_.Name -notin $common -and @($_.Attributes.DontShow) -notcontains $true }) {
            $page = $help.parameters.parameter | Where-Object name -EQ $parameter.Name
            "$($page.description.Text)".Trim() | Should -Not -BeNullOrEmpty -Because "-$($parameter.Name) is described"
        }
    }
}
