using System.Runtime.InteropServices;

namespace MgUpload.Native.Abi;

/// <summary>Owns an <c>mgu_operation</c>; letting go of a running one cancels it and does not wait.</summary>
internal sealed class OperationHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.OperationFree(handle);
        return true;
    }
}
