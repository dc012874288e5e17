/*
 * Creates an upload session for each file and uploads it, through mg_upload.h alone; or goes on with what an earlier run has
 * left open; or sends files and folders, with all that is in them, as one operation. Plain C for Unix and Windows.
 *
 *   upload --graph URL --token T --user U --drive D [--chunk BYTES] [--parallel N] [--quiet] FILE...
 *   upload --graph URL --token T [--chunk BYTES] [--quiet] --resume ID
 *   upload --graph URL --token T --list
 *   upload --graph URL --token T --drive D [--parallel N] [--quiet] [--dry-run] --tree PATH...
 *
 * The token may also come from the environment (MGU_TOKEN), where other users of the machine do not see it. Prints one
 * line of JSON for each file, the outcome, on stdout, and progress on stderr; --list prints what is open, with the ids for
 * --resume; --tree prints the sums last, and with --dry-run only tells what would be sent. Exit status: 0 when all has been
 * done, 1 when it has not, 2 for a bad command line.
 */
#define _XOPEN_SOURCE 700
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mg_upload.h"

enum { MAX_PARALLEL = 64, WAIT_MILLIS = 200 };

/* What differs: threads, locks, absolute paths, and arguments in UTF-8, which all texts of the library are in. */
#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <shellapi.h>

typedef HANDLE thread;
typedef CRITICAL_SECTION lock;
#define THREAD_RESULT DWORD WINAPI
#define SEPARATORS "/\\:"

static int begin(thread *thread, LPTHREAD_START_ROUTINE run, void *with) {
    return (*thread = CreateThread(NULL, 0, run, with, 0, NULL)) != NULL;
}

static void await_thread(thread thread) {
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

static void lock_init(lock *lock) { InitializeCriticalSection(lock); }
static void lock_take(lock *lock) { EnterCriticalSection(lock); }
static void lock_give(lock *lock) { LeaveCriticalSection(lock); }

static char *utf8(const wchar_t *wide) {
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text = malloc(size > 0 ? (size_t)size : 1);
    if (text && WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL) > 0)
        return text;
    free(text);
    return NULL;
}

static char *absolute_path(const char *path) {
    wchar_t wide[4096], full[4096];
    int fits = MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 4096) > 0;
    DWORD length = fits ? GetFullPathNameW(wide, 4096, full, NULL) : 0;
    return length > 0 && length < 4096 ? utf8(full) : NULL;
}

static char **utf8_arguments(char **argv, int *argc) {
    LPWSTR *wide = CommandLineToArgvW(GetCommandLineW(), argc);
    char **all = wide ? calloc((size_t)*argc + 1, sizeof *all) : NULL;
    for (int at = 0; all && at < *argc; at++)
        if (!(all[at] = utf8(wide[at])))
            return argv;
    return all ? all : argv;
}
#else
#include <pthread.h>

typedef pthread_t thread;
typedef pthread_mutex_t lock;
#define THREAD_RESULT void *
#define SEPARATORS "/"

static int begin(thread *thread, void *(*run)(void *), void *with) {
    return pthread_create(thread, NULL, run, with) == 0;
}

static void await_thread(thread thread) { pthread_join(thread, NULL); }
static void lock_init(lock *lock) { pthread_mutex_init(lock, NULL); }
static void lock_take(lock *lock) { pthread_mutex_lock(lock); }
static void lock_give(lock *lock) { pthread_mutex_unlock(lock); }
static char *absolute_path(const char *path) { return realpath(path, NULL); }

static char **utf8_arguments(char **argv, int *argc) {
    (void)argc;
    return argv;
}
#endif

struct arguments {
    const char *graph, *token, *user, *drive, *resume;
    /* A chunk of 0 bytes leaves the size to the library. */
    unsigned long long chunk, parallel;
    int quiet, list, tree, dry_run, files;
    char **file;
};

/* What the threads share: each takes the next file until there is none. */
struct work {
    const mgu_client *client;
    const struct arguments *arguments;
    lock lock;
    int next, failures;
};

static mgu_text text(const char *string) {
    mgu_text text = {(const uint8_t *)string, strlen(string)};
    return text;
}

static void print_text(FILE *to, mgu_text text) {
    fwrite(text.data, 1, text.len, to);
}

static int report(const char *what, const mgu_error *error) {
    fprintf(stderr, "%s: ", what);
    print_text(stderr, mgu_error_message(error));
    fprintf(stderr, " (status %d)\n", (int)mgu_error_status(error));
    return 1;
}

static int report_and_free(const char *what, mgu_error *error) {
    report(what, error);
    mgu_error_free(error);
    return 1;
}

/* A text that grows; NULL once there was no memory for it. */
struct buffer {
    char *text;
    size_t length, size;
};

static void append(struct buffer *to, const char *bytes, size_t count) {
    if (to->length + count >= to->size) {
        to->size = 2 * (to->length + count) + 256;
        char *larger = to->text || to->length == 0 ? realloc(to->text, to->size) : NULL;
        if (!larger)
            free(to->text);
        to->text = larger;
    }
    if (to->text)
        memcpy(to->text + to->length, bytes, count);
    to->length += count;
    if (to->text)
        to->text[to->length] = '\0';
}

static void append_text(struct buffer *to, const char *string) {
    append(to, string, strlen(string));
}

/* A string as JSON writes it. */
static void append_json_string(struct buffer *to, const char *string) {
    char escaped[8];
    append_text(to, "\"");
    for (const unsigned char *c = (const unsigned char *)string; *c; c++) {
        int length = *c == '"' || *c == '\\' ? snprintf(escaped, sizeof escaped, "\\%c", *c)
                     : *c < 0x20               ? snprintf(escaped, sizeof escaped, "\\u%04x", *c)
                                               : snprintf(escaped, sizeof escaped, "%c", *c);
        append(to, escaped, (size_t)length);
    }
    append_text(to, "\"");
}

static char *create_request(const struct arguments *arguments, const char *path) {
    struct buffer to = {NULL, 0, 0};
    const char *name = path + strlen(path);
    while (name > path && !strchr(SEPARATORS, name[-1]))
        name--;
    append_text(&to, "{\"route\":\"MgUserDriveRootUploadSession\",\"ids\":{\"UserId\":");
    append_json_string(&to, arguments->user);
    append_text(&to, ",\"DriveId\":");
    append_json_string(&to, arguments->drive);
    append_text(&to, "},\"body\":{\"item\":{\"@microsoft.graph.conflictBehavior\":\"replace\",\"name\":");
    append_json_string(&to, name);
    append_text(&to, "}}}");
    return to.text;
}

/* Waits for an operation to end; shows what it has sent meanwhile. */
static mgu_status await(mgu_operation *operation, const char *file, int quiet) {
    mgu_progress progress = {.size = sizeof progress};
    mgu_status status;
    while ((status = mgu_operation_wait(operation, WAIT_MILLIS, &progress)) == MGU_STATUS_PENDING)
        if (!quiet && progress.bytes_total > 0)
            fprintf(stderr, "%s: %llu of %llu bytes\n", file, (unsigned long long)progress.bytes_done,
                    (unsigned long long)progress.bytes_total);
    if (status != MGU_STATUS_OK && mgu_operation_error(operation))
        report(file, mgu_operation_error(operation));
    return status;
}

/* Creates a session for a file. The outcome of the operation is the session. */
static mgu_operation *create(const struct work *work, const char *file, const char *path) {
    mgu_operation *operation = NULL;
    mgu_error *error = NULL;
    char *request = create_request(work->arguments, path);
    if (!request) {
        perror("upload");
        return NULL;
    }
    if (mgu_session_create_start(work->client, text(request), &operation, &error) != MGU_STATUS_OK)
        report_and_free(file, error);
    free(request);
    return operation;
}

/* Waits for an operation, prints its outcome and frees it. */
static int finish(mgu_operation *operation, const char *what, int quiet) {
    mgu_text outcome;
    int failed = await(operation, what, quiet) != MGU_STATUS_OK ||
                 mgu_operation_result(operation, &outcome) != MGU_STATUS_OK;
    if (!failed)
        printf("%.*s\n", (int)outcome.len, (const char *)outcome.data);
    mgu_operation_free(operation);
    return failed;
}

/* Uploads a file into a session. */
static int send_file(const struct work *work, const char *file, const char *path, mgu_text session) {
    mgu_upload_options options = {.size = sizeof options, .chunk_bytes = work->arguments->chunk};
    mgu_operation *operation = NULL;
    mgu_error *error = NULL;
    if (mgu_session_upload_start(work->client, session, text(path), &options, &operation, &error) != MGU_STATUS_OK)
        return report_and_free(file, error);
    return finish(operation, file, work->arguments->quiet);
}

/* Goes on with an upload that is on record on this machine. */
static int resume(const mgu_client *client, const struct arguments *arguments) {
    mgu_upload_options options = {.size = sizeof options, .chunk_bytes = arguments->chunk};
    mgu_operation *operation = NULL;
    mgu_error *error = NULL;
    if (mgu_journal_resume_start(client, text(arguments->resume), &options, &operation, &error) != MGU_STATUS_OK)
        return report_and_free(arguments->resume, error);
    return finish(operation, arguments->resume, arguments->quiet);
}

/* The request for a tree: what is named goes into the drive's root. */
static char *tree_request(const struct arguments *arguments) {
    struct buffer to = {NULL, 0, 0};
    char number[24];
    append_text(&to, "{\"recurse\":true,\"destination\":{\"driveId\":");
    append_json_string(&to, arguments->drive);
    append_text(&to, "},\"throttleLimit\":");
    snprintf(number, sizeof number, "%llu", arguments->parallel);
    append_text(&to, number);
    append_text(&to, arguments->dry_run ? ",\"dryRun\":true" : "");
    append_text(&to, ",\"sources\":[");
    for (int at = 0; at < arguments->files; at++) {
        char *path = absolute_path(arguments->file[at]);
        append_text(&to, at > 0 ? ",{\"path\":" : "{\"path\":");
        /* What is not there has a row that says so. */
        append_json_string(&to, path ? path : arguments->file[at]);
        append_text(&to, "}");
        free(path);
    }
    append_text(&to, "]}");
    return to.text;
}

/* Whether a row tells of a file that is not where it should be. */
static int is_failed(mgu_text row) {
    static const char mark[] = "\"status\":\"failed\"";
    size_t length = sizeof mark - 1;
    for (size_t at = 0; at + length <= row.len; at++)
        if (memcmp(row.data + at, mark, length) == 0)
            return 1;
    return 0;
}

/* Sends files and folders, and prints what becomes of each file as soon as it is settled. */
static int send_tree(const mgu_client *client, const struct arguments *arguments) {
    mgu_operation *operation = NULL;
    mgu_error *error = NULL;
    mgu_text row;
    mgu_status status;
    int failures = 0;
    char *request = tree_request(arguments);
    if (!request) {
        perror("upload");
        return 1;
    }
    status = mgu_tree_start(client, text(request), &operation, &error);
    free(request);
    if (status != MGU_STATUS_OK)
        return report_and_free("upload", error);
    while ((status = mgu_tree_next(operation, WAIT_MILLIS, &row, &error)) == MGU_STATUS_OK ||
           status == MGU_STATUS_PENDING)
        if (status == MGU_STATUS_OK) {
            printf("%.*s\n", (int)row.len, (const char *)row.data);
            failures += is_failed(row);
        }
    if (status != MGU_STATUS_END)
        failures += report_and_free("upload", error);
    return failures + finish(operation, "upload", arguments->quiet);
}

static int list(const mgu_client *client) {
    mgu_operation *operation = NULL;
    mgu_error *error = NULL;
    if (mgu_journal_list_start(client, &operation, &error) != MGU_STATUS_OK)
        return report_and_free("upload", error);
    return finish(operation, "upload", 1);
}

static int upload(const struct work *work, const char *file) {
    mgu_text session;
    char *path = absolute_path(file);
    if (!path) {
        perror(file);
        return 1;
    }
    mgu_operation *created = create(work, file, path);
    int failed = !created || await(created, file, 1) != MGU_STATUS_OK ||
                 mgu_operation_result(created, &session) != MGU_STATUS_OK || send_file(work, file, path, session);
    mgu_operation_free(created);
    free(path);
    return failed;
}

static THREAD_RESULT upload_next(void *of) {
    struct work *work = of;
    lock_take(&work->lock);
    while (work->next < work->arguments->files) {
        const char *file = work->arguments->file[work->next++];
        lock_give(&work->lock);
        int failed = upload(work, file);
        lock_take(&work->lock);
        work->failures += failed;
    }
    lock_give(&work->lock);
    return 0;
}

static int upload_all(const mgu_client *client, const struct arguments *arguments) {
    struct work work = {.client = client, .arguments = arguments};
    thread threads[MAX_PARALLEL];
    unsigned long long further = 0;
    lock_init(&work.lock);
    while (further + 1 < arguments->parallel && begin(&threads[further], upload_next, &work))
        further++;
    upload_next(&work);
    while (further > 0)
        await_thread(threads[--further]);
    return work.failures;
}

/* Reads a whole number above zero with nothing after it; 0 where it is none. */
static unsigned long long number(const char *string) {
    char *end;
    unsigned long long value = strtoull(string, &end, 10);
    return isdigit((unsigned char)*string) && !*end ? value : 0;
}

static int usage(void) {
    fputs("usage: upload --graph URL --token T --user U --drive D [--chunk BYTES] [--parallel N] [--quiet] FILE...\n"
          "       upload --graph URL --token T [--chunk BYTES] [--quiet] --resume ID\n"
          "       upload --graph URL --token T --list\n"
          "       upload --graph URL --token T --drive D [--parallel N] [--quiet] [--dry-run] --tree PATH...\n",
          stderr);
    return 2;
}

static int read_arguments(int argc, char **argv, struct arguments *to) {
    int at = 1, valid = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        const char *name = argv[at] + 2;
        int *flag = strcmp(name, "quiet") == 0     ? &to->quiet
                    : strcmp(name, "list") == 0    ? &to->list
                    : strcmp(name, "tree") == 0    ? &to->tree
                    : strcmp(name, "dry-run") == 0 ? &to->dry_run
                                                   : NULL;
        if (flag) {
            *flag = 1;
            continue;
        }
        if (++at == argc)
            return usage();
        if (strcmp(name, "graph") == 0)
            to->graph = argv[at];
        else if (strcmp(name, "token") == 0)
            to->token = argv[at];
        else if (strcmp(name, "user") == 0)
            to->user = argv[at];
        else if (strcmp(name, "drive") == 0)
            to->drive = argv[at];
        else if (strcmp(name, "resume") == 0)
            to->resume = argv[at];
        else if (strcmp(name, "chunk") == 0)
            valid = (to->chunk = number(argv[at])) > 0;
        else if (strcmp(name, "parallel") == 0)
            valid = (to->parallel = number(argv[at])) > 0 && to->parallel <= MAX_PARALLEL;
        else
            valid = 0;
        if (!valid)
            return usage();
    }
    to->file = argv + at;
    to->files = argc - at;
    int files = to->drive && to->files > 0, uploads = files && to->user && !to->tree, trees = files && to->tree;
    int modes = uploads + trees + !!to->resume + to->list;
    return to->graph && to->token && modes == 1 && to->dry_run <= trees ? 0 : usage();
}

int main(int argc, char **argv) {
    struct arguments arguments = {.token = getenv("MGU_TOKEN"), .parallel = 1};
    mgu_client *client = NULL;
    mgu_error *error = NULL;
    argv = utf8_arguments(argv, &argc);
    int failures = read_arguments(argc, argv, &arguments);
    if (failures)
        return failures;
    if (mgu_abi_version() != MGU_ABI_VERSION) {
        fprintf(stderr, "upload: built for ABI %d, and the library has %u\n", MGU_ABI_VERSION, mgu_abi_version());
        return 1;
    }
    mgu_client_options options = {.size = sizeof options, .graph_endpoint = text(arguments.graph)};
    if (mgu_client_new(&options, &client, &error) != MGU_STATUS_OK)
        return report_and_free("upload", error);
    if (mgu_client_set_token(client, text(arguments.token), &error) != MGU_STATUS_OK)
        failures = report_and_free("upload", error);
    else
        failures = arguments.list     ? list(client)
                   : arguments.resume ? resume(client, &arguments)
                   : arguments.tree   ? send_tree(client, &arguments)
                                      : upload_all(client, &arguments);
    mgu_client_free(client);
    return failures > 0;
}
