using System.Collections.Generic;

namespace MgUpload.Build;

/// <summary>What a runner of tests counted. One that broke before it could count has one failure.</summary>
internal readonly record struct Outcome(int Passed, int Failed, int Skipped)
{
    public static readonly Outcome Broken = new(0, 1, 0);

    public static Outcome operator +(Outcome one, Outcome other) =>
        new(one.Passed + other.Passed, one.Failed + other.Failed, one.Skipped + other.Skipped);

    /// <summary>One check that has no counts of its own.</summary>
    public static Outcome Of(bool passed) => passed ? new(1, 0, 0) : Broken;

    /// <summary>
    /// Counts that were read from a runner's own report. INVARIANT: a runner that ended badly without a failed test, or that
    /// ran nothing at all, has not passed.
    /// </summary>
    public Outcome EndedWith(int status) =>
        Failed == 0 && (status != 0 || Passed + Skipped == 0) ? this + Broken : this;
}
