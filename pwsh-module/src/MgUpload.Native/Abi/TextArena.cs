using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace MgUpload.Native.Abi;

/// <summary>Holds texts in native memory for the length of one call, and wipes them: tokens are among them.</summary>
internal sealed unsafe class TextArena : IDisposable
{
    private readonly List<Block> _blocks = [];

    public NativeText Add(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return default;
        }
        int length = Encoding.UTF8.GetByteCount(text);
        byte* data = (byte*)NativeMemory.Alloc((nuint)length);
        _blocks.Add(new((nint)data, length));
        Encoding.UTF8.GetBytes(text, new Span<byte>(data, length));
        return new NativeText(data, (nuint)length);
    }

    public void Dispose()
    {
        foreach ((nint data, int length) in _blocks)
        {
            new Span<byte>((void*)data, length).Clear();
            NativeMemory.Free((void*)data);
        }
        _blocks.Clear();
    }

    /// <remarks>A class: a list of structs would be compiled only when it is needed, on the user's time.</remarks>
    private sealed record Block(nint Data, int Length);
}
