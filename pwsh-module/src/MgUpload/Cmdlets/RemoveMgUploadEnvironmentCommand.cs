using System.Management.Automation;
using MgUpload.Connection;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>Forgets a cloud of the user's own.</summary>
[Cmdlet(VerbsCommon.Remove, "MgUploadEnvironment", SupportsShouldProcess = true, HelpUri = Help.Pages + "Remove-MgUploadEnvironment.md")]
[OutputType(typeof(void))]
public sealed class RemoveMgUploadEnvironmentCommand : EnvironmentCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Guard(Name, () =>
    {
        RefuseBuiltIn();
        if (ShouldProcess(Name, "Forget the environment") && !Environments.Remove(Name))
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"There is no environment {Name}.") { Advice = "Get-MgUploadEnvironment lists those that are known." };
        }
    });
}
