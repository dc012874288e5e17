using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MgUpload.Native;

namespace MgUpload.Connection;

/// <summary>An application's certificate: from the user's store, the machine's, or a file.</summary>
internal static class Certificates
{
    internal static X509Certificate2 ByThumbprint(string thumbprint) =>
        Newest(X509FindType.FindByThumbprint, string.Concat(thumbprint.Where(Uri.IsHexDigit))) ?? throw NotFound($"the thumbprint {thumbprint}");

    /// <summary>By the whole subject, as in Connect-MgGraph, or by its common name.</summary>
    internal static X509Certificate2 BySubject(string subject) =>
        Newest(X509FindType.FindBySubjectDistinguishedName, subject) ?? Newest(X509FindType.FindBySubjectName, subject) ?? throw NotFound($"the subject {subject}");

    internal static X509Certificate2 FromFile(string path, SecureString? password)
    {
        string? secret = password is null ? null : new NetworkCredential(string.Empty, password).Password;
        try
        {
            bool isPem = File.ReadAllText(path).Contains("-----BEGIN ", StringComparison.Ordinal);
            return !isPem ? new X509Certificate2(path, secret) : secret is null ? X509Certificate2.CreateFromPemFile(path) : X509Certificate2.CreateFromEncryptedPemFile(path, secret);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"{path} gives no certificate with its key: {error.Message}", error)
            {
                Advice = "Let it be a PEM file with the certificate and its private key, or a PFX file; -CertificatePassword opens what is encrypted.",
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new MgUploadException(ErrorKind.SourceMissing, $"The certificate cannot be read: {error.Message}", error);
        }
    }

    /// <summary>What a service would refuse, or what it would take by mistake: some do not look at the end.</summary>
    internal static X509Certificate2 Checked(X509Certificate2 certificate)
    {
        string name = $"The certificate {certificate.Subject} ({certificate.Thumbprint})";
        if (!certificate.HasPrivateKey)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"{name} is here without its private key.") { Advice = "Install or name the one with its key (PFX, or PEM with both)." };
        }
        if (certificate.NotAfter < DateTime.Now || certificate.NotBefore > DateTime.Now)
        {
            throw new MgUploadException(ErrorKind.Unauthenticated, $"{name} is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}, and not now.")
            {
                Advice = "Make a new certificate, put its public part into the app registration, and name it here; or set this machine's clock.",
            };
        }
        return certificate;
    }

    private static X509Certificate2? Newest(X509FindType kind, string value)
    {
        foreach (StoreLocation location in (StoreLocation[])[StoreLocation.CurrentUser, StoreLocation.LocalMachine])
        {
            try
            {
                using var store = new X509Store(StoreName.My, location);
                store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
                if (store.Certificates.Find(kind, value, validOnly: false).OrderByDescending(static one => (one.HasPrivateKey, one.NotAfter)).FirstOrDefault() is { } found)
                {
                    return found;
                }
            }
            catch (CryptographicException)
            {
                // Not every system has both stores; where neither has it, that is the error.
            }
        }
        return null;
    }

    private static MgUploadException NotFound(string what) => new(ErrorKind.InvalidInput, $"There is no certificate with {what} in the stores of this user and this machine.")
    {
        Advice = "Look at them with Get-ChildItem Cert:\\CurrentUser\\My (Windows), or name a file: -CertificatePath.",
    };
}
