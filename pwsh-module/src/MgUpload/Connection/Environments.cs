using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>The clouds by their names: those that are built in, and the user's own, which are kept in a file of his settings.</summary>
internal static class Environments
{
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true };

    private static string Place => Path.Combine(Folder, "environments.json");

    private static string Folder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("MGUPLOAD_SETTINGS") is { Length: > 0 } named)
            {
                return Path.GetFullPath(named);
            }
            string own = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return own.Length > 0 ? Path.Combine(own, "MgUpload")
                : throw new MgUploadException(ErrorKind.StateUnusable, "This account has no folder for settings, where environments of your own are kept.") { Advice = "Let MGUPLOAD_SETTINGS name a folder." };
        }
    }

    /// <summary>All, the built-in ones first.</summary>
    internal static IEnumerable<Cloud> All => Cloud.BuiltIn.Concat(Own());

    internal static Cloud Named(string name) => All.FirstOrDefault(cloud => cloud.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new MgUploadException(ErrorKind.InvalidInput, $"There is no environment {name}.")
        {
            Advice = $"Known are {string.Join(", ", All.Select(static cloud => cloud.Name))}; Add-MgUploadEnvironment makes others known.",
        };

    internal static bool IsBuiltIn(Cloud cloud) => Cloud.Named(cloud.Name) is not null;

    /// <summary>Puts one of the user's own in place, also of one of that name.</summary>
    internal static void Put(Cloud cloud)
    {
        List<Cloud> own = Own();
        Take(own, cloud.Name);
        own.Add(cloud);
        Keep(own);
    }

    /// <summary>Whether there was one of the user's own of that name, which is gone now.</summary>
    internal static bool Remove(string name)
    {
        List<Cloud> own = Own();
        bool had = Take(own, name);
        if (had)
        {
            Keep(own);
        }
        return had;
    }

    /// <summary>An address to which a token or a secret may go.</summary>
    internal static Uri Safe(Uri address, string example) =>
        address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)) ? address
            : throw new MgUploadException(ErrorKind.InvalidInput, $"{address.OriginalString} is no https address: it would show the token to the network.")
            {
                Advice = $"Give an address like {example}; plain http works on this machine only.",
            };

    private static bool Take(List<Cloud> own, string name) => own.RemoveAll(cloud => cloud.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) > 0;

    private static List<Cloud> Own()
    {
        try
        {
            return File.Exists(Place) ? JsonSerializer.Deserialize<List<Cloud>>(File.ReadAllText(Place)) ?? [] : [];
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new MgUploadException(ErrorKind.StateUnusable, $"The list of your own environments cannot be read: {error.Message}", error) { Advice = $"Mend or remove {Place}." };
        }
    }

    private static void Keep(List<Cloud> own)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Place)!);
            // In one piece: another process may read it now.
            string fresh = $"{Place}.{Environment.ProcessId}";
            File.WriteAllText(fresh, JsonSerializer.Serialize(own, s_readable));
            File.Move(fresh, Place, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new MgUploadException(ErrorKind.StateUnusable, $"The list of your own environments cannot be kept: {error.Message}", error) { Advice = $"Make {Place} writable." };
        }
    }
}
