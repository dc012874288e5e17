# The recipes for several machines, run by several processes of this one.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
    Import-BuiltModule
    $standin = Start-Standin
    $manifest = (Get-Module MgUpload).Path -replace '\.dll$', '.psd1'
    $deploy = Join-Path (Get-RepositoryRoot) 'deploy'
    $root = "$TestDrive/Tree"
    foreach ($number in 1..120) {
        $folder = New-Item -ItemType Directory -Force "$root/f$($number % 17)"
        Set-Content "$folder/n$number.txt" $number
    }
    $connect = "Connect-MgUpload -AccessToken (ConvertTo-SecureString token -AsPlainText -Force) -GraphEndpoint $($standin.graph)"
    $address = 'https://contoso.sharepoint.com/sites/Ops/Shared Documents/T'
}

AfterAll { Stop-Standin }

Describe 'The recipes' {
    BeforeEach {
        Reset-Standin
        Reset-State
        Invoke-Control '/config' 'Post' @{
            drives = @{ ops = @{ implicitFolders = $false; webUrl = 'https://contoso.sharepoint.com/sites/Ops/Shared%20Documents' } }
            sites  = @(@{ id = 'contoso.sharepoint.com,1,2'; webUrl = 'https://contoso.sharepoint.com/sites/Ops'; drives = @('ops') })
        } | Out-Null
    }

    AfterEach { Get-Violations | Should -BeNullOrEmpty }

    Context 'for Kubernetes' {
        BeforeAll {
            # A pod: the container's entry as a process, with what the job and Kubernetes set.
            function Start-Pod([hashtable] $Environment, [string] $Connect = $connect) {
                $program, $words = Get-PowerShellCommand
                $start = [System.Diagnostics.ProcessStartInfo]::new($program)
                @($words | Where-Object { $_ }) + '-NoProfile', '-NonInteractive', '-Command', "Import-Module '$manifest'; & '$deploy/kubernetes/upload.ps1' -Connect { $Connect }; exit `$LASTEXITCODE" | ForEach-Object { $start.ArgumentList.Add($_) }
                $start.RedirectStandardOutput = $start.RedirectStandardError = $true
                $Environment.GetEnumerator() | ForEach-Object { $start.Environment[$_.Key] = $_.Value }
                [System.Diagnostics.Process]::Start($start)
            }
            function Get-Outcome($Pod) {
                $text = $Pod.StandardOutput.ReadToEnd() + $Pod.StandardError.ReadToEnd()
                $Pod.WaitForExit()
                @{ Code = $Pod.ExitCode; Text = $text }
            }
            $environment = @{ MGUPLOAD_SOURCE = $root; MGUPLOAD_DESTINATION = $address; MGUPLOAD_SHARDS = '3' }
        }

        It 'send each file once' {
            $pods = foreach ($index in 0..2) { Start-Pod ($environment + @{ JOB_COMPLETION_INDEX = "$index"; MGUPLOAD_STATE = "$TestDrive/state$index"; MGUPLOAD_REPORT = "$TestDrive/report$index.csv" }) }
            $outcomes = foreach ($pod in $pods) { Get-Outcome $pod }
            $outcomes.Code | Should -Be 0, 0, 0
            (Get-Stored).Count | Should -Be 120
            (Get-Stored).path | ForEach-Object { $_ -replace '^ops:/T', $root } | ForEach-Object { $_ | Should -Exist }
            $rows = foreach ($index in 0..2) { Import-Csv "$TestDrive/report$index.csv" }
            $rows.Count | Should -Be 120
            "$($outcomes.Text)" | Should -BeLike '*uploaded*'
        }

        It 'say by their exit code whether another try is of use' {
            (Get-Outcome (Start-Pod ($environment + @{ JOB_COMPLETION_INDEX = '' }))).Code | Should -Be 2
            (Get-Outcome (Start-Pod ($environment + @{ JOB_COMPLETION_INDEX = '3' }))).Code | Should -Be 2
            $wrong = $environment + @{ JOB_COMPLETION_INDEX = '0' }
            $wrong.MGUPLOAD_DESTINATION = 'https://contoso.sharepoint.com/sites/Nowhere/Docs'
            (Get-Outcome (Start-Pod $wrong)).Code | Should -Be 2
            (Get-Outcome (Start-Pod ($environment + @{ JOB_COMPLETION_INDEX = '0' }) ($connect -replace 'token -AsPlainText', 'expired -AsPlainText'))).Code | Should -Be 2
            Add-Fault @{ route = 'create'; nth = 1 } @{ answer = @{ status = 403; code = 'accessDenied' } }
            $outcome = Get-Outcome (Start-Pod ($environment + @{ JOB_COMPLETION_INDEX = '0' }))
            $outcome.Code | Should -Be 1
            $outcome.Text | Should -BeLike '*Failed: *'
        }
    }

    Context 'for PowerShell remoting' -Skip:$IsWindows {
        BeforeAll {
            # In the place of ssh and the machine behind it: PowerShell's own end of remoting, on this machine.
            $bin = New-Item -ItemType Directory "$TestDrive/bin"
            $program, $words = Get-PowerShellCommand
            Set-Content "$bin/ssh" "#!/bin/sh`nexec '$program' $(($words | Where-Object { $_ } | ForEach-Object { "'$_'" }) -join ' ') -sshs -NoLogo -NoProfile"
            chmod +x "$bin/ssh"
            $path = $env:PATH
            $env:PATH = "${bin}:$path"
        }

        AfterAll { $env:PATH = $path }

        It 'sends each file once' {
            $results = & "$deploy/remoting/Invoke-ShardedUpload.ps1" -HostName one, two, three -Source $root -Destination @{ DriveId = 'ops'; Destination = 'T' } -Connect ([scriptblock]::Create($connect)) -Module $manifest
            (Get-Stored).Count | Should -Be 120
            ($results | Measure-Object Uploaded -Sum).Sum | Should -Be 120
            $results.Part | Sort-Object | Should -Be '0/3', '1/3', '2/3'
        }
    }
}
