using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Linq;
using System.Management.Automation;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>
/// The session of Connect-MgGraph as a source of tokens. It tells nobody when it ends or becomes another one, so it is asked before
/// each operation, and no token outlives one.
/// </summary>
internal sealed class BorrowedSession(SignedIn who) : ITokenSource
{
    internal const string Command = "Connect-MgGraph";

    /// <summary>One connection for each account and way: runspaces share its sockets, and the pauses that the service asked for.</summary>
    private static readonly ConcurrentDictionary<string, GraphConnection> s_made = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool IsKept => false;

    /// <summary>The connection over it; null where nobody has run Connect-MgGraph.</summary>
    internal static GraphConnection? Current(PSCmdlet asker)
    {
        if (Who(asker) is not { } who)
        {
            return null;
        }
        ClientOptions way = Network.Way(null, null) with { GraphEndpoint = GraphOf(asker, who) };
        // One that Disconnect-MgUpload was given is closed for those that have it, and for nobody else.
        return s_made.AddOrUpdate($"{who.AuthType}\n{who.Account}\n{who.TenantId}\n{who.ClientId}\n{way}", _ => Over(way, who), (_, made) => made.IsClosed ? Over(way, who) : made);
    }

    /// <summary>A connection over it that is named, or has its own way.</summary>
    /// <exception cref="MgUploadException">Nobody is connected.</exception>
    internal static GraphConnection Explicit(PSCmdlet asker, ClientOptions way)
    {
        SignedIn who = Who(asker) ?? throw new MgUploadException(ErrorKind.Unauthenticated, "There is no session of Connect-MgGraph here.")
        {
            Advice = "Run Connect-MgGraph first; it is a cmdlet of the module Microsoft.Graph.Authentication. Or sign in with Connect-MgUpload without -MgGraph.",
        };
        return Over(way with { GraphEndpoint = GraphOf(asker, who) }, who);
    }

    /// <inheritdoc/>
    public void Check(Asker asker)
    {
        SignedIn? now = Who(asker.Cmdlet);
        if (now is null)
        {
            throw new MgUploadException(ErrorKind.Unauthenticated, $"The session of Connect-MgGraph ({who.InWords()}) has ended.")
            {
                Advice = "Sign in again with Connect-MgGraph as the same account, or with Connect-MgUpload; open uploads go on with Resume-MgUploadSession.",
            };
        }
        if (!now.IsSameAs(who))
        {
            throw new MgUploadException(ErrorKind.Unauthenticated, $"Connect-MgGraph has signed in {now.InWords()}; this connection is that of {who.InWords()}.")
            {
                Advice = "Sign in again as the account that began, or begin anew as the present one: Connect-MgUpload -MgGraph, or a new session.",
            };
        }
    }

    /// <inheritdoc/>
    public GraphToken Get(Asker asker, Refusal? refusal)
    {
        (string? scheme, string? parameter) = MgGraphModule.Authorization(asker.Cmdlet);
        if (string.IsNullOrEmpty(parameter))
        {
            throw new MgUploadException(ErrorKind.Unauthenticated, "The session of Connect-MgGraph sends no token.") { Advice = "Run Connect-MgGraph again, or sign in with Connect-MgUpload." };
        }
        if (!"Bearer".Equals(scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw new MgUploadException(ErrorKind.Unauthenticated, $"The session of Connect-MgGraph uses tokens that only its own requests can carry ({scheme}, proof of possession); they cannot be lent.")
            {
                Advice = "Sign in with Connect-MgUpload. Set-MgGraphOption -DisableLoginByWAM, or your tenant's policy, decides about such tokens.",
            };
        }
        GraphToken token = GraphToken.Of(parameter);
        if (token.ExpiresOn is { } end && end <= DateTimeOffset.UtcNow)
        {
            token.Dispose();
            throw Ended(who.AuthType == "UserProvidedAccessToken");
        }
        return token;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is kept.
    }

    private static MgUploadException Ended(bool wasGiven) => new(ErrorKind.Unauthenticated, "The token of Connect-MgGraph has run out.")
    {
        Advice = wasGiven
            ? "It was given by Connect-MgGraph -AccessToken, and cannot be renewed: run Disconnect-MgGraph, then Connect-MgGraph with a current one."
            : "Run Connect-MgGraph again.",
    };

    private static GraphConnection Over(ClientOptions way, SignedIn who) => new(way, new TokenHolder(new BorrowedSession(who)), who);

    private static SignedIn? Who(PSCmdlet asker) => MgGraphModule.Context(asker) is not { } context ? null : new SignedIn
    {
        By = Command,
        AuthType = MgGraphModule.Text(context, nameof(SignedIn.AuthType)) ?? "Delegated",
        Environment = MgGraphModule.Text(context, nameof(SignedIn.Environment)) ?? Cloud.Global.Name,
        Account = MgGraphModule.Text(context, nameof(SignedIn.Account)),
        TenantId = MgGraphModule.Text(context, nameof(SignedIn.TenantId)),
        ClientId = MgGraphModule.Text(context, nameof(SignedIn.ClientId)),
        Scopes = context.Properties[nameof(SignedIn.Scopes)]?.Value is IEnumerable scopes and not string ? scopes.Cast<object>().Select(static scope => $"{scope}").ToArray() : [],
    };

    private static Uri GraphOf(PSCmdlet asker, SignedIn who)
    {
        string name = who.Environment!;
        string? told = MgGraphModule.Environment(asker, name) is { } found ? MgGraphModule.Text(found, "GraphEndpoint") : null;
        return Uri.TryCreate(told, UriKind.Absolute, out Uri? graph) ? graph : Cloud.Named(name)?.Graph
            ?? throw new MgUploadException(ErrorKind.InvalidInput, $"Connect-MgGraph is connected to the environment {name}, and Get-MgEnvironment tells no Graph of that name.")
            {
                Advice = $"Make it known with Add-MgEnvironment -Name {name}, or sign in with Connect-MgUpload: -Environment, or a token with -AccessToken and -GraphEndpoint.",
            };
    }
}
