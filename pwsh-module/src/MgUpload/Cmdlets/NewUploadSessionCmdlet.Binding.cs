using System.Linq;
using MgUpload.Models;
using MgUpload.Native;
using MgUpload.Requests;

namespace MgUpload.Cmdlets;

/// <summary>The half that sorts what was bound: by name or through the pipeline, into ids and body.</summary>
public abstract partial class NewUploadSessionCmdlet
{
    /// <summary>Sorts what was bound into the ids of the path and the body.</summary>
    private (IdValue[] Ids, OpenModel Body) Resolve()
    {
        bool hasIds = Ids.Any(id => _named.Contains(id.Name)) || _named.Contains("InputObject");
        var identity = (Identity?)BoundIdentity;
        var body = (OpenModel?)BoundBody;
        if (Piped() is { } piped)
        {
            string[] keys = [.. ((OpenModel)NewBody()).Keys(), "deferCommit", OpenModel.OtherMembers];
            if (PipedInput.IsIdentity(piped, Ids.Select(static id => id.Name), keys, hasIds))
            {
                identity ??= Fill((Identity)NewIdentity(), piped);
                body = _named.Contains("BodyParameter") ? body : null;
            }
            else
            {
                body = OnlyBody(body, piped);
                identity = _named.Contains("InputObject") ? identity : null;
            }
        }
        IdValue[] ids = [.. Ids.Select(id => id with { Value = id.Value ?? identity?.Find(id.Name) })];
        foreach (IdValue id in ids.Where(static id => string.IsNullOrEmpty(id.Value)))
        {
            throw new MgUploadException(ErrorKind.InvalidInput, $"InputObject has null value for InputObject.{id.Name}") { Advice = $"Give the identity a {id.Name}." };
        }
        return (ids, body ?? ExpandedBody());
    }

    /// <summary>What came through the pipeline with this record, whichever parameter took it.</summary>
    private object? Piped()
    {
        if (Headers is not null && !_named.Contains(nameof(Headers)))
        {
            return Headers;
        }
        if (BoundIdentity is not null && !_named.Contains("InputObject"))
        {
            return BoundIdentity;
        }
        return BoundBody is not null && !_named.Contains("BodyParameter") ? BoundBody : null;
    }

    private OpenModel OnlyBody(OpenModel? bound, object piped)
    {
        var empty = (OpenModel)NewBody();
        if (_named.Contains("BodyParameter") || !empty.IsEmpty || AdditionalProperties is not null)
        {
            throw new MgUploadException(ErrorKind.InvalidInput, "There are two bodies: one from the pipeline and one from parameters.") { Advice = "Give the body once." };
        }
        if (bound is null)
        {
            empty.Fill(Source.Of(piped)!);
        }
        return bound ?? empty;
    }

    private OpenModel ExpandedBody()
    {
        var body = (OpenModel)NewBody();
        if (Source.Of(AdditionalProperties) is { } more)
        {
            body.Fill(more);
        }
        return body;
    }

    private static Identity Fill(Identity identity, object piped)
    {
        identity.Fill(Source.Of(piped)!);
        return identity;
    }
}
