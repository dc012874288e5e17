using System;
using System.Collections;
using System.Management.Automation;

namespace MgUpload.Models;

/// <summary>The static ways to make an identity, as Microsoft's classes have them.</summary>
/// <typeparam name="TSelf">The identity itself.</typeparam>
public abstract class Identity<TSelf> : Identity
    where TSelf : Identity<TSelf>, new()
{
    private protected Identity()
    {
    }

    /// <summary>Makes an identity from a hashtable.</summary>
    public static TSelf DeserializeFromDictionary(IDictionary content) => From(content);

    /// <summary>Makes an identity from an object with properties.</summary>
    public static TSelf DeserializeFromPSObject(PSObject content) => From(content);

    /// <summary>Makes an identity from JSON text.</summary>
    public static TSelf FromJsonString(string jsonText) => From(jsonText);

    private static TSelf From(object content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var identity = new TSelf();
        identity.Fill(Source.Of(content) ?? throw new ArgumentException("the value has no members", nameof(content)));
        return identity;
    }
}
