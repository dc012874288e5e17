Describe 'Complete-MgUploadSession' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        $file = New-TestFile "$TestDrive/a.bin" 700000
        $hash = (Get-FileHash -LiteralPath $file.FullName).Hash


        function New-Deferred([string] $DriveId = 'd', [string] $Behavior = 'fail') {
            New-MgUserDriveRootUploadSession -UserId u -DriveId $DriveId -BodyParameter @{ item = @{ name = 'a.bin'; '@microsoft.graph.conflictBehavior' = $Behavior }; deferCommit = $true }
        }
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Reset-State
        Connect-Standin
    }

    AfterEach {
        Get-Violations | Should -BeNullOrEmpty
    }

    It 'puts the item in place that Send has left (<drive>)' -ForEach @(@{ drive = 'd' }, @{ drive = 'personal1' }) {
        $session = New-Deferred $drive
        $said = $session | Send-MgUploadSession $file.FullName -DeferCommit -Verbose 4>&1
        $result = $said | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] }
        $result.Committed | Should -BeFalse
        $result.Item | Should -BeNullOrEmpty
        "$said" | Should -BeLike '*Complete-MgUploadSession*'
        Get-Stored | Should -BeNullOrEmpty
        @(Get-MgUploadSession).Count | Should -Be 1
        $item = $session | Complete-MgUploadSession
        $item.GetType() | Should -Be ([System.Management.Automation.PSCustomObject])
        $item.name, $item.size | Should -Be 'a.bin', 700000
        (Get-Stored).sha256 | Should -Be $hash
        Get-MgUploadSession | Should -BeNullOrEmpty
    }

    It 'is done by Send itself without -DeferCommit' {
        $result = New-Deferred | Send-MgUploadSession $file.FullName
        $result.Committed | Should -BeTrue
        $result.Item.name | Should -Be 'a.bin'
        (Get-Stored).sha256 | Should -Be $hash
    }

    It 'takes open uploads and their ids' {
        New-Deferred | Send-MgUploadSession $file.FullName -DeferCommit | Out-Null
        (Get-MgUploadSession | Complete-MgUploadSession).name | Should -Be 'a.bin'
        New-Deferred 'e' | Send-MgUploadSession $file.FullName -DeferCommit | Out-Null
        (Complete-MgUploadSession -Id (Get-MgUploadSession).Id).name | Should -Be 'a.bin'
    }

    It 'finds another way after a conflict: <behavior>' -ForEach @(@{ behavior = 'rename'; name = 'a 1.bin' }, @{ behavior = 'replace'; name = 'a.bin' }) {
        $session = New-Deferred
        $session | Send-MgUploadSession $file.FullName -DeferCommit | Out-Null
        Invoke-Control '/config' 'Post' @{ drive = @{ items = @(@{ path = '/a.bin'; size = 5 }) } } | Out-Null
        $record = $null
        $session | Complete-MgUploadSession -ErrorAction SilentlyContinue -ErrorVariable record | Should -BeNullOrEmpty
        $record[0].CategoryInfo.Category | Should -Be 'ResourceExists'
        $record[0].FullyQualifiedErrorId | Should -BeLike '*,MgUpload.Cmdlets.CompleteMgUploadSessionCommand'
        $item = $session | Complete-MgUploadSession -ConflictBehavior $behavior
        $item.name | Should -Be $name
        $item.size | Should -Be 700000
    }

    It 'sends nothing with -WhatIf' {
        $session = New-Deferred
        $session | Send-MgUploadSession $file.FullName -DeferCommit | Out-Null
        $session | Complete-MgUploadSession -WhatIf | Should -BeNullOrEmpty
        Get-Stored | Should -BeNullOrEmpty
    }

    It 'says what is wrong with an id that is not open here' {
        $record = { Complete-MgUploadSession -Id abcdef -ErrorAction Stop } | Should -Throw -PassThru
        $record.FullyQualifiedErrorId | Should -BeLike 'InvalidInput,*'
        $record.TargetObject | Should -Be 'abcdef'
    }
}
