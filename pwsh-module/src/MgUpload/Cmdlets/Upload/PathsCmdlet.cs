using System.Collections.Generic;
using System.Management.Automation;
using MgUpload.Native;
using MgUpload.Results;
using MgUpload.Sources;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that take paths of what they send: all are known before the first is sent.</summary>
public abstract class PathsCmdlet : TransferCmdlet
{
    private protected PathsCmdlet()
    {
    }

    /// <summary>What is sent; wildcards are expanded.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>What is sent, by paths that are taken as they are.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Path is null && !MyInvocation.BoundParameters.ContainsKey(nameof(LiteralPath)) && !MyInvocation.ExpectingInput)
        {
            ThrowTerminatingError(Errors.Record(new MgUploadException(ErrorKind.InvalidInput, "No file was named.") { Advice = "Name files with -Path or -LiteralPath, or pipe them from Get-ChildItem." }, null));
        }
        foreach (string path in Path ?? [])
        {
            IsFound = WildcardPattern.ContainsWildcardCharacters(path);
            IReadOnlyCollection<string> found = [];
            Guard(path, () => found = SourcePaths.Expanded(SessionState.Path, path));
            foreach (string one in found)
            {
                Guard(one, () => Add(one));
            }
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        IsFound = MyInvocation.ExpectingInput;
        foreach (string path in LiteralPath ?? [])
        {
            Guard(path, () => Add(SourcePaths.Literal(SessionState.Path, path)));
        }
    }

    /// <summary>Whether the path at hand was found by a wildcard or came along the pipeline, and was not named by itself.</summary>
    private protected bool IsFound { get; private set; }

    /// <summary>Takes a path of the file system.</summary>
    private protected abstract void Add(string path);
}
