namespace MgUpload.Models;

/// <summary>A set of ids from which the path of a request is made.</summary>
public interface IIdentity
{
    /// <summary>The ids that are set, as JSON.</summary>
    string ToJsonString();
}
