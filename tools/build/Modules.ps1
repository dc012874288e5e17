# The PowerShell modules that the build works with.

# The folder of one, in a version that .config/modules.csproj allows: from NuGet, or else from the PowerShell Gallery.
function Get-BuildModule([string] $Package) {
    $project = Join-Path $PSScriptRoot '../../.config/modules.csproj'
    $restored = Join-Path $PSScriptRoot '../../.config/obj/modules.csproj.nuget.g.props'
    $folder = Get-RestoredPackage $restored $Package
    if (-not $folder -or (Get-Item $project).LastWriteTimeUtc -gt (Get-Item $restored).LastWriteTimeUtc) {
        $said = dotnet restore $project --nologo --verbosity quiet
        $folder = Get-RestoredPackage $restored $Package
        if ($LASTEXITCODE -eq 0) { $said | Out-Host }
        else { return Get-GalleryModule $project $Package ($said -join "`n") }
    }
    Join-Path $folder 'tools'
}

# Where NuGet has put a package, by the file that it writes; nothing when it has not, or when it is gone from there.
function Get-RestoredPackage([string] $Restored, [string] $Package) {
    if (-not (Test-Path $Restored)) { return }
    $folder = ([xml] (Get-Content -Raw $Restored)).SelectSingleNode("//*[local-name() = 'Pkg$Package']")?.InnerText
    if ($folder -and (Test-Path $folder)) { $folder }
}

function Get-GalleryModule([string] $Project, [string] $Package, [string] $Why) {
    $name = $Package -replace '-' # Invoke-Build's module is InvokeBuild
    $range = ([xml] (Get-Content -Raw $Project)).SelectSingleNode("//PackageReference[@Include = '$Package']").Version
    $own = Join-Path $PSScriptRoot '../../out/modules'
    $found = Get-Item (Join-Path $own "$name/*") -ErrorAction Ignore
    if (-not $found) {
        $null = New-Item -ItemType Directory -Force $own
        try { Save-PSResource $name -Version $range -Repository PSGallery -TrustRepository -Path $own }
        catch { throw "$name $range is needed, and neither NuGet nor the PowerShell Gallery gives it: $Why" }
        $found = Get-Item (Join-Path $own "$name/*")
    }
    $found[-1].FullName
}
