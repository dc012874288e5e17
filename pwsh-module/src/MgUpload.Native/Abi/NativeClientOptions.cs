using System.Runtime.InteropServices;

namespace MgUpload.Native.Abi;

/// <summary><c>mgu_client_options</c>; the first field is the struct's own size.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeClientOptions
{
    public nuint Size;
    public NativeText GraphEndpoint;
    public NativeText UserAgent;
    public NativeText Proxy;
    public NativeText ProxyUser;
    public NativeText ProxyPassword;
    public NativeText StateFolder;
    public NativeText NoProxy;
    public NativeText CaFile;
    public ulong TokenWaitMillis;
    public ulong ConnectTimeoutMillis;
    public ulong IdleTimeoutMillis;
}
