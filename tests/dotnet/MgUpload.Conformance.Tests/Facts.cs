using System.Collections.Generic;

namespace MgUpload.Conformance.Tests;

/// <summary>An attribute of PowerShell's: its name less "Attribute", and its values.</summary>
internal sealed record AttributeFacts(string Name, object?[] Values, Dictionary<string, object?> Named);

/// <summary>A property: its type and its attributes.</summary>
internal sealed record PropertyFacts(string Type, List<AttributeFacts> Attributes);
