using System;
using System.Collections;
using System.Management.Automation;

namespace MgUpload.Models;

/// <summary>The static ways to make a model, as Microsoft's classes have them.</summary>
/// <typeparam name="TSelf">The model itself.</typeparam>
public abstract class OpenModel<TSelf> : OpenModel
    where TSelf : OpenModel<TSelf>, new()
{
    private protected OpenModel()
    {
    }

    /// <summary>Makes a model from a hashtable.</summary>
    public static TSelf DeserializeFromDictionary(IDictionary content) => From(content);

    /// <summary>Makes a model from an object with properties.</summary>
    public static TSelf DeserializeFromPSObject(PSObject content) => From(content);

    /// <summary>Makes a model from JSON text.</summary>
    public static TSelf FromJsonString(string jsonText) => From(jsonText);

    private static TSelf From(object content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var model = new TSelf();
        model.Fill(Source.Of(content) ?? throw new ArgumentException("the value has no members", nameof(content)));
        return model;
    }
}
