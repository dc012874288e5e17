# What the build decides by: which system a target is, and which licences may be shipped.

BeforeDiscovery { $systems = (Import-PowerShellDataFile (Join-Path $PSScriptRoot '../../tools/build/Systems.psd1')).Systems }

Describe 'The build' {
    BeforeAll {
        foreach ($script in 'Tools', 'Package', 'Secrets') { . (Join-Path $PSScriptRoot "../../tools/build/$script.ps1") }
        $before = $env:CARGO_BUILD_TARGET
    }

    AfterEach { $env:CARGO_BUILD_TARGET = $before }

    It 'knows <Rid> by each of its targets' -ForEach $systems {
        foreach ($target in $Targets) {
            $env:CARGO_BUILD_TARGET = $target
            (Get-System).Rid | Should -Be $Rid
        }
    }

    It 'knows the system that it runs on, and no other target' -ForEach @{ known = $systems.Rid } {
        $env:CARGO_BUILD_TARGET = ''
        (Get-System).Rid | Should -BeIn $known
        $env:CARGO_BUILD_TARGET = 'wasm32-unknown-unknown'
        { Get-System } | Should -Throw '*wasm32-unknown-unknown*Systems.psd1*'
    }

    It 'takes the licence "<licence>": <taken>' -ForEach @(
        @{ licence = 'MIT'; taken = $true }
        @{ licence = 'MIT/Apache-2.0'; taken = $true }
        @{ licence = 'GPL-3.0 OR MIT'; taken = $true }
        @{ licence = 'Apache-2.0 WITH LLVM-exception OR GPL-2.0'; taken = $true }
        @{ licence = '(MIT OR GPL-3.0) AND Unicode-3.0'; taken = $true }
        @{ licence = 'MIT AND GPL-3.0'; taken = $false }
        @{ licence = 'GPL-3.0-only'; taken = $false }
        @{ licence = 'MIT WITH Something-odd'; taken = $false }
        @{ licence = ''; taken = $false }
    ) { Test-Licence $licence | Should -Be $taken }

    It 'replaces a file that it cannot move another one over' {
        Set-Content "$TestDrive/new" 'new'
        Set-Content "$TestDrive/old" 'old'
        # As Windows keeps a library that a shell has loaded.
        $held = [IO.File]::Open("$TestDrive/old", 'Open', 'Read', 'Read, Delete')
        try { Update-File "$TestDrive/new" "$TestDrive/old" | Should -BeTrue } finally { $held.Dispose() }
        Get-Content "$TestDrive/old" | Should -Be 'new'
        Update-File "$TestDrive/new" "$TestDrive/old" | Should -BeFalse
    }

    It 'has slips to try whose places are still there' {
        $root = Resolve-Path (Join-Path $PSScriptRoot '../..')
        $gone = Get-Content -Raw (Join-Path $root 'tests/slips.json') | ConvertFrom-Json | Where-Object { -not [IO.File]::ReadAllText((Join-Path $root $_.file)).Contains($_.from) }
        $gone.what | Should -BeNullOrEmpty
    }

    It 'finds a secret in what the tests have written, and does not repeat it' {
        $null = New-Item -ItemType Directory "$TestDrive/written/deeper"
        Set-Content "$TestDrive/written/clean.log" 'S3CRET~of-it', 'https://up.example/s?tempauth=…'
        Find-Secrets "$TestDrive/written" 's3cret~of-it' $uploadUrl | Should -BeNullOrEmpty
        Set-Content "$TestDrive/written/a.log" 'one', 'the secret is s3cret~of-it.'
        Set-Content "$TestDrive/written/deeper/b.trx" "https://up.example/s?guid='1'&temp$()auth=v1.123"
        Find-Secrets "$TestDrive/written" 's3cret~of-it', 'another' $uploadUrl | Should -BeLike '*[ab].*:[12]'
        @(Find-Secrets "$TestDrive/written" 's3cret~of-it', 'another' $uploadUrl).Count | Should -Be 2
    }

    It 'makes the same zip of the same files' {
        $null = New-Item -ItemType Directory "$TestDrive/zip/b"
        Set-Content "$TestDrive/zip/b/two" 2
        Set-Content "$TestDrive/zip/One" 1
        Compress-Folder "$TestDrive/zip" "$TestDrive/first.zip"
        (Get-Item "$TestDrive/zip/One").LastWriteTime = '2001-02-03'
        Compress-Folder "$TestDrive/zip" "$TestDrive/second.zip"
        (Get-FileHash "$TestDrive/first.zip").Hash | Should -Be (Get-FileHash "$TestDrive/second.zip").Hash
        [IO.Compression.ZipFile]::OpenRead("$TestDrive/first.zip").Entries.FullName | Should -Be 'zip/One', 'zip/b/two'
    }
}
