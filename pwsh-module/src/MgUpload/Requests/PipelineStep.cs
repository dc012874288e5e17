using System.Net.Http;
using System.Threading.Tasks;

namespace MgUpload.Requests;

/// <summary>A step of either version's pipeline.</summary>
internal delegate Task<HttpResponseMessage> PipelineStep(HttpRequestMessage request, PipelineLink link);
