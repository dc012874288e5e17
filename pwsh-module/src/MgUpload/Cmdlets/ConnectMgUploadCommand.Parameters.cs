using System;
using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using MgUpload.Connection;

namespace MgUpload.Cmdlets;

/// <content>The parameters, named as those of Connect-MgGraph.</content>
public sealed partial class ConnectMgUploadCommand
{
    private const string ByUser = "UserParameterSet";
    private const string ByCertificate = "AppCertificateParameterSet";
    private const string BySecret = "AppSecretCredentialParameterSet";
    private const string ByIdentity = "IdentityParameterSet";
    private const string ByEnvironment = "EnvironmentVariableParameterSet";
    private const string ByToken = "AccessTokenParameterSet";
    private const string ByProvider = "AccessTokenProviderParameterSet";
    private const string ByMgGraph = "MgGraphParameterSet";

    /// <summary>A day, as in the core.</summary>
    private const int LongestLimit = 86_400;

    /// <summary>Permissions that the user is asked to consent to.</summary>
    [Parameter(Position = 0, ParameterSetName = ByUser)]
    [ValidateNotNullOrEmpty]
    public string[] Scopes { get; set; } = ["Files.ReadWrite"];

    /// <summary>The application.</summary>
    [Parameter(ParameterSetName = ByUser)]
    [Parameter(Mandatory = true, ParameterSetName = ByCertificate)]
    [Parameter(ParameterSetName = ByIdentity)]
    [Alias("AppId", "ApplicationId")]
    [ValidateNotNullOrEmpty]
    public string? ClientId { get; set; }

    /// <summary>The tenant.</summary>
    [Parameter(ParameterSetName = ByUser)]
    [Parameter(Mandatory = true, ParameterSetName = ByCertificate)]
    [Parameter(Mandatory = true, ParameterSetName = BySecret)]
    [Alias("Audience", "Tenant")]
    [ValidateNotNullOrEmpty]
    public string? TenantId { get; set; }

    /// <summary>Shows a code for a browser elsewhere.</summary>
    [Parameter(ParameterSetName = ByUser)]
    [Alias("UseDeviceAuthentication", "DeviceCode", "DeviceAuth", "Device")]
    public SwitchParameter UseDeviceCode { get; set; }

    /// <summary>How long the sign-in is remembered.</summary>
    [Parameter(ParameterSetName = ByUser)]
    [Parameter(ParameterSetName = ByCertificate)]
    [Parameter(ParameterSetName = BySecret)]
    public ContextScope ContextScope { get; set; }

    /// <summary>A certificate of this user's or this machine's store, by its subject.</summary>
    [Parameter(ParameterSetName = ByCertificate)]
    [Alias("CertificateSubject", "CertificateName")]
    [ValidateNotNullOrEmpty]
    public string? CertificateSubjectName { get; set; }

    /// <summary>The same by its thumbprint.</summary>
    [Parameter(ParameterSetName = ByCertificate)]
    [ValidateNotNullOrEmpty]
    public string? CertificateThumbprint { get; set; }

    /// <summary>A certificate that the caller has.</summary>
    [Parameter(ParameterSetName = ByCertificate)]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>A PEM or PFX file.</summary>
    [Parameter(ParameterSetName = ByCertificate)]
    [ValidateNotNullOrEmpty]
    public string? CertificatePath { get; set; }

    /// <summary>What opens the file.</summary>
    [Parameter(ParameterSetName = ByCertificate)]
    [SecretText]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>Sends the chain along, for applications that trust a subject and an issuer.</summary>
    [Parameter(ParameterSetName = ByCertificate)]
    public bool SendCertificateChain { get; set; }

    /// <summary>The application's id and its secret.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BySecret)]
    [Alias("SecretCredential", "Credential")]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ClientSecretCredential { get; set; }

    /// <summary>The identity that the cloud gives this machine or job.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByIdentity)]
    [Alias("ManagedIdentity", "ManagedServiceIdentity", "MSI")]
    public SwitchParameter Identity { get; set; }

    /// <summary>What the environment variables AZURE_… say, a federated token among them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByEnvironment)]
    public SwitchParameter EnvironmentVariable { get; set; }

    /// <summary>An access token for Microsoft Graph.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByToken)]
    [SecretText]
    [ValidateNotNull]
    public SecureString? AccessToken { get; set; }

    /// <summary>Returns an access token each time that one is wanted.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByProvider)]
    [ValidateNotNull]
    public ScriptBlock? AccessTokenProvider { get; set; }

    /// <summary>The session of Connect-MgGraph.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByMgGraph)]
    public SwitchParameter MgGraph { get; set; }

    /// <summary>The cloud.</summary>
    [Parameter(ParameterSetName = ByUser)]
    [Parameter(ParameterSetName = ByCertificate)]
    [Parameter(ParameterSetName = BySecret)]
    [Parameter(ParameterSetName = ByIdentity)]
    [Parameter(ParameterSetName = ByEnvironment)]
    [Parameter(ParameterSetName = ByToken)]
    [Parameter(ParameterSetName = ByProvider)]
    [Alias("EnvironmentName", "NationalCloud")]
    [ArgumentCompleter(typeof(EnvironmentCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <summary>Another Graph than the cloud's.</summary>
    [Parameter(ParameterSetName = ByToken)]
    [Parameter(ParameterSetName = ByProvider)]
    [ValidateNotNull]
    public Uri? GraphEndpoint { get; set; }

    /// <summary>Seconds that one request of the sign-in may take.</summary>
    [Parameter(ParameterSetName = ByUser)]
    [Parameter(ParameterSetName = ByCertificate)]
    [Parameter(ParameterSetName = BySecret)]
    [Parameter(ParameterSetName = ByIdentity)]
    [Parameter(ParameterSetName = ByEnvironment)]
    [ValidateRange(1.0, 3600.0)]
    public double ClientTimeout { get; set; } = 100;

    /// <summary>Seconds that making a connection may take.</summary>
    [Parameter]
    [ValidateRange(1, LongestLimit)]
    public int ConnectionTimeoutSeconds { get; set; } = 30;

    /// <summary>Seconds that a connection may be silent.</summary>
    [Parameter]
    [ValidateRange(1, LongestLimit)]
    public int OperationTimeoutSeconds { get; set; } = 100;

    /// <summary>The proxy for everything, uploads too; without it what the environment says.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? Proxy { get; set; }

    /// <summary>Who asks the proxy.</summary>
    [Parameter]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Logs on at the proxy as whoever runs PowerShell, by Negotiate or NTLM.</summary>
    [Parameter]
    public SwitchParameter ProxyUseDefaultCredentials { get; set; }

    /// <summary>Says nothing of the success.</summary>
    [Parameter]
    public SwitchParameter NoWelcome { get; set; }

    /// <summary>Returns the connection, to be named with -Connection.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }
}
