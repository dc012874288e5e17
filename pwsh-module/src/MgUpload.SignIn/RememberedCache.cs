using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Azure.Identity;
using Microsoft.Identity.Client.Extensions.Msal;
using MgUpload.Connection;

namespace MgUpload.SignIn;

/// <summary>
/// Tokens that outlive the process, and the account that they are of: encrypted by the platform (keyring, Keychain, DPAPI), one for
/// each login, tenant and application. Never anything else: where the platform cannot, there is none.
/// </summary>
internal sealed class RememberedCache : UnsafeTokenCacheOptions
{
    private readonly Storage _storage;
    private byte[] _tokens = [];
    private bool _isForgotten;

    private RememberedCache(Storage storage)
    {
        _storage = storage;
        if (Read() is { } kept)
        {
            (Record, _tokens) = kept;
        }
    }

    /// <summary>Whose tokens are kept; null for an application's, and where nothing is kept.</summary>
    internal AuthenticationRecord? Record { get; private set; }

    /// <summary>Null where the platform keeps nothing for us, which is told.</summary>
    internal static RememberedCache? Open(SignInRequest request)
    {
        try
        {
            Storage storage = Storage.Create(Properties(request));
            storage.VerifyPersistence();
            return new RememberedCache(storage);
        }
        catch (MsalCachePersistenceException error)
        {
            request.Warn($"Nothing is remembered for the next process: this system has no keyring that is open ({Failures.Visible(error.Message)}). The sign-in holds for this process, as with -ContextScope Process.");
            return null;
        }
    }

    /// <summary>Keeps whose tokens they are.</summary>
    internal async Task Remember(AuthenticationRecord record, CancellationToken stop)
    {
        Record = record;
        await Write(stop).ConfigureAwait(false);
    }

    /// <summary>Takes it from the platform's store, and puts nothing there again: what still runs renews its tokens in memory.</summary>
    internal void Forget(Action<string> warn)
    {
        _isForgotten = true;
        try
        {
            _storage.Clear(ignoreExceptions: false);
        }
        catch (Exception error)
        {
            // Whatever a keyring says that was locked meanwhile: this process is signed out all the same.
            warn($"The sign-in stays in this system's keyring, and later processes may use it: {Failures.Visible(error.GetBaseException().Message)}. Open the keyring, then run Connect-MgUpload -ContextScope CurrentUser and Disconnect-MgUpload again.");
        }
    }

    /// <inheritdoc/>
    protected override Task<ReadOnlyMemory<byte>> RefreshCacheAsync() => Task.FromResult<ReadOnlyMemory<byte>>(_tokens);

    /// <inheritdoc/>
    protected override Task TokenCacheUpdatedAsync(TokenCacheUpdatedArgs tokenCacheUpdatedArgs)
    {
        _tokens = tokenCacheUpdatedArgs.UnsafeCacheData.ToArray();
        return Write(CancellationToken.None);
    }

    private async Task Write(CancellationToken stop)
    {
        if (_isForgotten)
        {
            return;
        }
        using var record = new MemoryStream();
        if (Record is not null)
        {
            await Record.SerializeAsync(record, stop).ConfigureAwait(false);
        }
        _storage.WriteData(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, byte[]> { ["record"] = record.ToArray(), ["tokens"] = _tokens }));
    }

    /// <summary>What cannot be read, a newer version's perhaps, counts as nothing: one signs in again.</summary>
    private (AuthenticationRecord? Record, byte[] Tokens)? Read()
    {
        byte[] data = _storage.ReadData();
        if (data is not { Length: > 0 })
        {
            return null;
        }
        try
        {
            Dictionary<string, byte[]> kept = JsonSerializer.Deserialize<Dictionary<string, byte[]>>(data) ?? [];
            byte[] record = kept.GetValueOrDefault("record") ?? [];
            using var stream = new MemoryStream(record);
            return (record.Length == 0 ? null : AuthenticationRecord.Deserialize(stream), kept.GetValueOrDefault("tokens") ?? []);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static StorageCreationProperties Properties(SignInRequest request)
    {
        string key = string.Join('\n', request.Login.Authority, request.TenantId, request.ClientId, request.Way is SignInWay.Certificate or SignInWay.Secret ? "app" : "user").ToLowerInvariant();
        string name = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..16].ToLowerInvariant();
        string folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "MgUpload");
        Directory.CreateDirectory(folder);
        return new StorageCreationPropertiesBuilder($"signin-{name}", folder)
            .WithLinuxKeyring("io.github.mgupload.tokens", MsalCacheHelper.LinuxKeyRingDefaultCollection, "MgUpload sign-in", new("Product", "MgUpload"), new("Account", name))
            .WithMacKeyChain("MgUpload", name)
            .Build();
    }
}
