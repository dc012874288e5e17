# Builds the stand-in of Microsoft.Graph.Authentication, in one of the layouts that its versions have had.

# Folder of the module. One: all in the default load context. Dependencies: what the cmdlets use has a context of its own.
# Private: the cmdlets too, so that no type literal finds anything.
function New-MgGraphStandin([string] $Folder, [ValidateSet('One', 'Dependencies', 'Private')] [string] $Layout) {
    $module = Join-Path $Folder "$Layout/Microsoft.Graph.Authentication"
    $core = Join-Path $module ($Layout -eq 'Dependencies' ? 'Dependencies' : '.') 'Microsoft.Graph.Authentication.Core.dll'
    $null = New-Item -ItemType Directory -Force (Split-Path $core)
    $core = (Resolve-Path (Split-Path $core)).Path + '/Microsoft.Graph.Authentication.Core.dll'
    $cmdlets = Join-Path $module 'Microsoft.Graph.Authentication.dll'
    Build-Assembly $core (Join-Path $PSScriptRoot 'Core.cs')
    Build-Assembly $cmdlets (Join-Path $PSScriptRoot 'Cmdlets.cs') $core
    $import = if ($Layout -eq 'Private') {
        # One for the process, whichever runspace imports it.
        '$assembly = [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.Location -eq "$PSScriptRoot/Microsoft.Graph.Authentication.dll" })[0]',
        'if (-not $assembly) {',
        '    $context = [System.Runtime.Loader.AssemblyLoadContext]::new("Microsoft.Graph")',
        '    $null = $context.LoadFromAssemblyPath("$PSScriptRoot/Microsoft.Graph.Authentication.Core.dll")',
        '    $assembly = $context.LoadFromAssemblyPath("$PSScriptRoot/Microsoft.Graph.Authentication.dll")',
        '}',
        'Import-Module -Assembly $assembly'
    }
    else { 'Import-Module "$PSScriptRoot/Microsoft.Graph.Authentication.dll"' }
    $import, 'Export-ModuleMember -Cmdlet *' | Set-Content (Join-Path $module 'Microsoft.Graph.Authentication.psm1')
    New-ModuleManifest (Join-Path $module 'Microsoft.Graph.Authentication.psd1') -RootModule 'Microsoft.Graph.Authentication.psm1' -ModuleVersion 2.99.0 -CmdletsToExport '*'
    Join-Path $module 'Microsoft.Graph.Authentication.psd1'
}

# Add-Type gives assemblies names of its own; here the name is what matters. The compiler is the one that it uses.
function Build-Assembly([string] $Path, [string] $Source, [string[]] $Uses) {
    Add-Type -AssemblyName Microsoft.CodeAnalysis, Microsoft.CodeAnalysis.CSharp
    $references = (Get-Item "$PSHOME/ref/*.dll").FullName + $Uses + [psobject].Assembly.Location |
        Where-Object { $_ } | ForEach-Object { [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile($_) }
    $tree = [Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText((Get-Content -Raw $Source))
    $options = [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new([Microsoft.CodeAnalysis.OutputKind]::DynamicallyLinkedLibrary)
    $name = [IO.Path]::GetFileNameWithoutExtension($Path)
    $compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create($name, [Microsoft.CodeAnalysis.SyntaxTree[]] $tree, [Microsoft.CodeAnalysis.MetadataReference[]] $references, $options)
    $stream = [IO.File]::Create($Path)
    try {
        $made = $compilation.Emit($stream)
        if (-not $made.Success) { throw "$($made.Diagnostics | Where-Object Severity -EQ Error)" }
    }
    finally { $stream.Dispose() }
}

Export-ModuleMember -Function New-MgGraphStandin
