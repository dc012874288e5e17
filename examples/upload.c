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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mg_upload.h"

enum { MAX_PARALLEL = 64, WAIT_MILLIS = 200 };

struct arguments {
    const char *graph, *token, *user, *drive;
    unsigned long long chunk;
    int parallel, quiet, files;
    char **file;
};

/* One file on its way: first its session is created, then its bytes are sent. */
struct upload {
    mgu_operation *operation;
    const char *file;
    char *path;
    int sending;
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

static int start_create(const mgu_client *client, const struct arguments *arguments, struct upload *upload) {
    mgu_error *error = NULL;
    upload->path = realpath(upload->file, NULL);
    if (!upload->path) {
        perror(upload->file);
        return 1;
    }
    char *request = create_request(arguments, upload->path);
    if (!request) {
        perror("upload");
        return 1;
    }
    mgu_status status = mgu_session_create_start(client, text(request), &upload->operation, &error);
    free(request);
    return status == MGU_STATUS_OK ? 0 : report_and_free(upload->file, error);
}

/* The outcome of creating a session is the session. */
static int start_sending(const mgu_client *client, const struct arguments *arguments, struct upload *upload) {
    mgu_upload_options options = {sizeof options, arguments->chunk, 0, 0, 0};
    mgu_operation *created = upload->operation;
    mgu_error *error = NULL;
    mgu_text session;
    int failed = 1;
    upload->operation = NULL;
    if (mgu_operation_result(created, &session) == MGU_STATUS_OK) {
        failed = mgu_session_upload_start(client, session, text(upload->path), &options, &upload->operation, &error) !=
                 MGU_STATUS_OK;
        if (failed)
            report_and_free(upload->file, error);
    }
    mgu_operation_free(created);
    upload->sending = 1;
    return failed;
}

static void show_progress(const struct upload *upload, const mgu_progress *progress) {
    if (progress->bytes_total > 0)
        fprintf(stderr, "%s: %llu of %llu bytes\n", upload->file, (unsigned long long)progress->bytes_done,
                (unsigned long long)progress->bytes_total);
}

static void release(struct upload *upload) {
    mgu_operation_free(upload->operation);
    free(upload->path);
    memset(upload, 0, sizeof *upload);
}

/* Moves one upload on. Returns 0 while it runs, 1 when it has arrived, -1 when it has failed. */
static int advance(const mgu_client *client, const struct arguments *arguments, struct upload *upload) {
    mgu_progress progress = {.size = sizeof progress};
    mgu_text result;
    mgu_status status = mgu_operation_wait(upload->operation, WAIT_MILLIS, &progress);
    if (status == MGU_STATUS_PENDING) {
        if (upload->sending && !arguments->quiet)
            show_progress(upload, &progress);
        return 0;
    }
    if (status != MGU_STATUS_OK) {
        const mgu_error *error = mgu_operation_error(upload->operation);
        if (error)
            report(upload->file, error);
        return -1;
    }
    if (!upload->sending)
        return start_sending(client, arguments, upload) ? -1 : 0;
    mgu_operation_result(upload->operation, &result);
    print_text(stdout, result);
    putchar('\n');
    return 1;
}

static int upload_all(const mgu_client *client, const struct arguments *arguments) {
    struct upload slots[MAX_PARALLEL] = {{0}};
    int next = 0, running = 0, failures = 0;
    while (next < arguments->files || running > 0) {
        for (int slot = 0; slot < arguments->parallel; slot++) {
            struct upload *upload = &slots[slot];
            if (!upload->file && next < arguments->files) {
                upload->file = arguments->file[next++];
                if (start_create(client, arguments, upload)) {
                    failures++;
                    release(upload);
                    continue;
                }
                running++;
            }
            if (!upload->file)
                continue;
            int state = advance(client, arguments, upload);
            if (state != 0) {
                failures += state < 0;
                running--;
                release(upload);
            }
        }
    }
    return failures;
}

static int usage(void) {
    fputs("usage: upload --graph URL --token T --user U --drive D [--chunk BYTES] [--parallel N] [--quiet] FILE...\n",
          stderr);
    return 2;
}

static int read_arguments(int argc, char **argv, struct arguments *to) {
    int at = 1;
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
            to->chunk = strtoull(argv[at], NULL, 10);
        else if (strcmp(name, "parallel") == 0)
            to->parallel = atoi(argv[at]);
        else
            return usage();
    }
    to->file = argv + at;
    to->files = argc - at;
    if (!to->graph || !to->token || !to->user || !to->drive || to->files < 1 || to->parallel < 1 ||
        to->parallel > MAX_PARALLEL)
        return usage();
    return 0;
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
