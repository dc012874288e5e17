using System;
using System.Management.Automation;
using MgUpload.Connection;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>What the cmdlets share that change an environment of the user's own.</summary>
public abstract class EnvironmentCmdlet : MgUploadCmdlet
{
    private protected EnvironmentCmdlet()
    {
    }

    /// <summary>Its name for -Environment.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(EnvironmentCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>Refuses what is built in.</summary>
    private protected void RefuseBuiltIn()
    {
        if (Cloud.Named(Name) is not null)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"The environment {Name} is built in, and stays as it is.") { Advice = "Give yours another name." };
        }
    }

    /// <summary>Keeps one, and writes it.</summary>
    private protected void Put(Uri login, Uri graph)
    {
        var cloud = new Cloud(Name, Environments.Safe(login, "https://login.example.com"), Environments.Safe(graph, "https://graph.example.com"));
        if (ShouldProcess(Name, $"Keep the environment with the Graph {graph} and the sign-in {login}"))
        {
            Environments.Put(cloud);
            WriteObject(new MgUploadEnvironment(cloud));
        }
    }
}
