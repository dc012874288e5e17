using System;
using System.Linq;
using System.Management.Automation;

namespace MgUpload.Models;

/// <summary>Takes an open upload where its id is wanted. Without it PowerShell would make a text of the object itself.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OpenUploadIdAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        object[] many when many.All(static one => Text(one) is not null) => many.Select(static one => Text(one)!).ToArray(),
        _ => Text(inputData) is { } id ? new[] { id } : inputData,
    };

    /// <summary>The id of an open upload, also of one that was written to a file and read again; null for anything else.</summary>
    internal static string? IdOf(object? input)
    {
        PSObject? wrapped = input is null ? null : PSObject.AsPSObject(input);
        return wrapped?.BaseObject is OpenUpload open ? open.Id
            : wrapped?.TypeNames.Contains($"Deserialized.{typeof(OpenUpload).FullName}") == true ? wrapped.Properties[nameof(OpenUpload.Id)]?.Value as string
            : null;
    }

    private static string? Text(object? value) => IdOf(value) ?? (value is PSObject wrapped ? wrapped.BaseObject : value) as string;
}
