using System;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MgUpload.Models;

/// <summary>One plain value as JSON.</summary>
internal static class JsonScalar
{
    /// <summary>Appends the value; false when JSON has no form for it.</summary>
    internal static bool Append(StringBuilder text, object value)
    {
        switch (value)
        {
            case string or char or ScriptBlock or TimeSpan:
                AppendText(text, value.ToString() ?? string.Empty);
                return true;
            case bool truth:
                text.Append(truth ? "true" : "false");
                return true;
            case SwitchParameter given:
                text.Append(given.IsPresent ? "true" : "false");
                return true;
            case DateTime time:
                AppendText(text, OfTime(time));
                return true;
            case DateTimeOffset time:
                AppendText(text, time.ToString("o", CultureInfo.InvariantCulture));
                return true;
            case double number when !double.IsFinite(number):
            case float single when !float.IsFinite(single):
                return false;
            case sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal:
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                return true;
            case IFormattable formattable:
                AppendText(text, formattable.ToString(null, CultureInfo.InvariantCulture));
                return true;
            default:
                AppendText(text, value.ToString() ?? string.Empty);
                return true;
        }
    }

    /// <summary>Appends a quoted text.</summary>
    internal static void AppendText(StringBuilder text, string value)
    {
        text.Append('"');
        if (IsPlain(value))
        {
            text.Append(value);
        }
        else
        {
            text.Append(JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping));
        }
        text.Append('"');
    }

    /// <summary>A known time: UTC with seven digits; one without a zone counts as local.</summary>
    internal static string OfKnownTime(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    /// <summary>Whether nothing is to be escaped. Most texts are so, and the encoder takes milliseconds to load.</summary>
    private static bool IsPlain(string text)
    {
        foreach (char letter in text)
        {
            if (letter is < ' ' or > '~' or '"' or '\\')
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>A time among additional members keeps its zone; zero seconds are left out, as in Microsoft's modules.</summary>
    private static string OfTime(DateTime time)
    {
        string pattern = time.Ticks % TimeSpan.TicksPerMinute == 0 ? "yyyy-MM-ddTHH:mmK" : "yyyy-MM-ddTHH:mm:ss.FFFFFFFK";
        return time.ToString(pattern, CultureInfo.InvariantCulture);
    }
}
