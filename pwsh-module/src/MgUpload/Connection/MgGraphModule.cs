using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Net.Http;
using System.Runtime.CompilerServices;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>
/// What Microsoft.Graph.Authentication says, by its documented cmdlets alone: its types stand in load contexts of their own, and
/// differ between its versions.
/// </summary>
internal static class MgGraphModule
{
    private const string Name = "Microsoft.Graph.Authentication";

    /// <summary>Small, allowed to everybody or refused with little, and gone through the renewal of their own client.</summary>
    private const string Probe = "/v1.0/me?$select=id";

    /// <summary>Whatever the user's preferences: their cmdlet shall neither ask, nor pretend, nor show the token in its debug lines.</summary>
    private const string Quiet = """
        param($Module, $Verb, $Noun, $Arguments)
        $ErrorActionPreference = 'Stop'
        $WarningPreference = $VerbosePreference = $DebugPreference = $InformationPreference = $ProgressPreference = 'SilentlyContinue'
        $WhatIfPreference = $false
        $ConfirmPreference = 'None'
        $PSDefaultParameterValues = @{}
        # Whatever prefix it was imported with.
        & ($Module.ExportedCommands.Values | Where-Object Name -Like "$Verb-*$Noun" | Select-Object -First 1) @Arguments
        """;

    /// <summary>As a cmdlet has found it: it asks for each of its records, and several times.</summary>
    private static readonly ConditionalWeakTable<PSCmdlet, PSModuleInfo> s_found = new();

    /// <summary>Get-MgContext; null where nobody is connected, or the module is not there.</summary>
    internal static PSObject? Context(PSCmdlet asker) => Loaded(asker) is { } module ? Run(asker, module, "Get", "MgContext").FirstOrDefault() : null;

    /// <summary>Get-MgEnvironment of that name; null where there is none.</summary>
    internal static PSObject? Environment(PSCmdlet asker, string name) =>
        Run(asker, Loaded(asker)!, "Get", "MgEnvironment", ("Name", name)).FirstOrDefault(found => name.Equals(Text(found, "Name"), StringComparison.OrdinalIgnoreCase));

    /// <summary>A property as text; null where there is none.</summary>
    internal static string? Text(PSObject from, string name) => from.Properties[name]?.Value?.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>The header with which their client asks Graph.</summary>
    /// <exception cref="MgUploadException">It could not ask.</exception>
    internal static (string? Scheme, string? Parameter) Authorization(PSCmdlet asker)
    {
        try
        {
            PSObject? sent = Run(asker, Loaded(asker)!, "Invoke", "MgGraphRequest", ("Method", "GET"), ("Uri", Probe), ("OutputType", "HttpResponseMessage"), ("SkipHttpErrorCheck", true)).FirstOrDefault();
            using var answer = sent?.BaseObject as HttpResponseMessage;
            var header = answer?.RequestMessage?.Headers.Authorization;
            return (header?.Scheme, header?.Parameter);
        }
        catch (RuntimeException error)
        {
            // Their own words, of which no token is a part.
            throw new MgUploadException(ErrorKind.Unauthenticated, $"The session of Connect-MgGraph gives no token: {error.Message}", error)
            {
                Advice = "Run Disconnect-MgGraph and Connect-MgGraph again, or sign in with Connect-MgUpload.",
            };
        }
    }

    /// <summary>
    /// The module as this runspace has it. One that another runspace of the process has is imported: its session is the process's,
    /// and ForEach-Object -Parallel begins with nothing imported.
    /// </summary>
    private static PSModuleInfo? Loaded(PSCmdlet asker)
    {
        if (s_found.TryGetValue(asker, out PSModuleInfo? known))
        {
            return known;
        }
        PSModuleInfo? here = Modules(asker, "Get-Module -Name $args[0]", Name)
            ?? (Manifest() is { } place ? Modules(asker, "Import-Module -Name $args[0] -Scope Global -PassThru -Verbose:$false -ErrorAction Ignore", place) : null);
        if (here is not null)
        {
            s_found.Add(asker, here);
        }
        return here;
    }

    /// <summary>Where the process has it from, whichever runspace has imported it; null where none has. Its assembly stands beside the manifest, or in a folder there.</summary>
    private static string? Manifest() => AppDomain.CurrentDomain.GetAssemblies()
        .Where(static assembly => !assembly.IsDynamic && assembly.GetName().Name == Name)
        .Select(static assembly => Path.GetDirectoryName(assembly.Location))
        .SelectMany(static folder => string.IsNullOrEmpty(folder) ? [] : new[] { folder, Path.GetDirectoryName(folder) })
        .Select(static folder => Path.Combine(folder ?? string.Empty, $"{Name}.psd1"))
        .FirstOrDefault(File.Exists);

    private static PSModuleInfo? Modules(PSCmdlet asker, string script, string name) => asker.InvokeCommand.InvokeScript(script, name)
        .Select(static found => found?.BaseObject).OfType<PSModuleInfo>().FirstOrDefault(static module => module.Name == Name);

    private static IEnumerable<PSObject> Run(PSCmdlet asker, PSModuleInfo module, string verb, string noun, params (string Name, object Value)[] arguments)
    {
        var named = new Hashtable();
        foreach ((string name, object value) in arguments)
        {
            named[name] = value;
        }
        return asker.InvokeCommand.InvokeScript(true, ScriptBlock.Create(Quiet), null, module, verb, noun, named).Where(static found => found is not null);
    }
}
