# What goes into the package besides what is built: whose code it is, and under which licences.

# Licences that allow to ship a library built from the code, with the notice that each wants.
$allowedLicences = 'MIT', 'MIT-0', 'Apache-2.0', 'Apache-2.0 WITH LLVM-exception', 'BSD-1-Clause', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'Zlib', '0BSD', 'BSL-1.0',
    'Unlicense', 'CC0-1.0', 'Unicode-3.0', 'CDLA-Permissive-2.0'

function Get-ModuleVersion([string] $Folder) { (Import-PowerShellDataFile (Join-Path $Folder 'MgUpload.psd1')).ModuleVersion }

# The crates that are in a library of any of the systems, without those of this workspace.
function Get-ShippedCrates([string] $Cargo) {
    $names = foreach ($one in Get-Systems) {
        & $Cargo tree --quiet --package mg-upload-ffi --edges normal --prefix none --format '{p}' --target $one.Targets[0] | ForEach-Object { ($_ -split ' ')[0..1] -join ' ' }
        if ($LASTEXITCODE) { throw "cargo tree failed for $($one.Targets[0])" }
    }
    $known = & $Cargo metadata --quiet --format-version 1 | ConvertFrom-Json
    if ($LASTEXITCODE) { throw 'cargo metadata failed' }
    $names = $names | Sort-Object -Unique
    $known.packages | Where-Object { $_.source -and "$($_.name) v$($_.version)" -in $names } | Sort-Object name, version | ForEach-Object {
        [pscustomobject] @{ Type = 'cargo'; Name = $_.name; Version = $_.version; License = $_.license; Copyright = $null; Folder = Split-Path $_.manifest_path }
    }
}

# The packages of NuGet whose assemblies are in the folder that signs in, by what NuGet has restored for it.
function Get-ShippedPackages([string] $Assets) {
    $restored = Get-Content -Raw $Assets | ConvertFrom-Json -AsHashtable
    $used = @($restored.targets.Values)[0]
    foreach ($key in $used.Keys | Sort-Object) {
        $package = $used[$key]
        if ($package.type -ne 'package' -or -not ($package.runtime.Keys -like '*.dll')) { continue }
        $name, $version = $key -split '/'
        $folder = @($restored.packageFolders.Keys | ForEach-Object { Join-Path $_ $name.ToLowerInvariant() $version } | Where-Object { Test-Path $_ })[0]
        $about = ([xml] (Get-Content -Raw (Join-Path $folder "$($name.ToLowerInvariant()).nuspec"))).package.metadata
        $licence = $about.license.type -eq 'expression' ? $about.license.InnerText : $null
        # Before there were expressions, the text itself stood beside.
        if (-not $licence -and (Get-ChildItem $folder -File | Where-Object Name -Match '^LICENSE' | Select-String -Quiet -SimpleMatch 'The MIT License')) { $licence = 'MIT' }
        [pscustomobject] @{ Type = 'nuget'; Name = $name; Version = $version; License = $licence; Copyright = $about.copyright; Folder = $folder }
    }
}

# Whether an SPDX expression leaves a choice in which every licence is allowed. Old crates write / for OR.
function Test-Licence([string] $Expression) {
    if (-not $Expression) { return $false }
    $words = $Expression -replace '\s*/\s*', ' OR ' -replace ' WITH ', '_WITH_' -replace '([()])', ' $1 ' -split '\s+' -ne ''
    $logic = foreach ($word in $words) {
        switch -CaseSensitive ($word) {
            { $_ -in '(', ')', 'AND', 'OR' } { $_ }
            default { ($_ -replace '_WITH_', ' WITH ') -cin $allowedLicences ? '1=1' : '1=0' }
        }
    }
    [bool] [Data.DataTable]::new().Compute($logic -join ' ', '')
}

function Assert-Licences($Parts) {
    $wrong = foreach ($part in $Parts) { if (-not (Test-Licence $part.License)) { "$($part.Name) $($part.Version): $($part.License ? $part.License : 'it names none')" } }
    if ($wrong) { throw "parts with a licence that is not in tools/build/Package.ps1: $($wrong -join '; ')" }
}

# Each part with its licence; then each text once, with those that have it.
function Get-Notices($Parts) {
    $texts = [ordered] @{}
    foreach ($part in $Parts) {
        foreach ($file in Get-ChildItem ($part.Folder) -File | Where-Object Name -Match '^(LICEN[CS]E|COPYING|NOTICE|UNLICENSE|THIRD-PARTY)' | Sort-Object Name) {
            $text = (Get-Content -Raw $file) -replace "`r`n", "`n"
            if ($text) { $texts[$text.Trim()] = @($texts[$text.Trim()]) + "$($part.Name) $($part.Version)" }
        }
    }
    $lines = @("MgUpload's native libraries contain code of crates (cargo, https://crates.io); its folder signin has assemblies of packages (nuget, https://www.nuget.org).", '') +
    @($Parts | ForEach-Object { "$($_.Type) $($_.Name) $($_.Version): $($_.License)$($_.Copyright ? "; $($_.Copyright)" : '')" })
    foreach ($text in $texts.Keys) { $lines += '', ('-' * 80), "$(@($texts[$text] | Where-Object { $_ } | Select-Object -Unique) -join ', ')", '', $text }
    ($lines -join "`n") + "`n"
}

# The list of parts, as CycloneDX 1.5; the same parts give the same bytes.
function Get-Bom($Parts, [string] $Version) {
    $components = foreach ($part in $Parts) {
        [ordered] @{ type = 'library'; 'bom-ref' = "pkg:$($part.Type)/$($part.Name)@$($part.Version)"; name = $part.Name; version = $part.Version
            licenses = @([ordered] @{ expression = $part.License -replace '\s*/\s*', ' OR ' }); purl = "pkg:$($part.Type)/$($part.Name)@$($part.Version)"
        }
    }
    $bom = [ordered] @{ bomFormat = 'CycloneDX'; specVersion = '1.5'; version = 1
        metadata = [ordered] @{ component = [ordered] @{ type = 'library'; 'bom-ref' = 'MgUpload'; name = 'MgUpload'; version = $Version; licenses = @([ordered] @{ expression = 'MIT OR Apache-2.0' }) } }
        components = @($components)
    }
    ($bom | ConvertTo-Json -Depth 10) -replace "`r`n", "`n"
}

# A zip that the same files always give: in the order of their names, and of one time.
function Compress-Folder([string] $Folder, [string] $Zip) {
    $archive = [IO.Compression.ZipFile]::Open($Zip, 'Create')
    try {
        $parent = Split-Path $Folder
        $names = @(Get-ChildItem $Folder -Recurse -File | ForEach-Object { [IO.Path]::GetRelativePath($parent, $_.FullName) })
        [array]::Sort($names, [StringComparer]::Ordinal)
        foreach ($name in $names) {
            $entry = $archive.CreateEntry($name.Replace('\', '/'), 'SmallestSize')
            $entry.LastWriteTime = [datetimeoffset]::new(1980, 1, 1, 0, 0, 0, [timespan]::Zero)
            $entry.ExternalAttributes = 0x81A40000 # -rw-r--r--, whatever the checkout's modes are
            $to = $entry.Open()
            $from = [IO.File]::OpenRead((Join-Path $parent $name))
            $from.CopyTo($to)
            $from.Dispose()
            $to.Dispose()
        }
    }
    finally { $archive.Dispose() }
}
