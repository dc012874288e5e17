using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MgUpload.Native.Abi;

/// <summary>The exports of the C ABI, in the order of <c>include/mg_upload.h</c>; a test compares the two.</summary>
internal static unsafe partial class NativeMethods
{
    /// <summary>The name that <see cref="Library"/> turns into a full path.</summary>
    public const string LibraryName = "mg_upload";

    [LibraryImport(LibraryName, EntryPoint = "mgu_abi_version")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial uint AbiVersion();

    [LibraryImport(LibraryName, EntryPoint = "mgu_version")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial NativeText Version();

    [LibraryImport(LibraryName, EntryPoint = "mgu_client_new")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int ClientNew(in NativeClientOptions options, out ClientHandle client, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_client_set_route")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int ClientSetRoute(ClientHandle client, NativeText host, NativeText proxy, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_client_free")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial void ClientFree(nint client);

    [LibraryImport(LibraryName, EntryPoint = "mgu_attachment_look_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int AttachmentLookStart(ClientHandle client, NativeText request, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_attachment_send_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int AttachmentSendStart(ClientHandle client, NativeText request, NativeText path, in NativeUploadOptions options, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_print_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int PrintStart(ClientHandle client, NativeText request, NativeText path, in NativeUploadOptions options, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_print_state_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int PrintStateStart(ClientHandle client, NativeText request, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_error_status")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int ErrorStatus(nint error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_error_message")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial NativeText ErrorMessage(nint error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_error_details")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial NativeText ErrorDetails(nint error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_error_free")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial void ErrorFree(nint error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_journal_list_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int JournalListStart(ClientHandle client, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_journal_resume_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int JournalResumeStart(ClientHandle client, NativeText id, in NativeUploadOptions options, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_operation_wait")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int OperationWait(OperationHandle operation, uint millis, ref NativeProgress progress);

    [LibraryImport(LibraryName, EntryPoint = "mgu_operation_events")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int OperationEvents(OperationHandle operation, out NativeText json);

    [LibraryImport(LibraryName, EntryPoint = "mgu_operation_cancel")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial void OperationCancel(OperationHandle operation);

    [LibraryImport(LibraryName, EntryPoint = "mgu_operation_result")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int OperationResult(OperationHandle operation, out NativeText json);

    [LibraryImport(LibraryName, EntryPoint = "mgu_operation_error")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial nint OperationError(OperationHandle operation);

    [LibraryImport(LibraryName, EntryPoint = "mgu_operation_free")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial void OperationFree(nint operation);

    [LibraryImport(LibraryName, EntryPoint = "mgu_session_create_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int SessionCreateStart(ClientHandle client, NativeText request, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_session_describe_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int SessionDescribeStart(ClientHandle client, NativeText request, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_session_read_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int SessionReadStart(ClientHandle client, NativeText answer, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_session_query_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int SessionQueryStart(ClientHandle client, NativeText session, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_session_cancel_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int SessionCancelStart(ClientHandle client, NativeText session, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_session_upload_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int SessionUploadStart(ClientHandle client, NativeText session, NativeText path, in NativeUploadOptions options, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_session_commit_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int SessionCommitStart(ClientHandle client, NativeText session, NativeText conflict, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_client_set_token")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int ClientSetToken(ClientHandle client, NativeText token, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_client_answer_token")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int ClientAnswerToken(ClientHandle client, ulong number, NativeText token, ulong livesMillis, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_operation_token_wanted")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int OperationTokenWanted(OperationHandle operation, out ulong number, out int lack, out NativeText claims);

    [LibraryImport(LibraryName, EntryPoint = "mgu_tree_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int TreeStart(ClientHandle client, NativeText request, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_tree_resume_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int TreeResumeStart(ClientHandle client, NativeText id, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_tree_forget_start")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int TreeForgetStart(ClientHandle client, NativeText id, out OperationHandle operation, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_tree_next")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int TreeNext(OperationHandle operation, uint millis, out NativeText json, out ErrorHandle error);

    [LibraryImport(LibraryName, EntryPoint = "mgu_tree_running")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int TreeRunning(OperationHandle operation, out NativeText json);
}
