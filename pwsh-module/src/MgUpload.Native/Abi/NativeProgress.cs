using System.Runtime.InteropServices;

namespace MgUpload.Native.Abi;

/// <summary><c>mgu_progress</c>; the first field is the struct's own size.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeProgress
{
    public nuint Size;
    public ulong BytesDone;
    public ulong BytesTotal;
    public ulong Requests;
    public ulong Retries;
    public ulong WaitMillis;
    public uint Phase;
    public uint WaitReason;
    public uint WaitStatus;
    public uint FilesWalked;
    public ulong FilesDone;
    public ulong FilesKnown;
    public ulong FilesRunning;
}
