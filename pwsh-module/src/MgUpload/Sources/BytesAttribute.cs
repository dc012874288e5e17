using System;
using System.Collections;
using System.Management.Automation;

namespace MgUpload.Sources;

/// <summary>
/// Takes bytes one by one, in arrays, and as Get-Content gives them. It also sees to it that they are bound by value: they may
/// have a property PSPath, which would else be taken for the file to send. Text has lost what its bytes were; it is let through
/// as <see cref="Text"/>, for the cmdlet to refuse: a refusal here would be one for each line of a pipeline.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BytesAttribute : ArgumentTransformationAttribute
{
    /// <summary>Stands for text.</summary>
    internal static readonly byte[] Text = [0];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? plain = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return plain switch
        {
            byte[] bytes => bytes,
            byte one => new[] { one },
            string => Text,
            IList { Count: > 0 } list => Of(list) ?? inputData,
            _ => inputData,
        };
    }

    /// <summary>Get-Content gives its bytes as objects, a million at a time, and its lines so too.</summary>
    private static byte[]? Of(IList list)
    {
        byte[] bytes = new byte[list.Count];
        for (int at = 0; at < bytes.Length; at++)
        {
            object? item = list[at];
            switch (item is PSObject wrapped ? wrapped.BaseObject : item)
            {
                case byte one:
                    bytes[at] = one;
                    break;
                case string:
                    return Text;
                default:
                    return null;
            }
        }
        return bytes;
    }
}
