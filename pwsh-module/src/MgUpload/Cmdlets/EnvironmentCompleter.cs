using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using MgUpload.Connection;
using MgUpload.Native;

namespace MgUpload.Cmdlets;

/// <summary>The names of the clouds.</summary>
internal sealed class EnvironmentCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Environments.All.Select(static cloud => cloud.Name).Where(name => name.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase)).Select(static name => new CompletionResult(name)).ToArray();
        }
        catch (MgUploadException)
        {
            // A completer has nowhere to say it; the cmdlet says it.
            return [];
        }
    }
}
