using System;

namespace MgUpload.Models;

/// <summary>A known member of a model: its name in PowerShell, its name on the wire, and what it holds.</summary>
internal sealed class Member
{
    private Member(string name, string json, MemberKind kind, Func<OpenModel>? create = null)
    {
        Name = name;
        Json = json;
        Kind = kind;
        Create = create;
    }

    internal string Name { get; }

    internal string Json { get; }

    internal MemberKind Kind { get; }

    /// <summary>Makes an empty model, for members that hold one.</summary>
    internal Func<OpenModel>? Create { get; }

    internal static Member Text(string name, string json) => new(name, json, MemberKind.Text);

    internal static Member Texts(string name, string json) => new(name, json, MemberKind.Texts);

    internal static Member Integer(string name, string json) => new(name, json, MemberKind.Integer);

    internal static Member Truth(string name, string json) => new(name, json, MemberKind.Truth);

    internal static Member Time(string name, string json) => new(name, json, MemberKind.Time);

    internal static Member Model(string name, string json, Func<OpenModel> create) => new(name, json, MemberKind.Model, create);
}
