namespace Microsoft.Graph.Beta.PowerShell.Runtime;

/// <inheritdoc/>
public interface IEventListener : Microsoft.Graph.PowerShell.Runtime.IEventListener;
