# The module as a whole: what it exports, how it completes, how it lives beside Microsoft.Graph.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    Import-BuiltModule
    $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'

    # In a process of its own: types once loaded stay.
    function Invoke-Fresh([string] $Script) { Invoke-PowerShell -NoProfile -NonInteractive -Command $Script 2>&1 | ForEach-Object { "$_" } }
}

Describe 'The module' {
    It 'exports what the manifest lists, which is what the assembly has' {
        $listed = (Import-PowerShellDataFile $manifest).CmdletsToExport
        (Get-Command -Module MgUpload).Name | Sort-Object | Should -Be ($listed | Sort-Object)
        $listed.Count | Should -Be 55
    }

    It 'exports nothing but cmdlets' {
        (Get-Command -Module MgUpload).CommandType | Select-Object -Unique | Should -Be 'Cmdlet'
    }

    It 'completes <line> to <first>' -ForEach @(
        @{ line = 'New-MgDriveItemUploadSession -Item @{ des'; first = 'Description' }
        @{ line = 'New-MgDriveItemUploadSession -Item @{ fileSy'; first = 'FileSystemInfo' }
        @{ line = 'New-MgDriveItemUploadSession -DriveId d -BodyParameter @{ '; first = 'Item' }
        @{ line = 'New-MgDriveItemUploadSession -DriveId d -BodyParameter @{ item = @{ na'; first = 'Name' }
        @{ line = 'New-MgUserMessageAttachmentUploadSession -InputObject @{ Mess'; first = 'MessageId' }
        @{ line = '[Microsoft.Graph.PowerShell.Models.MicrosoftGraphAttachmentItem]@{ isIn'; first = 'IsInline' }
        @{ line = 'Send-MgUploadSession -Family o'; first = 'outlook' }
    ) {
        (TabExpansion2 $line $line.Length).CompletionMatches[0].CompletionText | Should -Be $first
    }

    It 'hides what is hidden from completion' {
        $line = 'New-MgDriveItemUploadSession -'
        $shown = (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText
        $shown | Should -Contain '-Item'
        $shown | Should -Not -Contain '-Proxy'
    }

    It 'says which library is missing, and why' {
        $text = (Invoke-Fresh "`$env:MGUPLOAD_NATIVE_LIBRARY = '/no/such/library.so'; Import-Module '$manifest'; try { Connect-MgUpload (ConvertTo-SecureString x -AsPlainText -Force) } catch { `$_.FullyQualifiedErrorId; `$_.Exception.Message; `$_.CategoryInfo.Category }") -join "`n"
        $text | Should -BeLike 'AbiMismatch,*/no/such/library.so*NotSpecified'
    }

    It 'imports and lists its commands fast' {
        # The bound is 100 ms over an empty binary module; what is measured here is the whole import. The quickest run of five: what
        # else the machine does only adds to it, which is a third as a rule.
        $millis = foreach ($run in 1..5) { [double] (Invoke-Fresh "(Measure-Command { Import-Module '$manifest' }).TotalMilliseconds") }
        ($millis | Sort-Object)[0] | Should -BeLessThan 200
        $list = foreach ($run in 1..5) { (Measure-Command { Get-Command -Module MgUpload }).TotalMilliseconds }
        ($list | Sort-Object)[2] | Should -BeLessThan 50
    }

    It 'takes a prefix' {
        Invoke-Fresh "Import-Module '$manifest' -Prefix X; (Get-Command New-XMgDriveItemUploadSession).Name" | Should -Be 'New-XMgDriveItemUploadSession'
    }

    It 'takes objects of a module with the same type names (<order>)' -ForEach @(
        @{ order = 'the other one first' }
        @{ order = 'this one first' }
    ) {
        $other = @'
            Add-Type -TypeDefinition @"
            namespace Microsoft.Graph.PowerShell.Models {
                public class MicrosoftGraphDriveItemUploadableProperties { public string Name { get; set; } public long? FileSize { get; set; } public System.Collections.Generic.Dictionary<string, object> AdditionalProperties { get; } = new(); }
                public class FilesIdentity { public string DriveId { get; set; } public string DriveItemId { get; set; } public string UserId { get; set; } }
                public class MicrosoftGraphUploadSession { public string UploadUrl { get; set; } public string[] NextExpectedRanges { get; set; } }
            }
"@ -PassThru | ForEach-Object Assembly | Select-Object -First 1 | Set-Variable assembly
'@
        $import = "Import-Module '$manifest'"
        $first, $second = $order -eq 'this one first' ? ($import, $other) : ($other, $import)
        $result = Invoke-Fresh @"
$first
$second
`$item = [Activator]::CreateInstance(`$assembly.GetType('Microsoft.Graph.PowerShell.Models.MicrosoftGraphDriveItemUploadableProperties'))
`$item.Name = 'foreign'; `$item.AdditionalProperties['@microsoft.graph.conflictBehavior'] = 'fail'
`$identity = [Activator]::CreateInstance(`$assembly.GetType('Microsoft.Graph.PowerShell.Models.FilesIdentity'))
`$identity.DriveId = 'd'; `$identity.DriveItemId = 'i'
`$class = (Get-Command New-MgDriveItemUploadSession).ImplementingType.Assembly.GetType('Microsoft.Graph.PowerShell.Models.MicrosoftGraphDriveItemUploadableProperties')
[System.Management.Automation.LanguagePrimitives]::ConvertTo(`$item, `$class).ToJsonString() -replace '\s+', ' '
`$identity | New-MgDriveItemUploadSession -Item `$item -WhatIf
`$session = [Activator]::CreateInstance(`$assembly.GetType('Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession'))
`$session.UploadUrl = 'https://up.example.com/secret'
`$session | Send-MgUploadSession -Path /no/such/file -WhatIf
"@
        $text = $result -join "`n"
        $text | Should -BeLike '*{ "@microsoft.graph.conflictBehavior": "fail", "name": "foreign" }*'
        $text | Should -BeLike '*POST /v1.0/drives/d/items/i:/foreign:/microsoft.graph.createUploadSession*'
        $text | Should -BeLike '*Upload to https://up.example.com/*'
        $text | Should -Not -BeLike '*secret*'
    }
}
