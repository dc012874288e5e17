using System;
using System.Collections;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Net;
using System.Security;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>Tokens from a script block of the user's.</summary>
internal sealed class ScriptedToken(ScriptBlock provider) : ITokenSource
{
    private const string Wanted = "Let it return a token: a SecureString, a string, or an object with Token and ExpiresOn, as Get-AzAccessToken does.";

    private readonly Guid _home = Runspace.DefaultRunspace?.InstanceId ?? Guid.Empty;

    /// <inheritdoc/>
    public bool IsKept => true;

    /// <inheritdoc/>
    public GraphToken Get(Asker asker, Refusal? refusal)
    {
        // A block belongs to the runspace that made it, and would wait for that one from another: there its text is run.
        bool isHome = Runspace.DefaultRunspace?.InstanceId == _home;
        ScriptBlock block = isHome ? provider : ScriptBlock.Create(provider.ToString());
        Collection<PSObject> given = asker.Cmdlet.InvokeCommand.InvokeScript(false, block, null, refusal?.Claims!);
        return given.LastOrDefault(static one => one is not null) is { } last && Read(last) is { } token ? token
            : throw new MgUploadException(ErrorKind.Unauthenticated, "The script block of -AccessTokenProvider gave no token.") { Advice = Wanted };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The block is the user's.
    }

    private static GraphToken? Read(PSObject given)
    {
        object? token = given.BaseObject is string or SecureString ? given.BaseObject : Member(given, "Token") ?? Member(given, "AccessToken");
        DateTimeOffset? end = Member(given, "ExpiresOn") switch
        {
            DateTimeOffset time => time,
            DateTime time => new DateTimeOffset(time),
            _ => null,
        };
        string text = token switch
        {
            SecureString secret => new NetworkCredential(string.Empty, secret).Password,
            string plain => plain,
            _ => string.Empty,
        };
        return text.Length == 0 ? null : GraphToken.Of(text, end);
    }

    private static object? Member(PSObject given, string name)
    {
        object? value = given.BaseObject is IDictionary members ? members[name] : given.Properties[name]?.Value;
        return value is PSObject wrapped ? wrapped.BaseObject : value;
    }
}
