using System.Net.Http;
using System.Threading.Tasks;

namespace Microsoft.Graph.PowerShell.Runtime;

/// <summary>The rest of the pipeline, which ends with the request on the wire.</summary>
public interface ISendAsync
{
    /// <summary>Hands the request on.</summary>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEventListener callback);
}
