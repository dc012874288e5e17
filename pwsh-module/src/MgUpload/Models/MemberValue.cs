using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace MgUpload.Models;

/// <summary>Turns what a person wrote, or what a service answered, into the value of a known member.</summary>
internal static class MemberValue
{
    /// <param name="member">The member that is to be set.</param>
    /// <param name="value">The value as it came.</param>
    /// <param name="lenient">For answers: a value of a wrong type is null, as in Microsoft's modules, not an error.</param>
    internal static object? Convert(Member member, object? value, bool lenient)
    {
        // A PSObject around a plain value hides its type; around a PSCustomObject it is the value.
        object? plain = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        if (plain is null)
        {
            return null;
        }
        if (lenient && !Fits(member.Kind, plain))
        {
            return null;
        }
        try
        {
            return member.Kind switch
            {
                MemberKind.Text => Text(plain),
                MemberKind.Texts => Texts(plain, lenient),
                MemberKind.Integer => LanguagePrimitives.ConvertTo<long>(plain),
                MemberKind.Truth => Truth(plain),
                MemberKind.Time => Time(plain),
                _ => Model(member, plain, lenient),
            };
        }
        catch (Exception error) when (error is InvalidCastException or FormatException or ArgumentException or OverflowException or System.Text.Json.JsonException)
        {
            if (lenient)
            {
                return null;
            }
            throw new PSInvalidCastException($"{member.Name}: {error.Message}", error);
        }
    }

    /// <summary>Whether a value is one text or number, and no object or list.</summary>
    internal static bool IsPlain(object value) => (value is PSObject wrapped ? wrapped.BaseObject : value) is string or char or Guid or ValueType;

    private static bool Fits(MemberKind kind, object value) => kind switch
    {
        MemberKind.Text or MemberKind.Time => value is string,
        MemberKind.Texts => value is object[],
        MemberKind.Integer => value is int or long,
        MemberKind.Truth => value is bool,
        _ => value is IDictionary,
    };

    private static string Text(object value) => value switch
    {
        string text => text,
        IDictionary or PSObject or OpenModel => throw new InvalidCastException("a text is wanted, not an object"),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };

    private static string?[] Texts(object value, bool lenient) => value is IEnumerable many and not string
        ? many.Cast<object?>().Select(item => item is null || (lenient && item is not string) ? null : Text(item)).ToArray()
        : [Text(value)];

    /// <summary>PowerShell counts every text but the empty one as true; here a text has to say what it means.</summary>
    private static bool Truth(object value) => value switch
    {
        SwitchParameter given => given.IsPresent,
        string text => bool.TryParse(text, out bool truth) ? truth : throw new FormatException($"\"{text}\" is neither true nor false"),
        _ => LanguagePrimitives.ConvertTo<bool>(value),
    };

    /// <summary>A zone is turned into UTC; a time without one stays as it is and counts as local when it is sent.</summary>
    private static DateTime Time(object value) => value switch
    {
        DateTime time => time,
        DateTimeOffset time => time.UtcDateTime,
        string text => Time(text),
        _ => LanguagePrimitives.ConvertTo<DateTime>(value),
    };

    /// <summary>The form in which services write a time is tried first: for all others .NET makes tables of the names of months and days.</summary>
    private static DateTime Time(string text) =>
        DateTime.TryParseExact(text, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out DateTime time)
            ? time
            : DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowWhiteSpaces);

    private static OpenModel Model(Member member, object value, bool lenient)
    {
        OpenModel model = member.Create!();
        if (value.GetType() == model.GetType())
        {
            return (OpenModel)value;
        }
        Source source = Source.Of(value) ?? throw new InvalidCastException($"Cannot convert the \"{value}\" value of type \"{value.GetType()}\" to type \"{model.GetType()}\".");
        model.Fill(source, lenient);
        return model;
    }
}
