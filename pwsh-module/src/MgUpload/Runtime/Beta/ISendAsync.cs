namespace Microsoft.Graph.Beta.PowerShell.Runtime;

/// <inheritdoc/>
public interface ISendAsync : Microsoft.Graph.PowerShell.Runtime.ISendAsync;
