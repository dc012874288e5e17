using System;
using System.IO;
using System.Management.Automation;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Results;
using MgUpload.Sources;

namespace MgUpload.Cmdlets;

/// <summary>Uploads a file, a stream or bytes to a session.</summary>
[Cmdlet(VerbsCommunications.Send, "MgUploadSession", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, HelpUri = Help.Pages + "Send-MgUploadSession.md")]
[OutputType(typeof(UploadResult))]
public sealed class SendMgUploadSessionCommand : UploadCmdlet
{
    private const string OfFile = "Path";
    private const string OfStream = "Stream";
    private const string OfBytes = "Content";
    private const string Piped = "bytes from the pipeline";

    private SpoolFile? _spool;
    private bool _isPiped;
    private bool _isServed;
    private bool? _isWanted;

    /// <summary>The session: what a New- cmdlet returned, anything with an uploadUrl, the URL as text, or an open upload.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [Alias("Session")]
    [ValidateNotNull]
    public object? InputObject { get; set; }

    /// <summary>The back end, for a URL that does not tell it.</summary>
    [Parameter]
    [ValidateSet("drive", "outlook", "todo", "print")]
    public string? Family { get; set; }

    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = OfFile)]
    [Alias("PSPath", "LiteralPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>A stream, from where it stands to its end.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfStream)]
    [ValidateNotNull]
    public Stream? InputStream { get; set; }

    /// <summary>How many bytes the stream must have.</summary>
    [Parameter(ParameterSetName = OfStream)]
    [ValidateRange(0, long.MaxValue)]
    public long Length { get; set; }

    /// <summary>The bytes; from the pipeline all of them together are one file.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = OfBytes)]
    [Bytes]
    [AllowEmptyCollection]
    public byte[]? Content { get; set; }

    /// <summary>How many bytes may be spooled to a temporary file.</summary>
    [Parameter(ParameterSetName = OfStream)]
    [Parameter(ParameterSetName = OfBytes)]
    [ValidateRange(0, long.MaxValue)]
    public long SpoolLimit { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <inheritdoc/>
    protected override void BeginProcessing() => _isPiped = !MyInvocation.BoundParameters.ContainsKey(nameof(Content));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _isServed = true;
        if (ReferenceEquals(Content, BytesAttribute.Text))
        {
            Masked.Bound(MyInvocation.BoundParameters);
            // Once: the rest of the pipeline would be text too.
            ThrowTerminatingError(Errors.Record(NoBytes(), InputObject));
        }
        else if (ParameterSetName == OfFile)
        {
            Guard(Path, SendFile);
        }
        else if (ParameterSetName == OfStream)
        {
            Guard(InputStream, SendStream);
        }
        else if (!_isPiped)
        {
            Guard(InputObject, () => SendCopy("bytes", spool => spool.Write(Content)));
        }
        else
        {
            Collect();
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (StopToken.IsCancellationRequested)
        {
            return;
        }
        if (_spool is not null)
        {
            Guard(InputObject, () => Send(Session(), _spool.Close(), Piped));
        }
        else if (!_isServed && MyInvocation.ExpectingInput && MyInvocation.BoundParameters.ContainsKey(nameof(InputObject)))
        {
            // The session waits for its bytes. Where it is sessions that did not come, there is nothing to be done.
            Guard(InputObject, () => throw new MgUploadException(ErrorKind.SourceMissing, "Nothing that can be sent came from the pipeline; nothing was sent.")
            {
                Advice = "Look what the command before it does. An empty file is sent with -Content @() or with -Path, rows with a file and its session by ForEach-Object { Send-MgUploadSession $_.Path -Session $_.Session }.",
            });
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _spool?.Dispose();
        }
        base.Dispose(disposing);
    }

    private void SendFile()
    {
        UploadSessionJson session = Session();
        string file = SourcePaths.Literal(SessionState.Path, Path!);
        if (ShouldProcess(file, Action(session)))
        {
            Send(session, file);
        }
    }

    private void SendStream()
    {
        long? expected = MyInvocation.BoundParameters.ContainsKey(nameof(Length)) ? Length : null;
        // A length of 0 says nothing: the files of /proc have one, and bytes.
        if (InputStream!.CanSeek && InputStream.Length > 0)
        {
            CheckPosition(InputStream, expected);
            CheckLength(InputStream.Length - InputStream.Position, expected);
        }
        if (Stoppable.Run(() => OpenFile.PathOf(InputStream), StopToken) is not { } file)
        {
            SendCopy("a stream", spool =>
            {
                spool.Write(InputStream, expected, StopToken);
                CheckLength(spool.Length, expected);
                if (spool.Length == 0 && !InputStream.CanSeek && expected is null)
                {
                    throw NothingLeft("The stream gave no byte");
                }
            });
        }
        else if (ShouldProcess(file, Action(Session())))
        {
            Say($"The stream is all of {file}, which is read by itself.");
            Send(Session(), file);
        }
    }

    /// <summary>Sends what is no file by way of one.</summary>
    private void SendCopy(string what, Action<SpoolFile> fill)
    {
        // A session that is none is found out, and the user asked, before anything is read.
        UploadSessionJson session = Session();
        if (!ShouldProcess(what, Action(session)))
        {
            return;
        }
        using var spool = new SpoolFile(SpoolLimit);
        fill(spool);
        Send(session, spool.Close(), what);
    }

    /// <summary>The bytes of one record. Where they cannot be taken there is nothing left to serve.</summary>
    private void Collect()
    {
        try
        {
            _isWanted ??= ShouldProcess(Piped, Action(Session()));
            if (_isWanted is true)
            {
                _spool ??= new SpoolFile(SpoolLimit);
                _spool.Write(Content);
            }
        }
        catch (MgUploadException failure)
        {
            Masked.Bound(MyInvocation.BoundParameters);
            ThrowTerminatingError(Errors.Record(failure, InputObject));
        }
    }

    /// <summary>Uploads a file; under another name where it is a copy of what is no file.</summary>
    private void Send(UploadSessionJson session, string path, string? copyOf = null)
    {
        if (copyOf is not null)
        {
            Say($"{new FileInfo(path).Length} bytes ({copyOf}) were spooled to {path}, which is deleted at the end.");
        }
        UploadFlags copy = copyOf is null ? UploadFlags.None : UploadFlags.UploadCopy;
        UploadClient client = ClientFor(session);
        Upload(copyOf ?? path, copyOf is null, DestinationOf(client, session), "$session | Complete-MgUploadSession",
            options => client.StartUpload(session.ToString(), path, options with { Flags = options.Flags | copy }));
    }

    private static MgUploadException NoBytes() => new(ErrorKind.InvalidInput, "This is text where bytes are wanted; nothing was sent.")
    {
        Advice = "PowerShell makes text of what a program writes, and its bytes are lost: let the program write to a file (program > file), and send that with -Path. "
            + "Read a file with Get-Content -AsByteStream -Raw. Text of your own is sent with -Content ([System.Text.Encoding]::UTF8.GetBytes($text)).",
    };

    private string Action(UploadSessionJson session) => $"Upload to {DestinationOf(ClientFor(session.Connection), session)}";

    private UploadSessionJson Session() => UploadSessionJson.Of(InputObject, Family?.ToLowerInvariant());

    /// <summary>A stream that stands at its end would replace the destination by an empty file.</summary>
    private static void CheckPosition(Stream stream, long? expected)
    {
        if (stream.Position >= stream.Length && expected is null or > 0)
        {
            throw NothingLeft($"The stream stands at its end (byte {stream.Position} of {stream.Length})");
        }
    }

    private static MgUploadException NothingLeft(string what) => new(ErrorKind.SourceMissing, $"{what}: there is nothing left to send; nothing was sent.")
    {
        Advice = "Rewind it before ($stream.Position = 0), or open it anew. Where an empty file is meant, say -Length 0.",
    };

    private static void CheckLength(long found, long? expected)
    {
        if (expected is { } length && found != length)
        {
            string has = found > length ? "more bytes than" : $"{found} bytes, not";
            throw new MgUploadException(ErrorKind.SourceChanged, $"The stream has {has} the {length} that -Length says; nothing was sent.")
            {
                Advice = "Give the length that the stream has from its position on, or none.",
            };
        }
    }
}
