using System;

namespace MgUpload.Results;

/// <summary>A part of a whole, in hundredths, as PowerShell takes it: from 0 to 100, whatever the numbers say.</summary>
internal static class Percent
{
    internal static int Of(long part, long whole) => whole > 0 ? (int)Math.Clamp(part * 100.0 / whole, 0, 100) : 0;
}
