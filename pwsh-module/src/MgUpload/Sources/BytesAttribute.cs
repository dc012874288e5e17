using System;
using System.Collections;
using System.Linq;
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
            IList { Count: > 0 } list when list.Cast<object?>().All(static item => (item is PSObject inner ? inner.BaseObject : item) is byte) =>
                list.Cast<object>().Select(static item => (byte)(item is PSObject inner ? inner.BaseObject : item)).ToArray(),
            _ => inputData,
        };
    }
}
