using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Azure.Identity;

namespace MgUpload.SignIn;

/// <summary>The token of a GitHub Actions job, which Entra takes in place of a secret.</summary>
internal static class GitHubActions
{
    private const string Audience = "api%3A%2F%2FAzureADTokenExchange";

    internal static async Task<string> Assertion(HttpClient client, CancellationToken stop)
    {
        string address = Variable("ACTIONS_ID_TOKEN_REQUEST_URL");
        char separator = address.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{address}{separator}audience={Audience}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
        using HttpResponseMessage answer = await client.SendAsync(request, stop).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new CredentialUnavailableException($"GitHub gave no token for this job ({(int)answer.StatusCode}).");
        }
        try
        {
            using JsonDocument body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false));
            return body.RootElement.GetProperty("value").GetString()!;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or System.Collections.Generic.KeyNotFoundException)
        {
            throw new CredentialUnavailableException("GitHub's answer for this job holds no token.", error);
        }
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new CredentialUnavailableException($"{name} is not set: let the job have the permission id-token: write.");
}
