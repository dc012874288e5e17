using MgUpload.Native;

namespace MgUpload.Results;

/// <summary>What to do about a sign-in that failed: by Entra's code, else by what has failed.</summary>
internal static class SignInAdvice
{
    internal static string? For(MgUploadException failure) => failure.Fact("way") is null ? null : ByCode(failure.Code) ?? ByReason(failure);

    private static string? ByCode(string? code) => code switch
    {
        "AADSTS7000215" => "The secret is not this application's. Pass its value, not its id; app registration, Certificates & secrets, makes a new one.",
        "AADSTS7000222" => "The secret has run out: make a new one in the app registration, Certificates & secrets.",
        "AADSTS700027" => "The application does not know this certificate, or it has run out: put its public part into the app registration, Certificates & secrets, or name the one that is there.",
        "AADSTS700024" or "AADSTS7000241" => "This machine's clock and the service's differ: set the clock, then run Connect-MgUpload again.",
        "AADSTS700016" => "Check -ClientId and -TenantId: the tenant does not know this application.",
        "AADSTS90002" or "AADSTS900023" or "AADSTS900021" or "AADSTS50059" => "Check -TenantId (an id or a domain of the tenant) and -Environment.",
        "AADSTS65001" or "AADSTS90094" => "Nobody has consented to these permissions: let an administrator do it (app registration, API permissions, Grant admin consent), or ask for fewer with -Scopes.",
        "AADSTS70213" or "AADSTS700213" or "AADSTS700211" or "AADSTS700212" => "The application has no federated credential for this job: its issuer, subject and audience must be those of the token.",
        "AADSTS50076" or "AADSTS50079" or "AADSTS50158" or "AADSTS53003" or "AADSTS530003" =>
            "The tenant's policy wants more of the user (a second factor, a managed device): sign in at a browser, Connect-MgUpload without -UseDeviceCode.",
        "AADSTS70020" or "code_expired" or "expired_token" => "Nobody has entered the code in time: run Connect-MgUpload -UseDeviceCode again.",
        "AADSTS65004" or "AADSTS50199" or "authorization_declined" or "access_denied" or "authentication_canceled" => "The sign-in was declined at the browser: run Connect-MgUpload again, and accept it, or ask for fewer permissions with -Scopes.",
        _ => null,
    };

    private static string ByReason(MgUploadException failure) => failure.Fact("reason") switch
    {
        "signInAgain" => "Sign in again: Connect-MgUpload; uploads that were left open go on with Resume-MgUploadSession.",
        "noBrowser" => "Use a browser elsewhere: Connect-MgUpload -UseDeviceCode.",
        "unavailable" when failure.Fact("way") == "ManagedIdentity" => "Run it where the cloud gives an identity (a virtual machine, a function, an Automation job), assigned to it, with its id as -ClientId where it is a user-assigned one.",
        "unavailable" when failure.Fact("way") == "GitHubActions" => "Let the job have the permission id-token: write, and run it again.",
        "unavailable" => "Set the environment variables that Connect-MgUpload -EnvironmentVariable reads; its help lists them.",
        "unreachable" when failure.Fact("fault") == "Untrusted" =>
            "Where a proxy looks into TLS, trust its authority: let SSL_CERT_FILE name a PEM file with its certificate and run Connect-MgUpload again.",
        "late" => "Check the network and the proxy (-Proxy, HTTPS_PROXY), or allow more time with Connect-MgUpload -ClientTimeout.",
        "silent" => "Check the network and the proxy (-Proxy, HTTPS_PROXY), or allow more time with Connect-MgUpload -OperationTimeoutSeconds.",
        "unreachable" => "Check the network, the name's spelling (-Environment), and the proxy (-Proxy, HTTPS_PROXY), then run Connect-MgUpload again.",
        _ => "See the service's words, and give the correlation id to your administrator.",
    };
}
