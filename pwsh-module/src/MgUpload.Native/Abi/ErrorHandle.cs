using System.Runtime.InteropServices;

namespace MgUpload.Native.Abi;

/// <summary>Owns an <c>mgu_error</c>.</summary>
internal sealed class ErrorHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.ErrorFree(handle);
        return true;
    }
}
