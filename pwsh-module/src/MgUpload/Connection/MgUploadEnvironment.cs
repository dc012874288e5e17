using MgUpload.Connection;

namespace MgUpload;

/// <summary>A cloud, as Get-MgUploadEnvironment tells it.</summary>
public sealed class MgUploadEnvironment
{
    internal MgUploadEnvironment(Cloud cloud)
    {
        Name = cloud.Name;
        AzureADEndpoint = cloud.Login.GetLeftPart(System.UriPartial.Authority);
        GraphEndpoint = cloud.Graph.GetLeftPart(System.UriPartial.Authority);
        Type = Environments.IsBuiltIn(cloud) ? "Built-in" : "User-defined";
    }

    /// <summary>Its name for -Environment.</summary>
    public string Name { get; }

    /// <summary>Where one signs in.</summary>
    public string AzureADEndpoint { get; }

    /// <summary>Its Graph.</summary>
    public string GraphEndpoint { get; }

    /// <summary>Built-in or User-defined.</summary>
    public string Type { get; }
}
