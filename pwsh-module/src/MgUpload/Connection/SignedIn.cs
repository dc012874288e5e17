using System;
using System.Collections.Generic;

namespace MgUpload.Connection;

/// <summary>Who asks Graph, as far as it is known: a token's owner need not be told.</summary>
internal sealed record SignedIn
{
    /// <summary>Which command has signed in: Connect-MgUpload or Connect-MgGraph.</summary>
    internal required string By { get; init; }

    /// <summary>How, in the words of Get-MgContext.</summary>
    internal required string AuthType { get; init; }

    /// <summary>The cloud's name.</summary>
    internal string? Environment { get; init; }

    internal string? Account { get; init; }

    internal string? TenantId { get; init; }

    internal string? ClientId { get; init; }

    internal IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Whether it is the same account, by the same application, in the same tenant.</summary>
    internal bool IsSameAs(SignedIn other) => (By, AuthType, Account, TenantId, ClientId) == (other.By, other.AuthType, other.Account, other.TenantId, other.ClientId);

    /// <summary>One line for people.</summary>
    internal string InWords()
    {
        string who = Account ?? (ClientId is null ? AuthType : $"the application {ClientId}");
        return TenantId is null ? who : $"{who}, tenant {TenantId}";
    }
}
