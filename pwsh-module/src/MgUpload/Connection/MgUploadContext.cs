using System;
using System.Collections.Generic;

namespace MgUpload;

/// <summary>Who asks Graph, as far as it is known.</summary>
public sealed class MgUploadContext
{
    internal MgUploadContext(GraphConnection connection)
    {
        Connection = connection;
        Account = connection.Who.Account;
        TenantId = connection.Who.TenantId;
        ClientId = connection.Who.ClientId;
        AuthType = connection.Who.AuthType;
        Scopes = connection.Who.Scopes;
        Environment = connection.Who.Environment;
        SignedInBy = connection.Who.By;
        ExpiresOn = connection.Token.Present?.ExpiresOn;
    }

    /// <summary>The user; null for an application.</summary>
    public string? Account { get; }

    /// <summary>The tenant.</summary>
    public string? TenantId { get; }

    /// <summary>The application.</summary>
    public string? ClientId { get; }

    /// <summary>How it was signed in, in the words of Get-MgContext.</summary>
    public string AuthType { get; }

    /// <summary>What the token permits: scopes of a user, roles of an application.</summary>
    public IReadOnlyList<string> Scopes { get; }

    /// <summary>When the present token ends; it is renewed before, where that can be done. Null where there is none at the moment.</summary>
    public DateTimeOffset? ExpiresOn { get; }

    /// <summary>The cloud's name.</summary>
    public string? Environment { get; }

    /// <summary>Connect-MgUpload or Connect-MgGraph.</summary>
    public string SignedInBy { get; }

    /// <summary>The connection.</summary>
    public GraphConnection Connection { get; }
}
