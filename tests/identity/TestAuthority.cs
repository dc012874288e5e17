using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Identity;

/// <summary>The test CA and the certificates that tests need, written to a folder.</summary>
public sealed class TestAuthority
{
    public required X509Certificate2 Server { get; init; }

    /// <summary>The application's own certificate.</summary>
    public required X509Certificate2 Application { get; init; }

    public static TestAuthority Create(string folder)
    {
        using var caKey = RSA.Create(2048);
        DateTimeOffset begin = DateTimeOffset.UtcNow.AddDays(-2), end = begin.AddDays(30);
        var request = new CertificateRequest("CN=MgUpload test CA", caKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        X509Certificate2 ca = request.CreateSelfSigned(begin, end);
        File.WriteAllText(Path.Combine(folder, "ca.pem"), ca.ExportCertificatePem());
        X509Certificate2 application = Own("CN=MgUpload application", begin, end);
        Write(folder, "application", application);
        Write(folder, "foreign", Own("CN=Somebody else", begin, end));
        Write(folder, "expired", Own("CN=MgUpload expired", begin, begin.AddDays(1)));
        X509Certificate2 server = Signed(ca, begin, end);
        File.WriteAllText(Path.Combine(folder, "server.pem"), server.ExportCertificatePem());
        return new TestAuthority { Server = server, Application = application };
    }

    private static X509Certificate2 Own(string subject, DateTimeOffset begin, DateTimeOffset end)
    {
        var key = RSA.Create(2048);
        return new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(begin, end);
    }

    private static X509Certificate2 Signed(X509Certificate2 ca, DateTimeOffset begin, DateTimeOffset end)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(ca, begin, end.AddDays(-1), RandomNumberGenerator.GetBytes(8));
        return X509CertificateLoader.LoadPkcs12(certificate.CopyWithPrivateKey(key).Export(X509ContentType.Pkcs12), null);
    }

    private static void Write(string folder, string name, X509Certificate2 certificate)
    {
        File.WriteAllText(Path.Combine(folder, $"{name}.pem"), $"{certificate.ExportCertificatePem()}\n{certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n");
        File.WriteAllBytes(Path.Combine(folder, $"{name}.pfx"), certificate.Export(X509ContentType.Pfx, "open"));
    }
}
