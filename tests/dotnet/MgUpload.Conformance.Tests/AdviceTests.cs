using System;
using System.Linq;
using MgUpload.Native;
using MgUpload.Native.Abi;
using MgUpload.Results;
using System.Text.Json;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>The table from a failure's facts to advice, a row each.</summary>
public sealed class AdviceTests
{
    [Theory]
    // By reason: what the library itself has found.
    [InlineData(ErrorKind.Conflict, """{"reason":"inUse"}""", "other process")]
    [InlineData(ErrorKind.Conflict, """{"reason":"notCommitted"}""", "Complete-MgUploadSession")]
    [InlineData(ErrorKind.RangeRejected, """{"reason":"incomplete"}""", "Send-MgUploadSession")]
    [InlineData(ErrorKind.RangeRejected, """{"reason":"incomplete","openUpload":"a1"}""", "Resume-MgUploadSession -Id a1")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"unknownId"}""", "Get-MgUploadSession lists")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"tooSmall","family":"outlook"}""", "Send-MgUploadAttachment")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"notDraft"}""", "Attach to a draft")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"messageTooLarge"}""", "-MessageSizeLimit")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"contentType"}""", "PDF")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"tooSmall","family":"drive"}""", "Set-MgDriveItemContent")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"tooSmall","family":"print"}""", "empty file")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"tooLarge","family":"outlook"}""", "New-MgUserDriveItemUploadSession")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"tooLarge","family":"todo"}""", "New-MgUserDriveItemUploadSession")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"tooLarge","family":"print"}""", "in parts")]
    [InlineData(ErrorKind.InvalidInput, """{"reason":"tooLarge","family":"drive"}""", "Split")]
    // By fault: why no answer came.
    [InlineData(ErrorKind.Network, """{"fault":"Untrusted"}""", "SSL_CERT_FILE")]
    [InlineData(ErrorKind.Network, """{"fault":"ProxyDenied"}""", "HTTPS_PROXY")]
    [InlineData(ErrorKind.InvalidInput, """{"fault":"Unsendable"}""", "cannot be sent")]
    [InlineData(ErrorKind.Network, """{"fault":"Connect"}""", "Check the connection")]
    // By code or, where services tell no more, by words.
    [InlineData(ErrorKind.InvalidInput, """{"httpStatus":400,"code":"ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"}""", "Send-MgUploadAttachment")]
    [InlineData(ErrorKind.InvalidInput, """{"httpStatus":400,"code":"x","innerCodes":["ErrorMessageSizeExceeded"]}""", "35 MB")]
    [InlineData(ErrorKind.InvalidInput, """{"httpStatus":400,"code":"ErrorInvalidRequest","graphMessage":"The message is not a draft."}""", "Attach to a draft")]
    [InlineData(ErrorKind.InvalidInput, """{"httpStatus":400,"graphMessage":"File name not provided in url"}""", "root:/folder/name:")]
    [InlineData(ErrorKind.InvalidInput, """{"httpStatus":400,"graphMessage":"Cannot create an upload session on a folder"}""", "{folderId}:/name:")]
    [InlineData(ErrorKind.Conflict, """{"httpStatus":409,"method":"POST","withToken":true,"graphMessage":"An upload session already exists for this file"}""", "Remove-MgUploadSession")]
    [InlineData(ErrorKind.Conflict, """{"httpStatus":409,"method":"POST","withToken":true,"openUpload":"a1"}""", "Resume-MgUploadSession -Id a1 goes on with it, Remove-MgUploadSession -Id a1")]
    [InlineData(ErrorKind.Conflict, """{"httpStatus":423,"innerCodes":["resourceLocked"]}""", "checked out")]
    // By kind.
    [InlineData(ErrorKind.InvalidInput, """{"httpStatus":400}""", "service's message")]
    [InlineData(ErrorKind.InvalidInput, "{}", "nothing was sent")]
    [InlineData(ErrorKind.AbiMismatch, "{}", "Install the module anew")]
    [InlineData(ErrorKind.SourceMissing, "{}", "Check the path")]
    [InlineData(ErrorKind.SourceDenied, "{}", "permissions")]
    [InlineData(ErrorKind.SourceChanged, "{}", "nothing writes to the file")]
    [InlineData(ErrorKind.SourceChanged, """{"openUpload":"a1"}""", "Resume-MgUploadSession -Id a1 -Force")]
    [InlineData(ErrorKind.IntegrityMismatch, "{}", "Upload the file again")]
    [InlineData(ErrorKind.StateUnusable, "{}", "MGUPLOAD_STATE")]
    [InlineData(ErrorKind.Unauthenticated, "{}", "Connect-MgUpload")]
    [InlineData(ErrorKind.Forbidden, """{"withToken":false}""", "No token is sent")]
    [InlineData(ErrorKind.Forbidden, """{"withToken":true}""", "permissions")]
    [InlineData(ErrorKind.NotFound, "{}", "Check the ids")]
    [InlineData(ErrorKind.Conflict, """{"httpStatus":409,"method":"POST","withToken":true}""", "@microsoft.graph.conflictBehavior")]
    [InlineData(ErrorKind.Conflict, """{"httpStatus":409,"method":"POST","withToken":false}""", "Complete-MgUploadSession -ConflictBehavior")]
    [InlineData(ErrorKind.Conflict, """{"httpStatus":409,"method":"PUT","withToken":true}""", "Complete-MgUploadSession -ConflictBehavior")]
    [InlineData(ErrorKind.Throttled, "{}", "as long as the service asks")]
    [InlineData(ErrorKind.ServerFault, "{}", "request id")]
    [InlineData(ErrorKind.SessionExpired, "{}", "whether the file has arrived")]
    [InlineData(ErrorKind.RangeRejected, "{}", "only one process")]
    [InlineData(ErrorKind.QuotaExceeded, "{}", "can be gone on with")]
    [InlineData(ErrorKind.QuotaExceeded, """{"httpStatus":507,"method":"PUT","withToken":false}""", "can be gone on with")]
    [InlineData(ErrorKind.QuotaExceeded, """{"httpStatus":507,"method":"POST","withToken":true}""", "run the command again")]
    [InlineData(ErrorKind.UnexpectedAnswer, "{}", "proxy or gateway")]
    [InlineData(ErrorKind.Network, "{}", "Check the connection")]
    [InlineData(ErrorKind.Timeout, "{}", "Check the connection")]
    [InlineData(ErrorKind.OutOfResources, "{}", "ulimit")]
    [InlineData(ErrorKind.Cancelled, "{}", "Remove-MgUploadSession")]
    [InlineData(ErrorKind.BadCall, "{}", "please report")]
    [InlineData(ErrorKind.Panic, "{}", "please report")]
    [InlineData(ErrorKind.Unexpected, "{}", "please report")]
    public void FactsHaveTheirAdvice(ErrorKind kind, string details, string part)
    {
        using JsonDocument document = JsonDocument.Parse(details);
        Assert.Contains(part, Advice.For(Failure.Of(kind, "m", document.RootElement)), StringComparison.Ordinal);
    }

    [Fact]
    public void WhoFindsAFailureKnowsBest() => Assert.Equal("Do so.", Advice.For(new MgUploadException(ErrorKind.Network, "m") { Advice = "Do so." }));

    [Theory]
    [InlineData("exists", "-IfExists")]
    [InlineData("destinationNewer", "-Force")]
    [InlineData("folderInPlace", "rename one")]
    [InlineData("invalidName", "-NameMap")]
    [InlineData("reservedName", "Rename it")]
    [InlineData("nameTooLong", "Rename")]
    [InlineData("pathTooLong", "Rename")]
    [InlineData("caseCollision", "one of the two")]
    [InlineData("normalizationCollision", "one of the two")]
    [InlineData("danglingLink", "leads nowhere")]
    [InlineData("folder", "-Recurse")]
    public void AFileOfATreeHasAdviceByItsReason(string reason, string part) =>
        Assert.Contains(part, Advice.ForFile(new MgUploadException(ErrorKind.Conflict, "m"), reason), StringComparison.Ordinal);

    [Fact]
    public void WhatKeepsAFolderOutHasAdviceByTheFailuresOwnReason()
    {
        using JsonDocument document = JsonDocument.Parse("""{"reason":"fileInPlace"}""");
        Assert.Contains("rename one", Advice.ForFile(Failure.Of(ErrorKind.Conflict, "m", document.RootElement), null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reservedName")]
    [InlineData("nameTooLong")]
    [InlineData("pathTooLong")]
    public void OtherCharactersAreAdvisedWhereTheyHelp(string reason) =>
        Assert.DoesNotContain("-NameMap", Advice.ForFile(new MgUploadException(ErrorKind.InvalidInput, "m"), reason), StringComparison.Ordinal);

    [Theory]
    [InlineData(ErrorKind.SourceMissing, "{}", "its disk")]
    [InlineData(ErrorKind.SourceChanged, """{"openUpload":"a1"}""", "nothing writes to the file")]
    [InlineData(ErrorKind.Forbidden, """{"httpStatus":403,"withToken":false}""", "closed by a policy")]
    [InlineData(ErrorKind.Forbidden, """{"httpStatus":403,"withToken":true}""", "permissions")]
    [InlineData(ErrorKind.NotFound, """{"httpStatus":404,"method":"POST","withToken":true}""", "folder is still there")]
    [InlineData(ErrorKind.Conflict, """{"httpStatus":409,"code":"nameAlreadyExists","method":"POST","withToken":true}""", "-IfExists")]
    [InlineData(ErrorKind.Conflict, """{"httpStatus":409,"method":"POST","withToken":true}""", "run the same command again")]
    [InlineData(ErrorKind.Conflict, """{"httpStatus":409,"method":"POST","withToken":true,"graphMessage":"An upload session already exists for this file"}""", "within a day")]
    [InlineData(ErrorKind.Conflict, """{"httpStatus":423,"innerCodes":["resourceLocked"]}""", "checked out")]
    [InlineData(ErrorKind.Throttled, """{"httpStatus":429}""", "as long as the service asks, then run the same command again")]
    [InlineData(ErrorKind.ServerFault, """{"httpStatus":500}""", "later with the same command")]
    [InlineData(ErrorKind.SessionExpired, """{"httpStatus":404}""", "whether the file has arrived")]
    [InlineData(ErrorKind.RangeRejected, """{"httpStatus":416}""", "only one process")]
    [InlineData(ErrorKind.QuotaExceeded, """{"httpStatus":507,"method":"PUT","withToken":false}""", "Free space")]
    [InlineData(ErrorKind.Network, "{}", "Check the connection")]
    [InlineData(ErrorKind.Network, """{"fault":"Untrusted"}""", "SSL_CERT_FILE")]
    [InlineData(ErrorKind.Timeout, "{}", "Check the connection")]
    [InlineData(ErrorKind.Cancelled, "{}", "same command")]
    [InlineData(ErrorKind.IntegrityMismatch, "{}", "Upload the file again")]
    [InlineData(ErrorKind.Unauthenticated, "{}", "Connect-MgUpload")]
    public void ATreeIsAdvisedOfNoSession(ErrorKind kind, string details, string part)
    {
        using JsonDocument document = JsonDocument.Parse(details);
        foreach (string advice in new[] { Advice.ForTree(Failure.Of(kind, "m", document.RootElement)), Advice.ForFile(Failure.Of(kind, "m", document.RootElement), null) })
        {
            Assert.Contains(part, advice, StringComparison.Ordinal);
            // That of Connect-MgGraph is another.
            Assert.DoesNotContain("session", advice.Replace("its session is used", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("conflictBehavior", advice, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void WhoFindsAFailureOfATreeKnowsBest() => Assert.Equal("Do so.", Advice.ForFile(new MgUploadException(ErrorKind.Network, "m") { Advice = "Do so." }, null));

    [Fact]
    public void EveryKindHasARow()
    {
        var kinds = typeof(AdviceTests).GetMethod(nameof(FactsHaveTheirAdvice))!.GetCustomAttributesData().Where(static row => row.AttributeType == typeof(InlineDataAttribute))
            .Select(static row => (ErrorKind)(int)((System.Collections.ObjectModel.ReadOnlyCollection<System.Reflection.CustomAttributeTypedArgument>)row.ConstructorArguments[0].Value!)[0].Value!);
        Assert.Empty(Enum.GetValues<ErrorKind>().Except(kinds));
    }
}
