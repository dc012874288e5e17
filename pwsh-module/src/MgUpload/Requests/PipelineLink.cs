using System;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Graph.PowerShell.Runtime;

namespace MgUpload.Requests;

/// <summary>What a step is given: the rest of the pipeline and the command's cancellation. Fits both versions.</summary>
internal sealed class PipelineLink(Func<HttpRequestMessage, Task<HttpResponseMessage>> next, CancellationTokenSource stop)
    : Microsoft.Graph.Beta.PowerShell.Runtime.ISendAsync, Microsoft.Graph.Beta.PowerShell.Runtime.IEventListener
{
    public CancellationToken Token => stop.Token;

    public Action Cancel => stop.Cancel;

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEventListener callback) => next(request);
}
