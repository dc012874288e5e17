using System;
using System.Linq;
using System.Management.Automation;
using MgUpload.Native;
using MgUpload.Results;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>The table from kinds to categories, a row each.</summary>
public sealed class CategoryTests
{
    [Theory]
    [InlineData(ErrorKind.InvalidInput, ErrorCategory.InvalidArgument)]
    [InlineData(ErrorKind.AbiMismatch, ErrorCategory.NotSpecified)]
    [InlineData(ErrorKind.BadCall, ErrorCategory.NotSpecified)]
    [InlineData(ErrorKind.SourceMissing, ErrorCategory.ObjectNotFound)]
    [InlineData(ErrorKind.SourceDenied, ErrorCategory.PermissionDenied)]
    [InlineData(ErrorKind.SourceChanged, ErrorCategory.InvalidData)]
    [InlineData(ErrorKind.IntegrityMismatch, ErrorCategory.InvalidData)]
    [InlineData(ErrorKind.StateUnusable, ErrorCategory.ResourceUnavailable)]
    [InlineData(ErrorKind.Unauthenticated, ErrorCategory.AuthenticationError)]
    [InlineData(ErrorKind.Forbidden, ErrorCategory.PermissionDenied)]
    [InlineData(ErrorKind.NotFound, ErrorCategory.ObjectNotFound)]
    [InlineData(ErrorKind.Conflict, ErrorCategory.ResourceExists)]
    [InlineData(ErrorKind.Throttled, ErrorCategory.LimitsExceeded)]
    [InlineData(ErrorKind.ServerFault, ErrorCategory.ResourceUnavailable)]
    [InlineData(ErrorKind.SessionExpired, ErrorCategory.ResourceUnavailable)]
    [InlineData(ErrorKind.RangeRejected, ErrorCategory.InvalidResult)]
    [InlineData(ErrorKind.QuotaExceeded, ErrorCategory.LimitsExceeded)]
    [InlineData(ErrorKind.UnexpectedAnswer, ErrorCategory.InvalidResult)]
    [InlineData(ErrorKind.Network, ErrorCategory.ConnectionError)]
    [InlineData(ErrorKind.Timeout, ErrorCategory.OperationTimeout)]
    [InlineData(ErrorKind.Cancelled, ErrorCategory.OperationStopped)]
    [InlineData(ErrorKind.OutOfResources, ErrorCategory.ResourceUnavailable)]
    [InlineData(ErrorKind.Panic, ErrorCategory.NotSpecified)]
    [InlineData(ErrorKind.Unexpected, ErrorCategory.NotSpecified)]
    public void KindHasItsCategory(ErrorKind kind, ErrorCategory category) => Assert.Equal(category, Errors.CategoryOf(kind));

    [Fact]
    public void EveryKindHasARow()
    {
        int rows = typeof(CategoryTests).GetMethod(nameof(KindHasItsCategory))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Length;
        Assert.Equal(Enum.GetValues<ErrorKind>().Distinct().Count(), rows);
    }
}
