using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using MgUpload.Native.Tests;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>What the 40 cmdlets declare is what Microsoft's declare.</summary>
public sealed class CmdletTests
{
    private static readonly ModuleAssembly s_module = new();
    private static readonly JsonElement s_vectors = Vectors.Read("new-cmdlets.json");

    /// <summary>What Microsoft's cmdlets do not have.</summary>
    private static readonly HashSet<string> s_ours = [.. Vectors.Read("intended-differences.json").GetProperty("parameters").EnumerateObject().Select(static parameter => parameter.Name)];

    public static IEnumerable<object[]> Names() => s_vectors.GetProperty("cmdlets").EnumerateArray().Select(static cmdlet => new object[] { cmdlet.GetProperty("name").GetString()! });

    [Theory]
    [MemberData(nameof(Names))]
    public void CmdletDeclaresWhatMicrosoftsDoes(string name)
    {
        JsonElement expected = s_vectors.GetProperty("cmdlets").EnumerateArray().Single(cmdlet => cmdlet.GetProperty("name").GetString() == name);
        string type = ClassOf(name);
        List<AttributeFacts> attributes = s_module.AttributesOf(type);

        AttributeFacts cmdlet = Assert.Single(attributes, static attribute => attribute.Name == "Cmdlet");
        Assert.Equal(name, $"{cmdlet.Values[0]}-{cmdlet.Values[1]}");
        Assert.Equal(expected.GetProperty("default").GetString(), cmdlet.Named["DefaultParameterSetName"]);
        Assert.Equal(expected.GetProperty("shouldProcess").GetBoolean(), cmdlet.Named["SupportsShouldProcess"]);
        Assert.Equal(2, cmdlet.Named["ConfirmImpact"]); // ConfirmImpact.Medium
        Assert.Equal("Medium", expected.GetProperty("confirmImpact").GetString());
        Assert.Equal(expected.GetProperty("helpUri").GetString(), cmdlet.Named["HelpUri"]);
        AttributeFacts output = Assert.Single(attributes, static attribute => attribute.Name == "OutputType");
        Assert.Equal(expected.GetProperty("output").EnumerateArray().Select(static item => item.GetString()), TypesOf(output));

        Dictionary<string, PropertyFacts> parameters = s_module.PropertiesOf(type)
            .Where(static property => property.Value.Attributes.Any(static attribute => attribute.Name == "Parameter") && !s_ours.Contains(property.Key))
            .ToDictionary();
        Assert.Equal(Declared(expected).Order(StringComparer.Ordinal), parameters.SelectMany(Lines).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ThereAreNoOtherNewCmdlets()
    {
        IEnumerable<string> classes = s_module.TypeNames.Where(static type => type.Contains(".PowerShell.Cmdlets.", StringComparison.Ordinal));
        Assert.Equal(Names().Select(static row => ClassOf((string)row[0])).Order(StringComparer.Ordinal), classes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheManifestExportsEveryCmdletByName()
    {
        string manifest = File.ReadAllText(Path.Combine(Repository.Root, "pwsh-module", "MgUpload.psd1"));
        IEnumerable<string> exported = Regex.Matches(manifest, "^        '([A-Z][a-z]+-[A-Za-z]+)'", RegexOptions.Multiline).Select(static match => match.Groups[1].Value);
        IEnumerable<string> declared = s_module.TypeNames
            .SelectMany(static type => s_module.AttributesOf(type))
            .Where(static attribute => attribute.Name == "Cmdlet")
            .Select(static attribute => $"{attribute.Values[0]}-{attribute.Values[1]}");
        Assert.Equal(declared.Order(StringComparer.Ordinal), exported.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheManifestHasTheVersionOfCargoToml()
    {
        string cargo = Regex.Match(File.ReadAllText(Path.Combine(Repository.Root, "Cargo.toml")), "(?m)^version = \"([^\"]+)\"").Groups[1].Value;
        string manifest = Regex.Match(File.ReadAllText(Path.Combine(Repository.Root, "pwsh-module", "MgUpload.psd1")), "ModuleVersion += '([^']+)'").Groups[1].Value;
        Assert.Equal(cargo, manifest);
    }

    private static string ClassOf(string name) =>
        $"Microsoft.Graph.{(name.StartsWith("New-MgBeta", StringComparison.Ordinal) ? "Beta." : string.Empty)}PowerShell.Cmdlets.{name.Replace("-", string.Empty, StringComparison.Ordinal)}";

    /// <summary>One line a parameter and set, with everything that binding depends on.</summary>
    private static IEnumerable<string> Declared(JsonElement cmdlet)
    {
        JsonElement shared = s_vectors.GetProperty("shared").GetProperty(cmdlet.GetProperty("version").GetString()!);
        foreach (JsonProperty set in cmdlet.GetProperty("sets").EnumerateObject())
        {
            foreach (string name in set.Value.EnumerateArray().Select(static item => item.GetString()!))
            {
                JsonElement parameter = cmdlet.GetProperty("own").TryGetProperty(name, out JsonElement own) ? own : shared.GetProperty(name);
                yield return Line(
                    set.Name,
                    name,
                    parameter.GetProperty("type").GetString()!,
                    parameter.GetProperty("mandatory").GetBoolean(),
                    parameter.TryGetProperty("pipeline", out _),
                    parameter.TryGetProperty("hidden", out _),
                    parameter.TryGetProperty("aliases", out JsonElement aliases) ? aliases.EnumerateArray().Select(static item => item.GetString()!) : [],
                    parameter.TryGetProperty("attributes", out JsonElement attributes) ? attributes.EnumerateArray().Select(static item => item.GetString()!) : []);
            }
        }
    }

    private static IEnumerable<string> Lines(KeyValuePair<string, PropertyFacts> parameter)
    {
        PropertyFacts facts = parameter.Value;
        IEnumerable<string> aliases = facts.Attributes.Where(static attribute => attribute.Name == "Alias")
            .SelectMany(static attribute => TypesOf(attribute));
        IEnumerable<string> others = facts.Attributes.Select(static attribute => attribute.Name).Where(static name => name is not ("Alias" or "Parameter"));
        foreach (AttributeFacts attribute in facts.Attributes.Where(static attribute => attribute.Name == "Parameter"))
        {
            Assert.DoesNotContain("Position", attribute.Named.Keys);
            Assert.DoesNotContain("ValueFromPipelineByPropertyName", attribute.Named.Keys);
            string[] sets = attribute.Named.TryGetValue("ParameterSetName", out object? set) ? [(string)set!] : ["CreateExpanded", "Create", "CreateViaIdentityExpanded", "CreateViaIdentity"];
            foreach (string name in sets)
            {
                yield return Line(name, parameter.Key, facts.Type, Is(attribute, "Mandatory"), Is(attribute, "ValueFromPipeline"), Is(attribute, "DontShow"), aliases, others);
            }
        }
    }

    private static string Line(string set, string name, string type, bool mandatory, bool pipeline, bool hidden, IEnumerable<string> aliases, IEnumerable<string> attributes) =>
        $"{set} -{name} {type} mandatory={mandatory} pipeline={pipeline} hidden={hidden} aliases=[{string.Join(' ', aliases)}] attributes=[{string.Join(' ', attributes.Order(StringComparer.Ordinal))}]";

    private static bool Is(AttributeFacts attribute, string name) => attribute.Named.TryGetValue(name, out object? value) && value is true;

    private static IEnumerable<string> TypesOf(AttributeFacts attribute) =>
        ((System.Collections.Immutable.ImmutableArray<System.Reflection.Metadata.CustomAttributeTypedArgument<string>>)attribute.Values[0]!).Select(static item => (string)item.Value!);
}
