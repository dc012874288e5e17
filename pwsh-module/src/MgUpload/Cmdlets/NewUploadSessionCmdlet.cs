using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Text.Json;
using MgUpload.Connection;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Requests;

namespace MgUpload.Cmdlets;

/// <summary>Everything that the New-Mg…UploadSession cmdlets have in common.</summary>
public abstract partial class NewUploadSessionCmdlet : ConnectedCmdlet
{
    private protected const string CreateExpanded = nameof(CreateExpanded);
    private protected const string Create = nameof(Create);
    private protected const string CreateViaIdentityExpanded = nameof(CreateViaIdentityExpanded);
    private protected const string CreateViaIdentity = nameof(CreateViaIdentity);

    private readonly HashSet<string> _named = new(StringComparer.OrdinalIgnoreCase);

    private protected NewUploadSessionCmdlet()
    {
    }

    /// <summary>The name of a variable that takes the headers of the answer.</summary>
    [Parameter]
    [Alias("RHV")]
    public string? ResponseHeadersVariable { get; set; }

    /// <summary>Members of the body that have no parameter of their own.</summary>
    [Parameter(ParameterSetName = CreateExpanded)]
    [Parameter(ParameterSetName = CreateViaIdentityExpanded)]
    public Hashtable? AdditionalProperties { get; set; }

    /// <summary>Waits for a .NET debugger.</summary>
    [Parameter(DontShow = true)]
    public SwitchParameter Break { get; set; }

    /// <summary>Headers that are added to the request.</summary>
    [Parameter(ValueFromPipeline = true)]
    public IDictionary? Headers { get; set; }

    /// <summary>The proxy.</summary>
    [Parameter(DontShow = true)]
    public Uri? Proxy { get; set; }

    /// <summary>Who asks the proxy.</summary>
    [Parameter(DontShow = true)]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Shows the proxy who is logged on to this machine.</summary>
    [Parameter(DontShow = true)]
    public SwitchParameter ProxyUseDefaultCredentials { get; set; }

    /// <summary>The library's name of the endpoint: the class's, not the command's, which an import may have prefixed.</summary>
    private string Route => GetType().Name["New".Length..];

    private protected abstract IdValue[] Ids { get; }

    private protected abstract IIdentity? BoundIdentity { get; }

    private protected abstract IOpenModel? BoundBody { get; }

    /// <summary>Asked first: on the way without steps, System.Net.Http is not even loaded.</summary>
    private protected abstract bool HasSteps { get; }

    private protected abstract PipelineStep[] Steps();

    private protected abstract IIdentity NewIdentity();

    private protected abstract IOpenModel NewBody();

    private protected abstract IOpenModel NewSession();

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        while (Break && !System.Diagnostics.Debugger.IsAttached)
        {
            if (StopToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(200)))
            {
                return;
            }
        }
        // What is bound now was named on the command line; what is bound later came through the pipeline.
        _named.UnionWith(MyInvocation.BoundParameters.Keys);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Until the request is known, the record is what came.
        Guard(BoundIdentity ?? (object?)BoundBody ?? Headers, () =>
        {
            (IdValue[] ids, OpenModel body) = Resolve();
            IDictionary? headers = _named.Contains(nameof(Headers)) ? Headers : null;
            string request = RequestJson.Of(Route, ids, headers, body.ToJsonString());
            Guard(ErrorTarget.Of(ids, headers, body), () => Send(request));
        });
    }

    private void Send(string request)
    {
        // A request that cannot be sent fails here, before anybody is asked to confirm it.
        using JsonDocument described = JsonDocument.Parse(Run(ClientFor().StartDescribe(request)));
        if (!ShouldProcess($"Call remote 'POST {described.RootElement.GetProperty("path").GetString()}' operation"))
        {
            return;
        }
        GraphConnection connection = ConnectionFor(null) ?? throw new MgUploadException(ErrorKind.Unauthenticated, "Authentication needed. Please call Connect-MgUpload, or Connect-MgGraph.")
        {
            Advice = "Sign in with Connect-MgUpload. The session of Connect-MgGraph serves as well.",
        };
        if (Proxy is not null || ProxyUseDefaultCredentials)
        {
            connection = connection.By(Network.Way(Proxy, ProxyCredential), ProxyUseDefaultCredentials);
        }
        CreateAnswer answer;
        try
        {
            answer = new CreateAnswer(HasSteps ? SendManaged(connection, request, described.RootElement) : Run(connection.Client.StartCreate(request)));
        }
        catch (MgUploadException failure) when (failure.HttpStatus is not null)
        {
            ShowHeaders(failure.Headers);
            throw;
        }
        ShowHeaders(answer.Headers);
        var session = (OpenModel)NewSession();
        session.Fill(answer.Members(), lenient: true);
        session.Family = answer.Family;
        session.Origin = answer.Origin;
        session.Connection = connection;
        WriteObject(session);
    }

    /// <summary>The way through .NET's own client: for pipeline steps.</summary>
    private string SendManaged(GraphConnection connection, string request, JsonElement described)
    {
        connection.Token.Fill(new Asker(this, StopToken));
        using var sender = new ManagedSender(connection, StopToken);
        return Run(connection.Client.StartRead(sender.Send(request, described, Steps())));
    }

    private string Run(Operation started)
    {
        using Operation operation = started;
        return Await(operation);
    }

    private void ShowHeaders(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        if (!string.IsNullOrEmpty(ResponseHeadersVariable))
        {
            SessionState.PSVariable.Set(ResponseHeadersVariable, ResponseHeaders.Of(headers));
        }
    }
}
