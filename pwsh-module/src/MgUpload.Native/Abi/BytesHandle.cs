using System.Runtime.InteropServices;

namespace MgUpload.Native.Abi;

/// <summary>Owns an <c>mgu_bytes</c>.</summary>
internal sealed class BytesHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.BytesFree(handle);
        return true;
    }
}
