using System.Runtime.InteropServices;
using System.Text;

namespace MgUpload.Native.Abi;

/// <summary><c>mgu_text</c>: UTF-8, borrowed, not terminated.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct NativeText(byte* data, nuint length)
{
    private readonly byte* _data = data;
    private readonly nuint _length = length;

    public override string ToString() => _length == 0 ? string.Empty : Encoding.UTF8.GetString(_data, checked((int)_length));
}
