using System;
using System.Linq;
using System.Management.Automation;
using MgUpload.Connection;
using MgUpload.Native;
using MgUpload.Sources;

namespace MgUpload.Cmdlets;

/// <summary>Signs in to Microsoft Graph, or says by whose session, which Graph, and the way there, for the other cmdlets.</summary>
[Cmdlet(VerbsCommunications.Connect, "MgUpload", DefaultParameterSetName = ByUser, HelpUri = Help.Pages + "Connect-MgUpload.md")]
[OutputType(typeof(GraphConnection))]
public sealed partial class ConnectMgUploadCommand : MgUploadCmdlet
{
    private const string Command = "Connect-MgUpload";

    /// <summary>Microsoft Graph Command Line Tools, the application of Connect-MgGraph.</summary>
    private const string MicrosoftsClientId = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

    /// <summary>Nobody sits for longer before a browser without signing in.</summary>
    private static readonly TimeSpan s_browserLimit = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(GraphEndpoint, () =>
    {
        if (ProxyCredential is not null && ProxyUseDefaultCredentials)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, "-ProxyCredential and -ProxyUseDefaultCredentials name two log-ons.") { Advice = "Give one of them." };
        }
        ClientOptions way = Network.Way(Proxy, ProxyCredential) with
        {
            ConnectTimeout = TimeSpan.FromSeconds(ConnectionTimeoutSeconds),
            IdleTimeout = TimeSpan.FromSeconds(OperationTimeoutSeconds),
        };
        if (ProxyUseDefaultCredentials)
        {
            way = ProxyRelay.LoggedOn(way);
        }
        GraphConnection connection = ParameterSetName switch
        {
            ByMgGraph => BorrowedSession.Explicit(this, way),
            ByToken => Given(way),
            ByProvider => Provided(way),
            _ => SignedInAnew(way),
        };
        Connections.Use(connection);
        Say($"Connected to {connection.GraphEndpoint.GetLeftPart(UriPartial.Authority)}{(connection.Proxy is { } proxy ? $" by the proxy {proxy}" : string.Empty)}.");
        if (PassThru)
        {
            WriteObject(connection);
        }
    });

    private GraphConnection Given(ClientOptions way)
    {
        if (AccessToken!.Length == 0)
        {
            throw new MgUploadException(ErrorKind.Unauthenticated, "The access token is empty.") { Advice = "Pass a token for Microsoft Graph as a SecureString." };
        }
        Cloud cloud = CloudOf();
        var given = new GivenToken(AccessToken.Copy());
        return new GraphConnection(way with { GraphEndpoint = cloud.Graph }, new TokenHolder(given), given.Who with { Environment = cloud.Name });
    }

    private GraphConnection Provided(ClientOptions way)
    {
        Cloud cloud = CloudOf();
        var who = new SignedIn { By = Command, AuthType = "AccessTokenProvider", Environment = cloud.Name };
        return new GraphConnection(way with { GraphEndpoint = cloud.Graph }, new TokenHolder(new ScriptedToken(AccessTokenProvider!)), who);
    }

    private Cloud CloudOf()
    {
        Cloud cloud = Environment is null ? Cloud.Global : Environments.Named(Environment);
        Uri graph = Environments.Safe(GraphEndpoint ?? cloud.Graph, "https://graph.microsoft.com");
        return GraphEndpoint is null ? cloud : cloud with { Name = Environment ?? graph.Host, Graph = graph };
    }

    private GraphConnection SignedInAnew(ClientOptions way)
    {
        Cloud cloud = CloudOf();
        var waiting = new Waiting();
        SignInRequest request = Request(cloud, way, waiting);
        CredentialSource source;
        (string? Account, string? TenantId, TokenClaims? Claims) found;
        try
        {
            (source, found) = SignIn(request, waiting);
        }
        catch (MgUploadException failure) when (failure.Fact("reason") == "noBrowser" && request.Way == SignInWay.Browser)
        {
            Warn("No browser can be opened here; sign in with one elsewhere.");
            (source, found) = SignIn(request with { Way = SignInWay.DeviceCode, Network = ManagedWay.Handler(way) }, waiting);
        }
        var who = new SignedIn
        {
            By = Command,
            AuthType = AuthType(request.Way),
            Environment = cloud.Name,
            Account = found.Account ?? found.Claims?.Account,
            TenantId = found.TenantId ?? found.Claims?.TenantId ?? request.TenantId,
            ClientId = request.ClientId ?? found.Claims?.ClientId,
            Scopes = found.Claims?.Scopes ?? [],
        };
        Welcome(who, cloud);
        var connection = new GraphConnection(way with { GraphEndpoint = cloud.Graph }, new TokenHolder(source), who);
        connection.Token.Fill(new Asker(this, StopToken));
        return connection;
    }

    private (CredentialSource Source, (string? Account, string? TenantId, TokenClaims? Claims) Found) SignIn(SignInRequest request, Waiting waiting)
    {
        using var limit = System.Threading.CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        if (request.Way == SignInWay.Browser)
        {
            Say("A browser opens to sign in; without one, -UseDeviceCode.");
            limit.CancelAfter(s_browserLimit);
        }
        var source = new CredentialSource(SignInContext.Credential(request));
        try
        {
            return (source, source.SignIn(new Asker(this, limit.Token), waiting));
        }
        catch (OperationCanceledException) when (request.Way == SignInWay.Browser && !StopToken.IsCancellationRequested)
        {
            throw new MgUploadException(ErrorKind.Timeout, $"Nobody has signed in at the browser for {s_browserLimit.TotalMinutes:0} minutes.")
            {
                Advice = "Run Connect-MgUpload again; where the browser cannot reach this machine, with -UseDeviceCode.",
            };
        }
    }

    /// <summary>What is needed for the way that the parameters name.</summary>
    private SignInRequest Request(Cloud cloud, ClientOptions way, Waiting waiting)
    {
        SignInWay kind = ParameterSetName switch
        {
            ByCertificate => SignInWay.Certificate,
            BySecret => SignInWay.Secret,
            ByIdentity => SignInWay.ManagedIdentity,
            ByEnvironment => SignInVariables.Way(),
            _ => UseDeviceCode ? SignInWay.DeviceCode : SignInWay.Browser,
        };
        Uri login = ParameterSetName == ByEnvironment && Environment is null ? SignInVariables.Login ?? cloud.Login : cloud.Login;
        return new SignInRequest(kind, Environments.Safe(login, "https://login.microsoftonline.com"), ScopesFor(cloud, kind))
        {
            TenantId = ParameterSetName switch { ByEnvironment => SignInVariables.TenantId, ByUser => TenantId ?? "common", _ => TenantId },
            ClientId = ParameterSetName switch
            {
                ByEnvironment => SignInVariables.ClientId,
                BySecret => ClientSecretCredential!.UserName,
                ByUser => ClientId ?? MicrosoftsClientId,
                _ => ClientId,
            },
            Secret = ParameterSetName == BySecret ? ClientSecretCredential!.GetNetworkCredential().Password : SignInVariables.Secret,
            Certificate = ParameterSetName == ByCertificate ? ChosenCertificate() : null,
            SendsChain = SendCertificateChain,
            IsKnownCloud = Cloud.BuiltIn.Any(known => known.Login == login),
            IsRemembered = ContextScope == ContextScope.CurrentUser,
            Network = ManagedWay.Handler(way),
            Timeout = TimeSpan.FromSeconds(ClientTimeout),
            Tell = message => waiting.Say(() => Host.UI.WriteLine(message)),
            Warn = message => waiting.Say(() => Warn(message)),
        };
    }

    private string[] ScopesFor(Cloud cloud, SignInWay kind)
    {
        string graph = cloud.Graph.GetLeftPart(UriPartial.Authority);
        if (kind is not (SignInWay.Browser or SignInWay.DeviceCode))
        {
            return [$"{graph}/.default"];
        }
        string[] named = Scopes.SelectMany(static scope => scope.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)).ToArray();
        if (named.Any(static scope => TokenClaims.Of(scope) is not null))
        {
            throw new MgUploadException(ErrorKind.InvalidInput, "-Scopes was given an access token, as plain text.") { Advice = "Pass a token as a SecureString: -AccessToken (Read-Host -AsSecureString)." };
        }
        return named.Select(scope => scope.Contains("://", StringComparison.Ordinal) ? scope : $"{graph}/{scope}").ToArray();
    }

    private System.Security.Cryptography.X509Certificates.X509Certificate2 ChosenCertificate()
    {
        if (new object?[] { Certificate, CertificatePath, CertificateThumbprint, CertificateSubjectName }.Count(static one => one is not null) != 1)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, "One certificate is needed.") { Advice = "Name it by one of -CertificateThumbprint, -CertificateSubjectName, -Certificate and -CertificatePath." };
        }
        return Certificates.Checked(Certificate ?? (CertificatePath is not null ? Certificates.FromFile(SourcePaths.Literal(SessionState.Path, CertificatePath), CertificatePassword)
            : CertificateThumbprint is not null ? Certificates.ByThumbprint(CertificateThumbprint) : Certificates.BySubject(CertificateSubjectName!)));
    }

    private static string AuthType(SignInWay way) => way switch
    {
        SignInWay.Browser or SignInWay.DeviceCode => "Delegated",
        SignInWay.Certificate or SignInWay.Secret => "AppOnly",
        SignInWay.ManagedIdentity => "ManagedIdentity",
        _ => "EnvironmentVariable",
    };

    /// <summary>Information, which is no output and can be turned off.</summary>
    private void Welcome(SignedIn who, Cloud cloud)
    {
        if (!NoWelcome)
        {
            string means = ParameterSetName == ByUser && ClientId is null ? " by Microsoft Graph Command Line Tools (-ClientId names an application of your own)" : string.Empty;
            WriteInformation(new HostInformationMessage { Message = $"Signed in to {cloud.Graph.Host} as {who.InWords()}{means}." }, ["PSHOST"]);
        }
    }
}
