// A module of the same public shape as Microsoft.Graph.Authentication: names, parameters and results of what MgUpload uses.
using System;
using System.IO;
using System.Management.Automation;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net;
using System.Runtime.Loader;
using System.Security;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.Graph.PowerShell.Authentication.Cmdlets;

[Cmdlet(VerbsCommunications.Connect, "MgGraph")]
public sealed class ConnectMgGraph : PSCmdlet
{
    [Parameter(Position = 1)] public string[] Scopes { get; set; } = new[] { "User.Read" };
    [Parameter] public string ClientId { get; set; } = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
    [Parameter] public string TenantId { get; set; } = "contoso";
    [Parameter] public string Environment { get; set; } = "Global";
    [Parameter] public SecureString AccessToken { get; set; }
    [Parameter] public SwitchParameter NoWelcome { get; set; }
    /// <summary>Of the stand-in: who has signed in at the browser.</summary>
    [Parameter] public string Account { get; set; } = "admin@contoso.com";

    protected override void ProcessRecord()
    {
        GraphSession.Context = new AuthContext { ClientId = ClientId, TenantId = TenantId, Scopes = Scopes, Account = Account, Environment = Environment, AuthType = AccessToken is null ? "Delegated" : "UserProvidedAccessToken" };
        int number = 0;
        string own = AccessToken is null ? null : new NetworkCredential(string.Empty, AccessToken).Password;
        GraphSession.NextToken = () => own ?? $"borrowed-{Account}-{++number}";
        GraphSession.Scheme = "Bearer";
    }
}

[Cmdlet(VerbsCommunications.Disconnect, "MgGraph")]
public sealed class DisconnectMgGraph : PSCmdlet
{
    protected override void ProcessRecord() => GraphSession.Context = null;
}

[Cmdlet(VerbsCommon.Get, "MgContext")]
public sealed class GetMgContext : PSCmdlet
{
    protected override void ProcessRecord()
    {
        if (GraphSession.Context is not null)
        {
            WriteObject(GraphSession.Context);
        }
    }
}

[Cmdlet(VerbsCommon.Get, "MgEnvironment")]
public sealed class GetMgEnvironment : PSCmdlet
{
    [Parameter] public string Name { get; set; }

    protected override void ProcessRecord()
    {
        foreach (GraphEnvironment environment in GraphSession.Environments.Values)
        {
            if (Name is null || Name.Equals(environment.Name, StringComparison.OrdinalIgnoreCase))
            {
                WriteObject(environment);
            }
        }
    }
}

[Cmdlet(VerbsCommon.Add, "MgEnvironment")]
public sealed class AddMgEnvironment : PSCmdlet
{
    [Parameter(Mandatory = true)] public string Name { get; set; }
    [Parameter(Mandatory = true)] public string AzureADEndpoint { get; set; }
    [Parameter(Mandatory = true)] public string GraphEndpoint { get; set; }

    protected override void ProcessRecord() =>
        GraphSession.Environments[Name] = new GraphEnvironment { Name = Name, AzureADEndpoint = AzureADEndpoint, GraphEndpoint = GraphEndpoint, Type = "User-defined" };
}

public enum OutputType { PSObject, HttpResponseMessage }

[Cmdlet(VerbsLifecycle.Invoke, "MgGraphRequest", SupportsShouldProcess = true)]
public sealed class InvokeMgGraphRequest : PSCmdlet
{
    [Parameter] public string Method { get; set; } = "GET";
    [Parameter(Mandatory = true)] public Uri Uri { get; set; }
    [Parameter] public OutputType OutputType { get; set; }
    [Parameter] public SwitchParameter SkipHttpErrorCheck { get; set; }

    protected override void ProcessRecord()
    {
        if (!ShouldProcess(Uri.ToString()))
        {
            return;
        }
        if (GraphSession.Context is null)
        {
            ThrowTerminatingError(new ErrorRecord(new InvalidOperationException("Authentication needed. Please call Connect-MgGraph."), "x", ErrorCategory.AuthenticationError, null));
        }
        using var client = new HttpClient(new Nowhere()) { BaseAddress = new Uri("https://graph.invalid") };
        var request = new HttpRequestMessage(new HttpMethod(Method), new Uri(client.BaseAddress, Uri));
        request.Headers.Authorization = new AuthenticationHeaderValue(GraphSession.Scheme, GraphSession.NextToken());
        GraphSession.Asked.Add(Uri.ToString());
        WriteDebug($"Authorization: {request.Headers.Authorization}");
        WriteWarning("the stand-in warns");
        HttpResponseMessage answer = client.SendAsync(request).GetAwaiter().GetResult();
        if (!answer.IsSuccessStatusCode && !SkipHttpErrorCheck)
        {
            ThrowTerminatingError(new ErrorRecord(new HttpRequestException("404"), "x", ErrorCategory.InvalidOperation, null));
        }
        WriteObject(OutputType == OutputType.HttpResponseMessage ? answer : new PSObject());
    }

    private sealed class Nowhere : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound) { RequestMessage = request, Content = new StringContent("{}") });
    }
}

/// <summary>As theirs: what the cmdlets depend on is found in a folder and a context of its own, where there is one.</summary>
public sealed class Initializer : IModuleAssemblyInitializer
{
    public void OnImport()
    {
        string folder = Path.Combine(Path.GetDirectoryName(typeof(Initializer).Assembly.Location), "Dependencies");
        if (Directory.Exists(folder))
        {
            var context = new AssemblyLoadContext("Microsoft.Graph.Authentication");
            AssemblyLoadContext.Default.Resolving += (_, name) => name.Name == "Microsoft.Graph.Authentication.Core" ? context.LoadFromAssemblyPath(Path.Combine(folder, name.Name + ".dll")) : null;
        }
    }
}
