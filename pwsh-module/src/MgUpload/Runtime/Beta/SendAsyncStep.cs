using System.Net.Http;
using System.Threading.Tasks;

namespace Microsoft.Graph.Beta.PowerShell.Runtime;

/// <summary>A step that sees the request before it is sent and the response before it is read.</summary>
public delegate Task<HttpResponseMessage> SendAsyncStep(HttpRequestMessage request, IEventListener callback, ISendAsync next);
