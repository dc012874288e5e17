using System.Management.Automation;
using MgUpload.Requests;
using Microsoft.Graph.Beta.PowerShell.Runtime;

namespace MgUpload.Cmdlets;

/// <summary>The cmdlets of beta, whose pipeline steps have a type of their own.</summary>
public abstract class NewBetaUploadSessionCmdlet : NewUploadSessionCmdlet
{
    private protected NewBetaUploadSessionCmdlet()
    {
    }

    /// <summary>Steps at the end of the pipeline, next to the wire.</summary>
    [Parameter(DontShow = true)]
    [ValidateNotNull]
    public SendAsyncStep[]? HttpPipelineAppend { get; set; }

    /// <summary>Steps at the front of the pipeline.</summary>
    [Parameter(DontShow = true)]
    [ValidateNotNull]
    public SendAsyncStep[]? HttpPipelinePrepend { get; set; }

    private protected override bool HasSteps => HttpPipelinePrepend is not null || HttpPipelineAppend is not null;

    private protected override PipelineStep[] Steps() => [.. Of(HttpPipelinePrepend), .. Of(HttpPipelineAppend)];

    private static PipelineStep[] Of(SendAsyncStep[]? steps) =>
        steps is null ? [] : System.Array.ConvertAll<SendAsyncStep, PipelineStep>(steps, static step => (request, link) => step(request, link, link));
}
