using System;
using System.Management.Automation;
using System.Net;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>
/// The way to the network. What a script assigns to $env: is .NET's to see and hidden from native code on Unix, so it is handed over
/// in words.
/// </summary>
internal static class Network
{
    private static Tuple<ClientOptions, UploadClient>? s_anonymous;

    /// <summary>A client for upload URLs, which need no token, and for what is on record here.</summary>
    internal static UploadClient Anonymous
    {
        get
        {
            ClientOptions options = Way(null, null) with { UserAgent = GraphConnection.UserAgent };
            Tuple<ClientOptions, UploadClient>? made = s_anonymous;
            if (made?.Item1 != options)
            {
                // One that runs on in another runspace is freed by its handle, once nobody holds it.
                s_anonymous = made = Tuple.Create(options, new UploadClient(options));
                SystemProxy.TellOfAll(made.Item2, options.GraphEndpoint);
            }
            return made.Item2;
        }
    }

    /// <summary>The way by a proxy, or by what the environment says now.</summary>
    internal static ClientOptions Way(Uri? proxy, PSCredential? credential) => new()
    {
        StateFolder = Environment.GetEnvironmentVariable("MGUPLOAD_STATE"),
        Proxy = proxy ?? FromEnvironment(),
        ProxyUser = credential?.UserName,
        ProxyPassword = credential?.GetNetworkCredential().Password,
        // Who names a proxy means it for every host.
        NoProxy = proxy is null ? Variable("NO_PROXY") : null,
        CertificateFile = Variable("SSL_CERT_FILE"),
    };

    /// <summary>Everything of ours goes to https; what is on this machine is reached without a proxy.</summary>
    private static Uri? FromEnvironment()
    {
        string? text = Variable("HTTPS_PROXY") ?? Variable("ALL_PROXY");
        if (text is null)
        {
            return null;
        }
        // curl and others take host:port as well.
        return Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out Uri? proxy) ? proxy
            : throw new MgUploadException(ErrorKind.InvalidInput, "HTTPS_PROXY (or ALL_PROXY) is no address of a proxy.") { Advice = "Let it be like http://proxy.example.com:8080." };
    }

    /// <summary>Lower case goes first, as in curl.</summary>
    private static string? Variable(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name.ToLowerInvariant());
        value = string.IsNullOrEmpty(value) ? Environment.GetEnvironmentVariable(name) : value;
        return string.IsNullOrEmpty(value) ? null : value;
    }
}
