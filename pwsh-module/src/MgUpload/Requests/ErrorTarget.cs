using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using MgUpload.Models;
using MgUpload.Results;

namespace MgUpload.Requests;

/// <summary>What an error of a New- cmdlet is about: the ids, the headers and the body of its request.</summary>
internal static class ErrorTarget
{
    internal static PSObject Of(IEnumerable<IdValue> ids, IDictionary? headers, OpenModel body)
    {
        var target = new PSObject();
        foreach (IdValue id in ids)
        {
            target.Properties.Add(new PSNoteProperty(id.Name, id.Value));
        }
        target.Properties.Add(new PSNoteProperty("Headers", Masked.Of(headers)));
        target.Properties.Add(new PSNoteProperty("body", body));
        return target;
    }
}
