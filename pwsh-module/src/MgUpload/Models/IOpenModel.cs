using System.Collections.Generic;

namespace MgUpload.Models;

/// <summary>A JSON object with known members and room for any others.</summary>
public interface IOpenModel
{
    /// <summary>Members that have no property of their own.</summary>
    Dictionary<string, object?> AdditionalProperties { get; }

    /// <summary>The object as it goes over the wire.</summary>
    string ToJsonString();
}
