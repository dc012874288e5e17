using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Text;

namespace MgUpload;

/// <summary>What MgUpload.Format.ps1xml shows of values: nothing that acts on the terminal, and no secret.</summary>
public static class Display
{
    private const char Ellipsis = '…';

    /// <summary>A text with its control characters as visible escapes; the values of a list behind commas.</summary>
    public static string Text(object? value) => value switch
    {
        null => string.Empty,
        string text => Visible(text),
        IEnumerable many => string.Join(", ", many.Cast<object?>().Select(Text)),
        _ => Visible(Convert.ToString(value, CultureInfo.CurrentCulture) ?? string.Empty),
    };

    /// <summary>The end of a path, percent-decoded: what tells destinations apart.</summary>
    public static string Tail(string? path, int width)
    {
        string text = Visible(Uri.UnescapeDataString(path ?? string.Empty)).TrimEnd(':');
        return text.Length <= width ? text : Ellipsis + text[^(width - 1)..];
    }

    /// <summary>An upload URL is a secret from its host on.</summary>
    public static string? Url(object? url) =>
        Uri.TryCreate(url?.ToString(), UriKind.Absolute, out Uri? address) && address.Scheme is "https" or "http" && address.PathAndQuery.Length > 1
            ? $"{address.Scheme}://{address.Authority}/{Ellipsis}"
            : Text(url);

    private static string Visible(string text)
    {
        if (!text.Any(IsHidden))
        {
            return text;
        }
        var shown = new StringBuilder();
        foreach (char one in text)
        {
            _ = IsHidden(one) ? shown.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)one:x}}}") : shown.Append(one);
        }
        return shown.ToString();
    }

    /// <summary>Controls, marks of direction, line and paragraph separators.</summary>
    private static bool IsHidden(char one) => char.GetUnicodeCategory(one) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
