using System;

namespace MgUpload.Models;

/// <summary>The known members of a model, in the order in which they go over the wire.</summary>
internal sealed class ModelShape(params Member[] members)
{
    internal int Count => members.Length;

    internal Member this[int index] => members[index];

    /// <summary>Where a key belongs, whatever its case; -1 for a key that is not known.</summary>
    internal int IndexOf(string key)
    {
        for (int index = 0; index < members.Length; index++)
        {
            Member member = members[index];
            if (key.Equals(member.Name, StringComparison.OrdinalIgnoreCase) || key.Equals(member.Json, StringComparison.OrdinalIgnoreCase))
            {
                return index;
            }
        }
        return -1;
    }
}
