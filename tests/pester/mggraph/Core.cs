// The part of Microsoft.Graph.Authentication's stand-in that its newer versions keep in a load context of their own.
using System;
using System.Collections.Generic;

namespace Microsoft.Graph.PowerShell.Authentication;

public sealed class AuthContext
{
    public string ClientId { get; set; }
    public string TenantId { get; set; }
    public string[] Scopes { get; set; }
    public string AuthType { get; set; }
    public string Account { get; set; }
    public string ContextScope { get; set; } = "CurrentUser";
    public string Environment { get; set; }
}

public sealed class GraphEnvironment
{
    public string Name { get; set; }
    public string AzureADEndpoint { get; set; }
    public string GraphEndpoint { get; set; }
    public string Type { get; set; }
}

/// <summary>One for the process, as theirs.</summary>
public static class GraphSession
{
    public static AuthContext Context;
    public static string Scheme = "Bearer";
    public static Func<string> NextToken;
    public static readonly List<string> Asked = new();
    public static readonly Dictionary<string, GraphEnvironment> Environments = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Global"] = new() { Name = "Global", AzureADEndpoint = "https://login.microsoftonline.com", GraphEndpoint = "https://graph.microsoft.com", Type = "Built-in" },
    };
}
