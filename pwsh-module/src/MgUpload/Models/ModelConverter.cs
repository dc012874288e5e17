using System;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;

namespace MgUpload.Models;

/// <summary>
/// Makes models and identities from hashtables, objects of whatever module, deserialized ones and JSON text,
/// wherever PowerShell converts: parameters, casts, assignments.
/// </summary>
public sealed class ModelConverter : PSTypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(object sourceValue, Type destinationType) => Convert(sourceValue, destinationType, ask: true) is not null;

    /// <inheritdoc/>
    public override bool CanConvertFrom(PSObject sourceValue, Type destinationType) => Convert(sourceValue, destinationType, ask: true) is not null;

    /// <inheritdoc/>
    public override object? ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Convert(sourceValue, destinationType, ask: false);

    /// <inheritdoc/>
    public override object? ConvertFrom(PSObject sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Convert(sourceValue, destinationType, ask: false);

    /// <inheritdoc/>
    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    /// <inheritdoc/>
    public override object? ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) => null;

    /// <param name="source">What is to become a model or an identity.</param>
    /// <param name="destination">An interface or a class of the table.</param>
    /// <param name="ask">Only say whether there is a way; the values are looked at when it is taken.</param>
    private static object? Convert(object? source, Type destination, bool ask)
    {
        Type type = ClassOf(destination);
        bool wantsIdentity = typeof(Identity).IsAssignableFrom(type);
        try
        {
            // An identity is no body and a body no identity, although both are named values.
            if (source is null || (wantsIdentity ? IsModel(source) : IsIdentity(source)) || Source.Of(source) is not { } members)
            {
                return ask ? null : throw new PSInvalidCastException($"Cannot convert the \"{source}\" value of type \"{source?.GetType()}\" to type \"{destination}\".");
            }
            return ask ? members : wantsIdentity ? NewIdentity(type, members) : NewModel(type, members);
        }
        catch (Exception error) when (error is ArgumentException or JsonException)
        {
            // PowerShell puts the types in front of this.
            return ask ? source : throw new PSInvalidCastException(error.Message, error);
        }
    }

    /// <summary>The class behind an interface bears its name less the I, in the same namespace.</summary>
    private static Type ClassOf(Type type) => type.IsInterface ? type.Assembly.GetType($"{type.Namespace}.{type.Name[1..]}", throwOnError: true)! : type;

    private static Identity NewIdentity(Type type, Source members)
    {
        var identity = (Identity)Activator.CreateInstance(type)!;
        identity.Fill(members);
        return identity;
    }

    private static OpenModel NewModel(Type type, Source members)
    {
        var model = (OpenModel)Activator.CreateInstance(type)!;
        model.Fill(members);
        // What cannot be sent is refused here, while the parameter still has a name.
        _ = model.ToJsonString();
        return model;
    }

    private static bool IsModel(object source) => Names(source).Any(static name => name.Contains(".Models.MicrosoftGraph", StringComparison.Ordinal) || name.Contains(".Models.Paths", StringComparison.Ordinal));

    private static bool IsIdentity(object source) => Names(source).Any(static name => name.EndsWith("Identity", StringComparison.Ordinal) && name.Contains("Microsoft.Graph.", StringComparison.Ordinal));

    private static string[] Names(object source) => [.. PSObject.AsPSObject(source).TypeNames];
}
