using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using MgUpload.Native.Tests;
using k8s;
using k8s.Models;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>The recipe for Kubernetes: it has the members that Kubernetes knows and no others, and its parts fit each other.</summary>
public sealed class DeployTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "deploy", "kubernetes");
    private static readonly List<object> s_objects = KubernetesYaml.LoadAllFromString(File.ReadAllText(Path.Combine(s_folder, "job.yaml")), strict: true);
    private static readonly V1Job s_job = s_objects.OfType<V1Job>().Single();
    private static readonly V1Container s_container = Assert.Single(s_job.Spec.Template.Spec.Containers);

    [Fact]
    public void EachPartIsDoneByOnePod()
    {
        Assert.Equal("Indexed", s_job.Spec.CompletionMode);
        Assert.Equal(s_job.Spec.Completions, s_job.Spec.Parallelism);
        Assert.Equal(s_job.Spec.Completions?.ToString(System.Globalization.CultureInfo.InvariantCulture), Variable("MGUPLOAD_SHARDS").Value);
        Assert.Equal("Never", s_job.Spec.Template.Spec.RestartPolicy);
    }

    [Fact]
    public void APartThatCannotSucceedIsGivenUp()
    {
        V1PodFailurePolicyRule rule = Assert.Single(s_job.Spec.PodFailurePolicy.Rules, static rule => rule.Action == "FailIndex");
        Assert.Equal(s_container.Name, rule.OnExitCodes.ContainerName);
        Assert.Equal([2], rule.OnExitCodes.Values);
        Assert.NotNull(s_job.Spec.BackoffLimitPerIndex);
    }

    [Fact]
    public void EachPodHasAStateOfItsOwnThatOutlivesIt()
    {
        V1EnvVar index = Variable("POD_INDEX");
        Assert.Equal("metadata.annotations['batch.kubernetes.io/job-completion-index']", index.ValueFrom.FieldRef.FieldPath);
        V1VolumeMount state = s_container.VolumeMounts.Single(static mount => mount.Name == "state");
        Assert.Contains("$(POD_INDEX)", state.SubPathExpr, System.StringComparison.Ordinal);
        string claim = s_job.Spec.Template.Spec.Volumes.Single(static volume => volume.Name == "state").PersistentVolumeClaim.ClaimName;
        Assert.Equal(s_objects.OfType<V1PersistentVolumeClaim>().Single().Metadata.Name, claim);
        Assert.Contains($"MGUPLOAD_STATE={state.MountPath}", File.ReadAllText(Path.Combine(s_folder, "Containerfile")), System.StringComparison.Ordinal);
    }

    [Fact]
    public void ThePodsSignInAsTheirServiceAccount()
    {
        V1ServiceAccount account = s_objects.OfType<V1ServiceAccount>().Single();
        Assert.Equal(account.Metadata.Name, s_job.Spec.Template.Spec.ServiceAccountName);
        Assert.Contains("azure.workload.identity/client-id", account.Metadata.Annotations.Keys);
        Assert.Equal("true", s_job.Spec.Template.Metadata.Labels["azure.workload.identity/use"]);
    }

    [Fact]
    public void TheEntryReadsWhatTheJobSets()
    {
        string entry = File.ReadAllText(Path.Combine(s_folder, "upload.ps1"));
        IEnumerable<string> read = Regex.Matches(entry, @"\$env:(MGUPLOAD_\w+)").Select(static match => match.Groups[1].Value).Distinct();
        IEnumerable<string> set = s_container.Env.Select(static variable => variable.Name).Where(static name => name.StartsWith("MGUPLOAD_", System.StringComparison.Ordinal));
        Assert.Equal(read.Order(), set.Order());
    }

    private static V1EnvVar Variable(string name) => s_container.Env.Single(variable => variable.Name == name);
}
