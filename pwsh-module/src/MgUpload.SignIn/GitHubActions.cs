using System;
using System.Collections.Generic;
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
        try
        {
            using HttpResponseMessage answer = await client.SendAsync(request, stop).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                throw new CredentialUnavailableException($"GitHub gave no token for this job ({(int)answer.StatusCode}).");
            }
            using JsonDocument body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false));
            return body.RootElement.GetProperty("value").GetString() ?? throw new JsonException("value is null");
        }
        // Without what they come from: an error on the way to GitHub would be taken for one on the way to the login.
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CredentialUnavailableException("GitHub's answer for this job holds no token.");
        }
        catch (HttpRequestException error)
        {
            throw new CredentialUnavailableException($"GitHub cannot be reached for this job's token: {error.GetBaseException().Message}.");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new CredentialUnavailableException($"GitHub has not answered for this job's token within {client.Timeout.TotalSeconds:0.#} s.");
        }
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new CredentialUnavailableException($"{name} is not set: let the job have the permission id-token: write.");
}
