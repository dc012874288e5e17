using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>Models and identities have Microsoft's names and at least Microsoft's properties.</summary>
public sealed class ModelTests
{
    private static readonly ModuleAssembly s_module = new();
    private static readonly JsonElement s_classes = Vectors.Read("models.json").GetProperty("classes");

    public static IEnumerable<object[]> Classes() => s_classes.EnumerateObject().Select(static item => new object[] { item.Name });

    [Theory]
    [MemberData(nameof(Classes))]
    public void ModelHasMicrosoftsProperties(string name)
    {
        string face = name.Insert(name.LastIndexOf('.') + 1, "I");
        Assert.True(s_module.Has(name), name);
        Assert.True(s_module.Has(face), face);
        Dictionary<string, PropertyFacts> ofClass = s_module.PropertiesOf(name);
        Dictionary<string, PropertyFacts> ofInterface = s_module.PropertiesOf(face);
        foreach (JsonProperty property in s_classes.GetProperty(name).EnumerateObject())
        {
            Assert.Equal(property.Value.GetString(), ofClass[property.Name].Type);
            Assert.Equal(property.Value.GetString(), ofInterface[property.Name].Type);
        }
    }
}
