using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace MgUpload.Conformance.Tests;

/// <summary>The compiled module, read as metadata: nothing of it is loaded or run.</summary>
internal sealed class ModuleAssembly
{
    private static readonly TypeNames s_names = new();
    private readonly MetadataReader _reader;
    private readonly Dictionary<string, TypeDefinition> _types = [];

    internal ModuleAssembly()
    {
        var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "MgUpload.dll")));
        _reader = file.GetMetadataReader();
        foreach (TypeDefinitionHandle handle in _reader.TypeDefinitions)
        {
            _types[s_names.GetTypeFromDefinition(_reader, handle, 0)] = _reader.GetTypeDefinition(handle);
        }
    }

    internal IEnumerable<string> TypeNames => _types.Keys;

    internal bool Has(string type) => _types.ContainsKey(type);

    /// <summary>The attributes of a type: name, positional values, named values.</summary>
    internal List<AttributeFacts> AttributesOf(string type) => Attributes(_types[type].GetCustomAttributes());

    /// <summary>The public properties of a type and of its bases in this assembly: type and attributes by name.</summary>
    internal Dictionary<string, PropertyFacts> PropertiesOf(string type)
    {
        var found = new Dictionary<string, PropertyFacts>();
        for (string? current = type; current is not null && _types.TryGetValue(current.Split('<')[0], out TypeDefinition definition); current = BaseOf(definition))
        {
            foreach (PropertyDefinition property in definition.GetProperties().Select(_reader.GetPropertyDefinition))
            {
                MethodDefinition getter = _reader.GetMethodDefinition(property.GetAccessors().Getter);
                if (getter.Attributes.HasFlag(System.Reflection.MethodAttributes.Public))
                {
                    string name = _reader.GetString(property.Name);
                    string kind = property.DecodeSignature(s_names, null).ReturnType;
                    found.TryAdd(name, new PropertyFacts(kind, Attributes(property.GetCustomAttributes())));
                }
            }
        }
        return found;
    }

    /// <summary>A generic base has no properties of its own here; its name leads to the plain class above it.</summary>
    private string? BaseOf(TypeDefinition type) => type.BaseType.Kind switch
    {
        _ when type.BaseType.IsNil => null,
        HandleKind.TypeDefinition => s_names.GetTypeFromDefinition(_reader, (TypeDefinitionHandle)type.BaseType, 0),
        HandleKind.TypeSpecification => s_names.GetTypeFromSpecification(_reader, null, (TypeSpecificationHandle)type.BaseType, 0),
        _ => null,
    };

    private List<AttributeFacts> Attributes(CustomAttributeHandleCollection handles)
    {
        var found = new List<AttributeFacts>();
        foreach (CustomAttribute attribute in handles.Select(_reader.GetCustomAttribute))
        {
            string type = attribute.Constructor.Kind == HandleKind.MemberReference
                ? s_names.GetTypeFromReference(_reader, (TypeReferenceHandle)_reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent, 0)
                : s_names.GetTypeFromDefinition(_reader, _reader.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType(), 0);
            if (type.StartsWith("System.Management.Automation.", StringComparison.Ordinal))
            {
                CustomAttributeValue<string> value = attribute.DecodeValue(s_names);
                found.Add(new AttributeFacts(
                    type["System.Management.Automation.".Length..].Replace("Attribute", string.Empty, StringComparison.Ordinal),
                    [.. value.FixedArguments.Select(static argument => argument.Value)],
                    value.NamedArguments.ToDictionary(static argument => argument.Name!, static argument => argument.Value)));
            }
        }
        return found;
    }
}
