namespace MgUpload.Models;

/// <summary>What a known member holds.</summary>
internal enum MemberKind
{
    Text,
    Texts,
    Integer,
    Truth,
    Time,
    Model,
}
