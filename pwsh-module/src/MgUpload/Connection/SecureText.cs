using System;
using System.Runtime.InteropServices;
using System.Security;

namespace MgUpload.Connection;

/// <summary>Lends the characters of a SecureString, and wipes them afterwards.</summary>
internal static class SecureText
{
    internal delegate void Reader(ReadOnlySpan<char> text);

    internal static unsafe void Read(SecureString secret, Reader reader)
    {
        nint copy = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            reader(new ReadOnlySpan<char>((void*)copy, secret.Length));
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(copy);
        }
    }
}
