using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace MgUpload.Models;

/// <summary>
/// Writes models and plain values as JSON, in the layout of Microsoft's modules: two spaces, arrays of plain
/// values on one line, annotations before anything else.
/// </summary>
internal sealed class JsonText
{
    /// <summary>Far deeper than any body of Graph; what goes deeper contains itself.</summary>
    private const int DeepestLevel = 64;

    private readonly StringBuilder _out = new();
    private readonly Stack<string> _path = new();

    /// <summary>A model as JSON.</summary>
    internal static string Of(OpenModel model)
    {
        var text = new JsonText();
        text.Write(model);
        return text._out.ToString();
    }

    /// <summary>Named values as JSON.</summary>
    internal static string Of(IEnumerable<Property> members)
    {
        var text = new JsonText();
        text.WriteObject(members);
        return text._out.ToString();
    }

    private void Write(object value)
    {
        switch (value)
        {
            case PSObject { BaseObject: PSCustomObject }:
                WriteObject(Source.Of(value)!.Entries);
                break;
            case PSObject wrapped:
                Write(wrapped.BaseObject);
                break;
            case OpenModel or IDictionary:
                WriteObject(Source.Of(value)!.Entries);
                break;
            case byte[] bytes:
                JsonScalar.AppendText(_out, System.Convert.ToBase64String(bytes));
                break;
            case IEnumerable items and not string:
                WriteArray(items);
                break;
            default:
                WriteScalar(value);
                break;
        }
    }

    /// <summary>Annotations first: the service has refused bodies in which they follow a name. Then the others in their own order.</summary>
    private void WriteObject(IEnumerable<Property> members)
    {
        var ordered = new List<Property>();
        var others = new List<Property>();
        foreach (Property member in members)
        {
            if (member.Value is not null)
            {
                (member.Name.StartsWith('@') ? ordered : others).Add(member);
            }
        }
        ordered.AddRange(others);
        var names = new HashSet<string>(StringComparer.Ordinal);
        _out.Append('{');
        foreach ((string key, object? value) in ordered)
        {
            if (!names.Add(key))
            {
                throw new ArgumentException($"An item with the same key has already been added. Key: {key}");
            }
            Enter(key);
            _out.Append(names.Count > 1 ? ",\n" : "\n").Append(' ', 2 * _path.Count);
            JsonScalar.AppendText(_out, key);
            _out.Append(": ");
            Write(value!);
            _path.Pop();
        }
        _out.Append('\n').Append(' ', 2 * _path.Count).Append('}');
    }

    private void WriteArray(IEnumerable items)
    {
        object?[] all = items.Cast<object?>().ToArray();
        bool plain = all.All(static item => item is null || !IsComposite(item));
        string separator = plain ? " " : "\n";
        _out.Append('[');
        Enter("[]");
        for (int index = 0; index < all.Length; index++)
        {
            _out.Append(index > 0 ? "," : string.Empty).Append(separator);
            if (!plain)
            {
                _out.Append(' ', 2 * _path.Count);
            }
            if (all[index] is { } item)
            {
                Write(item);
            }
            else
            {
                _out.Append("null");
            }
        }
        _path.Pop();
        _out.Append(separator);
        if (!plain)
        {
            _out.Append(' ', 2 * _path.Count);
        }
        _out.Append(']');
    }

    private void WriteScalar(object value)
    {
        if (!JsonScalar.Append(_out, value))
        {
            throw new ArgumentException($"{string.Join('.', _path.Reverse())}: {Convert.ToString(value, CultureInfo.InvariantCulture)} has no form in JSON");
        }
    }

    private static bool IsComposite(object item) => item switch
    {
        PSObject { BaseObject: PSCustomObject } => true,
        PSObject wrapped => IsComposite(wrapped.BaseObject),
        string or byte[] => false,
        OpenModel or IEnumerable => true,
        _ => false,
    };

    private void Enter(string key)
    {
        _path.Push(key);
        if (_path.Count > DeepestLevel)
        {
            string[] top = [.. _path.Reverse().Take(4)];
            throw new ArgumentException($"{string.Join('.', top)}…: nested deeper than {DeepestLevel} levels; does it contain itself?");
        }
    }
}
