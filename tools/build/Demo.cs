using System;
using System.IO;

namespace MgUpload.Build;

/// <summary>
/// The task Demo: one file goes to the stand-in through the module in PowerShell, and without a PowerShell through the C
/// example; then the two sides' hashes are compared.
/// </summary>
internal static class Demo
{
    private const int MadeMebibytes = 256;

    public static int Run(Options options)
    {
        if (options.Path is not null && !File.Exists(options.Path))
        {
            throw new BuildFailure($"there is no file {options.Path}");
        }
        ModuleBuild.Run(options);
        using var folder = new ScratchFolder();
        string file = options.Path ?? folder.MakeFile("demo.bin", MadeMebibytes * 1024L * 1024);
        using var standin = new Standin();

        int status;
        if (options.PowerShell is { } pwsh)
        {
            // No -NonInteractive here: that would hide the progress bar.
            status = Tool.Run([.. Tool.Pwsh(pwsh)[..^1], "-File", Places.At("tools", "build", "demo.ps1"),
                "-Module", Path.Combine(Places.Module, "MgUpload.psd1"), "-GraphEndpoint", standin.Graph, "-Path", file]);
        }
        else if (OperatingSystem.IsWindows())
        {
            throw new BuildFailure($"the demo needs PowerShell 7.4 or later: {options.NoPowerShell}");
        }
        else
        {
            Console.WriteLine($"demo: without PowerShell ({options.NoPowerShell}); the C example does the work of the module");
            status = Tool.Run(Places.Upload, "--graph", standin.Graph, "--token", "demo", "--user", "demo-user", "--drive", "demo-drive", file);
        }
        if (status != 0 || Tool.Stopped)
        {
            throw new BuildFailure($"demo: the upload failed (exit status {status})");
        }

        long length = new FileInfo(file).Length;
        string sent = ScratchFolder.Hash(file);
        string stored = standin.StoredHash(Path.GetFileName(file), length) ?? "nothing of that name and length";
        Console.WriteLine($"SHA-256 of the file:     {sent}");
        Console.WriteLine($"SHA-256 at the stand-in: {stored}");
        foreach (string violation in standin.Violations())
        {
            throw new BuildFailure($"demo: a rule of the protocol was broken: {violation}");
        }
        if (sent != stored)
        {
            throw new BuildFailure("demo: what was stored is not what was sent");
        }
        Console.WriteLine($"demo: uploaded {length} bytes, verified");
        return 0;
    }
}
