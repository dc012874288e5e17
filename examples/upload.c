/*
 * Creates an upload session for each file and uploads it, through mg_upload.h alone.
 *
 *   upload --graph URL --token T --user U --drive D [--chunk BYTES] [--parallel N] [--quiet] FILE...
 *
 * The token may also come from the environment (MGU_TOKEN), where other users of the machine do not see it. Prints one
 * line of JSON for each file, the outcome, on stdout, and progress on stderr. Exit status: 0 when every file has
 * arrived, 1 when one has not, 2 for a bad command line.
 */
#define _XOPEN_SOURCE 700
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mg_upload.h"

enum { MAX_PARALLEL = 64, WAIT_MILLIS = 200 };

struct arguments {
    const char *graph, *token, *user, *drive;
    /* A chunk of 0 bytes leaves the size to the library. */
    unsigned long long chunk, parallel;
    int quiet, files;
    char **file;
};

/* What the threads share: each takes the next file until there is none. */
struct work {
    const mgu_client *client;
    const struct arguments *arguments;
    pthread_mutex_t lock;
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

/* A string as JSON writes it, appended to `to`. */
static void append_json_string(FILE *to, const char *string) {
    fputc('"', to);
    for (const unsigned char *c = (const unsigned char *)string; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(to, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(to, "\\u%04x", *c);
        else
            fputc(*c, to);
    }
    fputc('"', to);
}

static char *create_request(const struct arguments *arguments, const char *path) {
    const char *slash = strrchr(path, '/');
    char *request = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&request, &length);
    if (!to)
        return NULL;
    fputs("{\"route\":\"MgUserDriveRootUploadSession\",\"ids\":{\"UserId\":", to);
    append_json_string(to, arguments->user);
    fputs(",\"DriveId\":", to);
    append_json_string(to, arguments->drive);
    fputs("},\"body\":{\"item\":{\"@microsoft.graph.conflictBehavior\":\"replace\",\"name\":", to);
    append_json_string(to, slash ? slash + 1 : path);
    fputs("}}}", to);
    return fclose(to) == 0 ? request : NULL;
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

/* Uploads a file into a session and prints the outcome. */
static int send_file(const struct work *work, const char *file, const char *path, mgu_text session) {
    mgu_upload_options options = {.size = sizeof options, .chunk_bytes = work->arguments->chunk};
    mgu_operation *operation = NULL;
    mgu_error *error = NULL;
    mgu_text outcome;
    if (mgu_session_upload_start(work->client, session, text(path), &options, &operation, &error) != MGU_STATUS_OK)
        return report_and_free(file, error);
    int failed = await(operation, file, work->arguments->quiet) != MGU_STATUS_OK ||
                 mgu_operation_result(operation, &outcome) != MGU_STATUS_OK;
    if (!failed)
        printf("%.*s\n", (int)outcome.len, (const char *)outcome.data);
    mgu_operation_free(operation);
    return failed;
}

static int upload(const struct work *work, const char *file) {
    mgu_text session;
    char *path = realpath(file, NULL);
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

static void *upload_next(void *of) {
    struct work *work = of;
    pthread_mutex_lock(&work->lock);
    while (work->next < work->arguments->files) {
        const char *file = work->arguments->file[work->next++];
        pthread_mutex_unlock(&work->lock);
        int failed = upload(work, file);
        pthread_mutex_lock(&work->lock);
        work->failures += failed;
    }
    pthread_mutex_unlock(&work->lock);
    return NULL;
}

static int upload_all(const mgu_client *client, const struct arguments *arguments) {
    struct work work = {client, arguments, PTHREAD_MUTEX_INITIALIZER, 0, 0};
    pthread_t threads[MAX_PARALLEL];
    unsigned long long further = 0;
    while (further + 1 < arguments->parallel && pthread_create(&threads[further], NULL, upload_next, &work) == 0)
        further++;
    upload_next(&work);
    while (further > 0)
        pthread_join(threads[--further], NULL);
    return work.failures;
}

/* Reads a whole number above zero with nothing after it; 0 where it is none. */
static unsigned long long number(const char *string) {
    char *end;
    unsigned long long value = strtoull(string, &end, 10);
    return isdigit((unsigned char)*string) && !*end ? value : 0;
}

static int usage(void) {
    fputs("usage: upload --graph URL --token T --user U --drive D [--chunk BYTES] [--parallel N] [--quiet] FILE...\n",
          stderr);
    return 2;
}

static int read_arguments(int argc, char **argv, struct arguments *to) {
    int at = 1, valid = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        const char *name = argv[at] + 2;
        if (strcmp(name, "quiet") == 0) {
            to->quiet = 1;
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
    return to->graph && to->token && to->user && to->drive && to->files > 0 ? 0 : usage();
}

int main(int argc, char **argv) {
    struct arguments arguments = {.token = getenv("MGU_TOKEN"), .parallel = 1};
    mgu_client *client = NULL;
    mgu_error *error = NULL;
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
        failures = upload_all(client, &arguments);
    mgu_client_free(client);
    return failures > 0;
}
