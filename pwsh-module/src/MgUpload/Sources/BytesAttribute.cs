using System;
using System.Collections;
using System.Management.Automation;

namespace MgUpload.Sources;

/// <summary>
/// Takes bytes one by one, in arrays, and as Get-Content gives them. It also sees to it that they are bound by value: they may
/// have a property PSPath, which would else be taken for the file to send. Text is refused, for it has lost what its bytes were.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BytesAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? plain = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return plain switch
        {
            byte[] bytes => bytes,
            byte one => new[] { one },
            string => throw new ArgumentException("This is text, not bytes. PowerShell makes text of what a program writes: let the program write to a file (program > file) and send that with -Path; or pass [System.Text.Encoding]::UTF8.GetBytes($text)."),
            IList { Count: > 0 } list => Of(list) ?? inputData,
            _ => inputData,
        };
    }

    /// <summary>Get-Content gives its bytes as objects, a million at a time.</summary>
    private static byte[]? Of(IList list)
    {
        byte[] bytes = new byte[list.Count];
        for (int at = 0; at < bytes.Length; at++)
        {
            object? item = list[at];
            if ((item is PSObject wrapped ? wrapped.BaseObject : item) is not byte one)
            {
                return null;
            }
            bytes[at] = one;
        }
        return bytes;
    }
}
