# The scripts in examples/, as they stand, against the stand-in. Who signs in is Microsoft's modules and tools; here nobody does.

Describe 'The example scripts' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        $examples = Join-Path (Get-RepositoryRoot) 'examples'
        $standin = Start-Standin
        $global:PSDefaultParameterValues['Connect-MgUpload:GraphEndpoint'] = $standin.graph
        $global:signedIn = [Collections.Generic.List[string]]::new()
        function global:Connect-MgGraph { $signedIn.Add("$args") }
        function global:Invoke-MgGraphRequest($Uri, $OutputFilePath) { Set-Content $OutputFilePath "report $Uri" }
        function global:Install-PSResource { $signedIn.Add("installed $args") }
        function global:az { 'token' }
        function Get-StoredPaths { @(Invoke-Control '/files' | ForEach-Object { $_ }).path | Sort-Object }
    }

    AfterAll {
        Remove-Item function:Connect-MgGraph, function:Invoke-MgGraphRequest, function:Install-PSResource, function:az
        $global:PSDefaultParameterValues.Remove('Connect-MgUpload:GraphEndpoint')
        Remove-Variable signedIn -Scope Global
        Stop-Standin
    }

    BeforeEach {
        Reset-Standin
        Reset-State
        $signedIn.Clear()
        Connect-Standin
    }

    AfterEach {
        Disconnect-MgUpload
        Get-MgUploadSession | Should -BeNullOrEmpty
    }

    It 'backup.ps1 uploads what is new, and goes on with what was cut off' {
        $folder = (New-Item -ItemType Directory "$TestDrive/backups").FullName
        $null = New-TestFile "$folder/a.bin" 700000
        $null = New-TestFile "$folder/b.bin" 3
        $job = @{ Folder = $folder; DriveId = 'd'; TenantId = 't'; ClientId = 'c'; CertificateThumbprint = 'x' }
        $first = & "$examples/backup.ps1" @job
        $LASTEXITCODE | Should -Be 0 -Because "$first"
        $signedIn[0] | Should -BeLike '*-CertificateThumbprint*x*'
        Get-StoredPaths | Should -Be 'd:/Backups/a.bin', 'd:/Backups/b.bin'

        # One is cut off, and the next run takes up its session.
        $large = New-TestFile "$folder/c.bin" 12MB
        Add-Fault @{ route = 'put'; part = 'last' } @{ answer = @{ status = 403; code = 'accessDenied' } }
        & "$examples/backup.ps1" @job | Should -BeLike '*c.bin*'
        $LASTEXITCODE | Should -Be 1
        $session = (Get-MgUploadSession).Id
        $session | Should -Not -BeNullOrEmpty
        & "$examples/backup.ps1" @job | Should -BeLike '*c.bin: 12582912 bytes*'
        $LASTEXITCODE | Should -Be 0
        @(Get-Requests | Where-Object method -EQ 'POST').Count | Should -Be 3 -Because 'no session was made anew'
        @(& "$examples/backup.ps1" @job) | Should -BeNullOrEmpty -Because 'nothing is new'
        (Get-FileHash $large).Hash | Should -BeIn @(Invoke-Control '/files' | ForEach-Object { $_ }).sha256
    }

    It 'runbook.ps1 puts its report in place' {
        $result = & "$examples/runbook.ps1" -DriveId d | Out-String
        $result | Should -BeLike '*Verified*'
        $signedIn[0] | Should -BeLike '*-Identity*'
        Get-StoredPaths | Should -BeLike 'd:/Reports/SharePoint 20??-??-??.csv'
    }

    It 'github-actions.yml uploads all that was made' {
        $yaml = Get-Content -Raw "$examples/github-actions.yml"
        $step = [regex]::Match($yaml, '(?s)shell: pwsh.*?run: \|\r?\n(?<code>(?: {10}.*(?:\r?\n|$))+)').Groups['code'].Value
        $step | Should -Not -BeNullOrEmpty
        $null = New-Item -ItemType Directory "$TestDrive/work/dist"
        $null = New-TestFile "$TestDrive/work/dist/app.zip" 400000
        $env:GITHUB_REF_NAME, $env:DRIVE_ID = 'v1', 'd'
        Push-Location "$TestDrive/work"
        # The shell of such a step stops at the first error.
        $ErrorActionPreference = 'Stop'
        try { & ([scriptblock]::Create($step)) | Out-Null } finally { Pop-Location; Remove-Item env:GITHUB_REF_NAME, env:DRIVE_ID }
        Get-StoredPaths | Should -Be 'd:/Releases/v1/app.zip'
        $signedIn[0] | Should -BeLike 'installed MgUpload*'
    }
}
