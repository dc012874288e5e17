using System;
using System.Diagnostics;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;

namespace MgUpload.Build;

/// <summary>The stand-in for Graph as a child process; it ends when its stdin closes, so it cannot outlive the build.</summary>
internal sealed class Standin : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly HttpClient _control;

    public Standin()
    {
        _process = Tool.Start([Places.Standin], info =>
        {
            info.RedirectStandardInput = true;
            info.RedirectStandardOutput = true;
        });
        Task<string?> first = _process.StandardOutput.ReadLineAsync();
        string line = (first.Wait(s_patience) ? first.Result : null) ?? throw new BuildFailure("the stand-in does not start");
        using JsonDocument addresses = JsonDocument.Parse(line);
        Graph = addresses.RootElement.GetProperty("graph").GetString()!;
        _control = new HttpClient { BaseAddress = new Uri(addresses.RootElement.GetProperty("control").GetString()!), Timeout = s_patience };
    }

    /// <summary>Where it plays Graph.</summary>
    public string Graph { get; }

    /// <summary>The SHA-256 of the file of that name and length, as it was stored; null when it was not.</summary>
    public string? StoredHash(string name, long length)
    {
        using JsonDocument files = Ask("/files");
        return files.RootElement.EnumerateArray()
            .Where(file => file.GetProperty("name").GetString() == name && file.GetProperty("size").GetInt64() == length)
            .Select(file => file.GetProperty("sha256").GetString())
            .LastOrDefault();
    }

    /// <summary>The rules of the protocol that were broken.</summary>
    public string[] Violations()
    {
        using JsonDocument violations = Ask("/violations");
        return [.. violations.RootElement.EnumerateArray().Select(violation => violation.ToString())];
    }

    public void Dispose()
    {
        _control.Dispose();
        _process.StandardInput.Close();
        if (!_process.WaitForExit(s_patience))
        {
            _process.Kill();
        }
        _process.Dispose();
    }

    private JsonDocument Ask(string path)
    {
        try
        {
            return JsonDocument.Parse(_control.GetStringAsync(path).GetAwaiter().GetResult());
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            throw new BuildFailure($"the stand-in does not answer: {error.Message}");
        }
    }
}
