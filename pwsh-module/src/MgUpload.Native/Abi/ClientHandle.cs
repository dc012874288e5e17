using System.Runtime.InteropServices;

namespace MgUpload.Native.Abi;

/// <summary>Owns an <c>mgu_client</c>.</summary>
internal sealed class ClientHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMethods.ClientFree(handle);
        return true;
    }
}
