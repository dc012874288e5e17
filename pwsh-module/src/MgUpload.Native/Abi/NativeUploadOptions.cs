using System.Runtime.InteropServices;

namespace MgUpload.Native.Abi;

/// <summary><c>mgu_upload_options</c>; the first field is the struct's own size.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeUploadOptions
{
    public nuint Size;
    public ulong ChunkBytes;
    public ulong WaitBudgetMillis;
    public uint MaxAttempts;
    public uint Flags;
}
