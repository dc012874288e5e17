# The C ABI from C: examples/upload.c, which the build compiles with warnings as errors, uploads to the stand-in.

BeforeDiscovery {
    $valgrind = 'valgrind', '--quiet', '--error-exitcode=99', '--leak-check=full', '--errors-for-leak-kinds=definite'
    $checkers = if (Get-Command valgrind -CommandType Application -ErrorAction Ignore) { @{ under = $valgrind } }
}

# The build compiles it where cc is a compiler of Unix' kind.
Describe 'The C example' -Skip:$IsWindows {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        $standin = Start-Standin
        $program = Join-Path (Get-RepositoryRoot) 'out/tools/upload'
        $step = 320KB # Graph's step
        $large = New-TestFile "$TestDrive/large.bin" (10 * $step + 7)
        $small = New-TestFile "$TestDrive/small.bin" 1
        $watched = New-TestFile "$TestDrive/watched.bin" (2 * $step + 1)

        # Runs it; its status is in $LASTEXITCODE.
        function Invoke-Example([string[]] $Arguments, [string[]] $Under = @()) {
            $command = $Under + $program + '--graph', $standin.graph, '--token', 'test', '--user', 'user', '--drive', 'drive', '--quiet' + $Arguments
            $output = & $command[0] $command[1..$command.Count] 2>&1
            if ($LASTEXITCODE -ne 0) { $output | Out-String | Write-Verbose }
        }

        # Whether the files have arrived whole, and nothing else.
        function Assert-Stored([IO.FileInfo[]] $Files) {
            $stored = @(Invoke-Control '/files') | ForEach-Object { $_ } | Sort-Object name
            $expected = $Files | Sort-Object Name
            @($stored.name) | Should -Be @($expected.Name)
            @($stored.sha256) | Should -Be @($expected | ForEach-Object { (Get-FileHash $_).Hash })
        }
    }

    AfterAll { Stop-Standin }

    BeforeEach { Reset-Standin }

    AfterEach { Get-Violations | Should -BeNullOrEmpty }

    It 'uploads two files at once, in chunks' {
        Invoke-Example '--chunk', $step, '--parallel', 2, $large, $small
        $LASTEXITCODE | Should -Be 0
        Assert-Stored $large, $small
    }

    It 'uploads the other file when one is missing' {
        Invoke-Example 'no-such-file', $small
        $LASTEXITCODE | Should -Be 1
        Assert-Stored $small
    }

    It 'sends folders, and tells of each file' {
        $null = New-Item -ItemType Directory "$TestDrive/tree/inner"
        $files = (New-TestFile "$TestDrive/tree/one.bin" 5), (New-TestFile "$TestDrive/tree/inner/two.bin" ($step + 1))
        $common = '--graph', $standin.graph, '--token', 'test', '--drive', 'drive', '--quiet', '--parallel', 2, '--tree'
        $sums = @(& $program @common "$TestDrive/tree" | ConvertFrom-Json)
        $LASTEXITCODE | Should -Be 0
        $sums[0..1].status | Should -Be 'uploaded', 'uploaded'
        $sums[2].sums.uploaded | Should -Be 2
        Assert-Stored $files
        $again = & $program @common "$TestDrive/tree" "$TestDrive/none" | ConvertFrom-Json
        ($again | Where-Object status -EQ 'failed').path | Should -BeLike '*none'
        $LASTEXITCODE | Should -Be 1
    }

    It 'goes on by its id with an upload that was left open' {
        Add-Fault @{ route = 'put'; part = 'middle'; times = 1 } @{ answer = @{ status = 403; code = 'accessDenied' } }
        Invoke-Example '--chunk', $step, $large
        $LASTEXITCODE | Should -Be 1
        $common = '--graph', $standin.graph, '--token', 'test'
        $open = (& $program @common --list | ConvertFrom-Json).open
        $open.path | Should -Be $large.FullName
        (& $program @common --quiet --resume $open.id | ConvertFrom-Json).length | Should -Be $large.Length
        Assert-Stored $large
        (& $program @common --list | ConvertFrom-Json).open | Should -BeNullOrEmpty
    }

    It 'says by its status that <name>' -ForEach @(
        @{ name = 'the token was refused'; arguments = '--token', 'expired', 'small.bin'; status = 1 }
        @{ name = 'an argument has no value'; arguments = @('--chunk'); status = 2 }
        @{ name = 'a tree has no files'; arguments = @('--tree'); status = 2 }
        @{ name = 'a size is no number'; arguments = '--chunk', '10MB', 'small.bin'; status = 2 }
    ) {
        Push-Location $TestDrive
        try { Invoke-Example $arguments } finally { Pop-Location }
        $LASTEXITCODE | Should -Be $status
        Invoke-Control '/files' | Should -BeNullOrEmpty
    }

    Context 'under valgrind' -ForEach $checkers {
        It 'uploads without a fault' {
            Invoke-Example '--chunk', $step, $watched -Under $under
            $LASTEXITCODE | Should -Be 0
            Assert-Stored $watched
        }

        It 'has a token refused without a fault' {
            Invoke-Example '--token', 'expired', $small -Under $under
            $LASTEXITCODE | Should -Be 1
        }
    }
}
