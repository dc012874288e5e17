using System;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>What the environment says about signing in, in the variables of Azure's tools.</summary>
internal static class SignInVariables
{
    internal static string? TenantId => Variable("AZURE_TENANT_ID");

    internal static string? ClientId => Variable("AZURE_CLIENT_ID");

    /// <summary>A secret that is there, so that no error shows it.</summary>
    internal static string? Secret => Variable("AZURE_CLIENT_SECRET");

    /// <summary>Where one signs in; null where nothing is said.</summary>
    internal static Uri? Login => Variable("AZURE_AUTHORITY_HOST") is not { } text ? null : Uri.TryCreate(text, UriKind.Absolute, out Uri? login) ? login
        : throw new MgUploadException(ErrorKind.InvalidInput, "AZURE_AUTHORITY_HOST is no address.") { Advice = "Let it be like https://login.microsoftonline.com, or unset it." };

    /// <summary>The way that the variables are there for: a federated token, a secret or certificate, a job of GitHub Actions.</summary>
    internal static SignInWay Way()
    {
        if (TenantId is null || ClientId is null)
        {
            throw Missing(TenantId is null ? "AZURE_TENANT_ID" : "AZURE_CLIENT_ID");
        }
        return Variable("AZURE_FEDERATED_TOKEN_FILE") is not null ? SignInWay.WorkloadIdentity
            : Variable("AZURE_CLIENT_SECRET") is not null || Variable("AZURE_CLIENT_CERTIFICATE_PATH") is not null ? SignInWay.Environment
            : Variable("ACTIONS_ID_TOKEN_REQUEST_URL") is not null ? SignInWay.GitHubActions
            : throw Missing("AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE");
    }

    private static MgUploadException Missing(string name) => new(ErrorKind.Unauthenticated, $"The environment does not say how to sign in: {name} is not set.")
    {
        Advice = "Set AZURE_TENANT_ID and AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE; in GitHub Actions give the job the permission id-token: write instead of the last ones.",
    };

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
