using System;
using System.Net.Http;
using System.Threading.Tasks;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using MgUpload.Connection;

namespace MgUpload.SignIn;

/// <summary>The credential for each way.</summary>
internal static class Credentials
{
    /// <summary>What the browser shows last. Why a sign-in failed is told by PowerShell: the words of the redirect may be anybody's.</summary>
    private static readonly BrowserCustomizationOptions s_pages = new()
    {
        SuccessMessage = Page("You are signed in."),
        ErrorMessage = Page("The sign-in has failed; PowerShell says why."),
    };

    internal static TokenCredential Of(SignInRequest request, HttpClient client, RememberedCache? cache) => request.Way switch
    {
        SignInWay.Browser => new InteractiveBrowserCredential(With(new InteractiveBrowserCredentialOptions
        {
            ClientId = request.ClientId,
            TenantId = request.TenantId,
            DisableInstanceDiscovery = !request.IsKnownCloud,
            DisableAutomaticAuthentication = true,
            TokenCachePersistenceOptions = cache,
            AuthenticationRecord = cache?.Record,
            BrowserCustomization = s_pages,
        }, request, client)),
        SignInWay.DeviceCode => new DeviceCodeCredential(With(new DeviceCodeCredentialOptions
        {
            ClientId = request.ClientId,
            TenantId = request.TenantId,
            DisableInstanceDiscovery = !request.IsKnownCloud,
            DisableAutomaticAuthentication = true,
            TokenCachePersistenceOptions = cache,
            AuthenticationRecord = cache?.Record,
            DeviceCodeCallback = (code, _) =>
            {
                request.Tell(Failures.Visible(code.Message));
                return Task.CompletedTask;
            },
        }, request, client)),
        SignInWay.Certificate => new ClientCertificateCredential(request.TenantId, request.ClientId, request.Certificate, With(new ClientCertificateCredentialOptions
        {
            SendCertificateChain = request.SendsChain,
            DisableInstanceDiscovery = !request.IsKnownCloud,
            TokenCachePersistenceOptions = cache,
        }, request, client)),
        SignInWay.Secret => new ClientSecretCredential(request.TenantId, request.ClientId, request.Secret, With(new ClientSecretCredentialOptions
        {
            DisableInstanceDiscovery = !request.IsKnownCloud,
            TokenCachePersistenceOptions = cache,
        }, request, client)),
        SignInWay.ManagedIdentity => new ManagedIdentityCredential(With(
            new ManagedIdentityCredentialOptions(request.ClientId is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(request.ClientId)), request, client)),
        SignInWay.Environment => new EnvironmentCredential(With(new EnvironmentCredentialOptions { DisableInstanceDiscovery = !request.IsKnownCloud }, request, client)),
        SignInWay.WorkloadIdentity => new WorkloadIdentityCredential(With(new WorkloadIdentityCredentialOptions
        {
            TenantId = request.TenantId,
            ClientId = request.ClientId,
            DisableInstanceDiscovery = !request.IsKnownCloud,
        }, request, client)),
        SignInWay.GitHubActions => new ClientAssertionCredential(request.TenantId, request.ClientId, stop => GitHubActions.Assertion(client, stop), With(new ClientAssertionCredentialOptions
        {
            DisableInstanceDiscovery = !request.IsKnownCloud,
        }, request, client)),
        _ => throw new ArgumentOutOfRangeException(nameof(request)),
    };

    private static string Page(string text) => $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>MgUpload</title></head><body><h1>MgUpload</h1><p>{text}</p><p>Close this page, and go back to PowerShell.</p></body></html>";

    /// <summary>What all have in common.</summary>
    private static T With<T>(T options, SignInRequest request, HttpClient client) where T : TokenCredentialOptions
    {
        options.AuthorityHost = request.Login;
        options.Transport = new HttpClientTransport(client);
        // It has a limit of its own, beside the client's.
        options.Retry.NetworkTimeout = request.Timeout;
        options.Retry.MaxRetries = 2;
        options.Retry.MaxDelay = TimeSpan.FromSeconds(4);
        // The bodies are secrets, and Azure's own log is not asked for.
        options.Diagnostics.IsLoggingContentEnabled = false;
        return options;
    }
}
