Describe 'Send-MgUploadPrintJob' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        $file = New-TestFile "$TestDrive/a b.pdf" 12000000
        $word = New-TestFile "$TestDrive/c.docx" 1000

    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Reset-State
        Connect-Standin
    }

    AfterEach { Get-Violations | Should -BeNullOrEmpty }

    It 'prints on <what>' -ForEach @(
        @{ what = 'a share'; printer = @{ PrinterShareId = 's' }; path = '/v1.0/print/shares/s' }
        @{ what = 'a printer'; printer = @{ PrinterId = 'p' }; path = '/v1.0/print/printers/p' }
    ) {
        $result = $file | Send-MgUploadPrintJob @printer
        $result.PSObject.TypeNames[0] | Should -Be 'MgUpload.PrintJobResult'
        $result.Status, $result.State, $result.Name, $result.Length | Should -Be 'Uploaded', 'pending', 'a b.pdf', 12000000
        $result.Destination | Should -Be $path
        $result.JobId | Should -Not -BeNullOrEmpty
        (Get-Stored).sha256 | Should -Be (Get-FileHash -LiteralPath $file.FullName).Hash.ToLower()
        (Get-Posts).target[-1] | Should -Be "$path/jobs/$($result.JobId)/start"
    }

    It 'prints the files that a pattern finds beside a folder' {
        $mixed = New-Item -ItemType Directory "$TestDrive/mixed"
        New-Item -ItemType Directory "$mixed/a folder" | Out-Null
        New-TestFile "$mixed/b.pdf" 100 | Out-Null
        (Send-MgUploadPrintJob "$mixed/*" -PrinterShareId s -ErrorVariable failures -ErrorAction SilentlyContinue).Name | Should -Be 'b.pdf'
        $failures.FullyQualifiedErrorId | Should -BeLike 'SourceMissing,*'
    }

    It 'sends how it is to be printed' {
        $file | Send-MgUploadPrintJob -PrinterShareId s -Configuration @{ copies = 2; pageRanges = @(@{ start = 1; end = 3 }) } | Out-Null
        ((Get-Posts)[0].body | ConvertFrom-Json).configuration.copies | Should -Be 2
        ((Get-Posts)[0].body | ConvertFrom-Json).configuration.pageRanges[0].end | Should -Be 3
    }

    It 'waits for the printer' {
        $result = $file, $word | Send-MgUploadPrintJob -PrinterShareId s -Wait
        $result.State | Should -Be 'completed', 'completed'
    }

    It 'says what has become of a job that was not printed' {
        Invoke-Control '/config' 'Post' @{ print = @{ jobEnd = 'aborted' } } | Out-Null
        $result = $word | Send-MgUploadPrintJob -PrinterShareId s -Wait -ErrorVariable failures -ErrorAction SilentlyContinue
        $result.Status, $result.State | Should -Be 'Failed', 'aborted'
        "$($failures[0])" | Should -BeLike "'$($word.FullName)': *aborted*"
    }

    It 'waits no longer than it is told to' {
        Invoke-Control '/config' 'Post' @{ print = @{ jobSeconds = 1000 } } | Out-Null
        $result = $word | Send-MgUploadPrintJob -PrinterShareId s -Wait -TimeoutSec 1 -ErrorVariable failures -ErrorAction SilentlyContinue
        $result.JobId | Should -Not -BeNullOrEmpty
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'Timeout*'
        $result.Status, $result.Error | Should -Be 'Uploaded', $failures[0]
        $result.ItemId | Should -Not -BeNullOrEmpty
        $result.State | Should -BeIn 'paused', 'pending', 'processing'
    }

    It 'says which job was started where Ctrl+C ends the wait' -Skip:$IsWindows {
        Invoke-Control '/config' 'Post' @{ print = @{ jobSeconds = 1000 } } | Out-Null
        $child = Start-Shell "Send-MgUploadPrintJob '$($word.FullName)' -PrinterShareId s -Wait"
        try {
            $deadline = [datetime]::UtcNow.AddSeconds(60)
            while (-not ($begun = @(Get-Posts).target -like '*/start') -and [datetime]::UtcNow -lt $deadline) { [System.Threading.Thread]::Sleep(50) }
            $job = @($begun)[0] -replace '.*/jobs/(.+)/start$', '$1'
            # A moment, for the wait to have begun.
            [System.Threading.Thread]::Sleep(1500)
            & kill -s INT $child.Id
            $child.WaitForExit(15000) | Should -BeTrue
            @($child.StandardOutput.ReadToEnd() -split '\r?\n' | Where-Object { $_ }) | Should -Be "Stopped waiting for the printer. The job $job was started, and goes on"
            $child.StandardError.ReadToEnd() | Should -BeNullOrEmpty
        }
        finally { if (-not $child.HasExited) { $child.Kill() } }
    }

    It 'prints twice what is named twice' {
        Send-MgUploadPrintJob $word.FullName, $word.FullName -PrinterShareId s | Out-Null
        (Get-Stored).Count | Should -Be 2
    }

    It 'says what is true where the printer''s state cannot be had' {
        Add-Fault @{ method = 'GET'; nth = 2; times = 0 } @{ answer = @{ status = 403; code = 'accessDenied'; message = 'No.' } }
        $result = $word | Send-MgUploadPrintJob -PrinterShareId s -Wait -ErrorVariable failures -ErrorAction SilentlyContinue
        $result.Status, $result.State | Should -Be 'Uploaded', 'unknown'
        $result.ItemId | Should -Be (Get-Stored).id
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'accessDenied*'
        $failures[0].ErrorDetails.RecommendedAction | Should -BeLike "*$($result.JobId)*"
    }

    It 'refuses a time limit for no wait' {
        { $word | Send-MgUploadPrintJob -PrinterShareId s -TimeoutSec 5 -ErrorAction Stop } | Should -Throw '*-TimeoutSec*'
        Get-Posts | Should -BeNullOrEmpty
    }

    It 'refuses first what the printer does not take' {
        Invoke-Control '/config' 'Post' @{ print = @{ contentTypes = @('application/pdf') } } | Out-Null
        $failed = { $word | Send-MgUploadPrintJob -PrinterShareId s -ErrorAction Stop } | Should -Throw -PassThru
        $failed.Exception.Message | Should -BeLike '*application/pdf*'
        Get-Posts | Should -BeNullOrEmpty
        ($word | Send-MgUploadPrintJob -PrinterShareId s -ContentType application/pdf).Status | Should -Be 'Uploaded'
    }

    It 'names the permission that is missing' {
        Connect-Standin 'app'
        $failed = { $word | Send-MgUploadPrintJob -PrinterShareId s -ErrorAction Stop } | Should -Throw -PassThru
        $failed.ErrorDetails.RecommendedAction | Should -BeLike '*PrintJob.Create*'
    }

    It 'leaves no job behind whose document did not arrive' {
        Add-Fault @{ method = 'PUT'; times = 0 } @{ answer = @{ status = 403 } }
        $result = $word | Send-MgUploadPrintJob -PrinterShareId s -ErrorVariable failures -ErrorAction SilentlyContinue
        $result.Status | Should -Be 'Failed'
        (Get-Posts).target[-1] | Should -BeLike '*/cancel'
        Get-MgUploadSession | Should -BeNullOrEmpty
        $failures[0].ErrorDetails.RecommendedAction | Should -Not -BeLike '*Resume*'
    }

    It 'makes no job with -WhatIf' {
        $file | Send-MgUploadPrintJob -PrinterShareId s -WhatIf | Should -BeNullOrEmpty
        Get-Posts | Should -BeNullOrEmpty
    }
}
