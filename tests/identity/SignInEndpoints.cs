using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Identity;

/// <summary>The person at the browser, as the test has said what that does.</summary>
public sealed class BrowserHandler(Control control) : IOpenIddictServerHandler<HandleAuthorizationRequestContext>
{
    public async ValueTask HandleAsync(HandleAuthorizationRequestContext context)
    {
        bool isAsked = control.Person == "atPage";
        if (isAsked && !LoginPage.IsDeclined(context.Request) && LoginPage.IsSignedIn(context.Request) is not true)
        {
            await LoginPage.Show(context.Transaction.GetHttpRequest()!.HttpContext.Response, context.Request);
            context.HandleRequest();
        }
        else if (control.Person == "decline" || (isAsked && LoginPage.IsDeclined(context.Request)))
        {
            context.Reject(Errors.AccessDenied, "AADSTS65004: User declined to consent to access the app.");
        }
        else
        {
            context.Principal = EntraShape.User(context.Request.GetScopes());
        }
    }
}

/// <summary>The answer that shows a code; MSAL wants a message and an interval in it. The person comes to the page by itself.</summary>
public sealed class DeviceHandler(Control control) : IOpenIddictServerHandler<ApplyDeviceAuthorizationResponseContext>
{
    private static readonly HttpClient s_browser = new(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });

    public ValueTask HandleAsync(ApplyDeviceAuthorizationResponseContext context)
    {
        if (context.Response.UserCode is { } code && context.Transaction.GetHttpRequest() is { } request)
        {
            control.Secrets.Add(context.Response.DeviceCode!);
            context.Response["interval"] = 1;
            context.Response["message"] = $"To sign in, use a web browser to open the page https://login.example/device and enter the code {code} to authenticate.";
            context.Response["expires_in"] = control.DeviceLifetime;
            if (control.Person == "approve")
            {
                _ = Visit($"https://localhost:{request.Host.Port}{request.PathBase}/oauth2/v2.0/deviceauth", code);
            }
        }
        return default;
    }

    private static async Task Visit(string page, string code)
    {
        // After the first question of the machine that waits.
        await Task.Delay(TimeSpan.FromMilliseconds(1200));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["user_code"] = code });
        using HttpResponseMessage answer = await s_browser.PostAsync(new Uri(page), form);
    }
}

/// <summary>The page on which the code is entered.</summary>
public sealed class VerificationHandler : IOpenIddictServerHandler<HandleEndUserVerificationRequestContext>
{
    public ValueTask HandleAsync(HandleEndUserVerificationRequestContext context)
    {
        context.Principal = EntraShape.User([]);
        return default;
    }
}
