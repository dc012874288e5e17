using System.Text.Encodings.Web;
using OpenIddict.Abstractions;

namespace Identity;

/// <summary>The page on which a person signs in: a form that carries the request along, as Entra's does.</summary>
public static class LoginPage
{
    public const string Account = "admin@contoso.example";
    public const string Password = "p4ssword~of.the-person";

    /// <summary>What the form has beside the request.</summary>
    private static readonly string[] s_own = ["account", "password", "choice"];

    /// <summary>Whether the person has signed in; null where it has chosen not to, or has not been asked yet.</summary>
    public static bool? IsSignedIn(OpenIddictRequest request) => (string?)request["choice"] != "in" ? null : (string?)request["account"] == Account && (string?)request["password"] == Password;

    public static bool IsDeclined(OpenIddictRequest request) => (string?)request["choice"] == "out";

    public static Task Show(HttpResponse response, OpenIddictRequest request)
    {
        string hidden = string.Concat(request.GetParameters().Where(static one => !s_own.Contains(one.Key))
            .Select(static one => $"""<input type="hidden" name="{HtmlEncoder.Default.Encode(one.Key)}" value="{HtmlEncoder.Default.Encode((string?)one.Value ?? string.Empty)}">"""));
        response.ContentType = "text/html; charset=utf-8";
        return response.WriteAsync($"""
            <!doctype html><title>Sign in to your account</title>
            <form method="post" action="?">{hidden}
            <p>{(IsSignedIn(request) == false ? "Your account or password is incorrect." : "Sign in")}</p>
            <input name="account" placeholder="Account"><input name="password" type="password" placeholder="Password">
            <button name="choice" value="in">Sign in</button><button name="choice" value="out">Cancel</button>
            </form>
            """);
    }
}
