using System;
using System.Management.Automation;

namespace MgUpload.Connection;

/// <summary>Says what to do with a secret that comes as plain text, without showing it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretTextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string
            ? throw new ArgumentTransformationMetadataException(
                "It is plain text where a SecureString is wanted. Make one of it with ConvertTo-SecureString $token -AsPlainText -Force, or ask for it with Read-Host -AsSecureString.")
            : inputData;
}
