using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.Json;
using MgUpload.Connection;
using MgUpload.Native;
using MgUpload.Results;

namespace MgUpload.Cmdlets;

/// <summary>Offers the ids of what is open here, by the beginning of the id or of the file's name.</summary>
internal sealed class OpenUploadCompleter : IArgumentCompleter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string begin = wordToComplete.Trim('\'', '"');
        return Open()
            .Where(open => open.Id.StartsWith(begin, StringComparison.OrdinalIgnoreCase) || open.Name.StartsWith(begin, StringComparison.OrdinalIgnoreCase))
            .Select(static open => new CompletionResult(open.Id, $"{open.Id} {Display.Text(open.Name)}", CompletionResultType.ParameterValue,
                Display.Text($"{open.Path} to {Display.Tail(open.Destination, 60)}, {open.PercentComplete} %, {open.State}")));
    }

    /// <summary>Nothing, rather than an error or a wait, where the list cannot be had.</summary>
    private static OpenUpload[] Open()
    {
        try
        {
            using Operation operation = (Connections.Current?.Client ?? Network.Anonymous).StartList();
            if (!operation.Wait(s_patience, out _))
            {
                return [];
            }
            using JsonDocument list = JsonDocument.Parse(operation.Result());
            return OpenUploadReader.Open(list.RootElement);
        }
        catch (MgUploadException)
        {
            return [];
        }
    }
}
