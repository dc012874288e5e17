/*
 * Written from mg_upload.h alone: everything that the library does, once.
 *
 *   alone GRAPH FILE FOLDER
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static char *copy(mgu_text text) {
    char *string = malloc(text.len + 1);
    CHECK(string);
    memcpy(string, text.data, text.len);
    string[text.len] = 0;
    return string;
}

/* The text of a member, up to the next quotation mark; NULL where there is none. */
static char *member(const char *json, const char *name) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":\"", name);
    const char *at = strstr(json, quoted);
    if (!at)
        return NULL;
    at += strlen(quoted);
    return copy((mgu_text){(const uint8_t *)at, strcspn(at, "\"")});
}

/* Waits for the end, frees the operation, and gives what it ended with: the result, or the error's details. */
static char *finish(mgu_operation *operation, mgu_status expected) {
    mgu_progress progress = {.size = sizeof progress};
    mgu_status status;
    mgu_text json = {0};
    while ((status = mgu_operation_wait(operation, 200, &progress)) == MGU_STATUS_PENDING)
        CHECK(mgu_operation_result(operation, &json) == MGU_STATUS_PENDING || progress.phase <= MGU_PHASE_DONE);
    CHECK(progress.phase == MGU_PHASE_DONE && progress.wait_millis == 0);
    const mgu_error *error = mgu_operation_error(operation);
    if (status != expected) {
        mgu_text message = mgu_error_message(error);
        fprintf(stderr, "%d: %.*s\n", (int)status, (int)message.len, (const char *)message.data);
    }
    CHECK(status == expected);
    if (status == MGU_STATUS_OK) {
        CHECK(!error && mgu_operation_result(operation, &json) == MGU_STATUS_OK);
    } else {
        CHECK(error && mgu_error_status(error) == status);
        CHECK(mgu_operation_result(operation, &json) == status);
        json = mgu_error_details(error);
    }
    char *end = copy(json);
    mgu_operation_free(operation);
    return end;
}

typedef mgu_status start_one(const mgu_client *, mgu_text, mgu_operation **, mgu_error **);

static char *run(start_one *start, const mgu_client *client, const char *json, mgu_status expected) {
    mgu_operation *operation = NULL;
    mgu_error *error = NULL;
    CHECK(start(client, text(json), &operation, &error) == MGU_STATUS_OK);
    CHECK(operation && !error);
    return finish(operation, expected);
}

/* A create request by the table of routes. */
static char *request(const char *drive, const char *item, const char *body) {
    static char json[1000];
    snprintf(json, sizeof json,
             "{\"route\":\"MgDriveItemUploadSession\",\"ids\":{\"DriveId\":\"%s\",\"DriveItemId\":\"%s\"},"
             "\"headers\":[[\"Prefer\",\"return=minimal\"]],\"body\":%s}",
             drive, item, body);
    return json;
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    const char *graph = argv[1], *file = argv[2], *folder = argv[3];
    mgu_client *client = NULL;
    mgu_operation *operation = NULL;
    mgu_error *error = NULL;
    CHECK(mgu_abi_version() == MGU_ABI_VERSION && mgu_version().len > 0);

    mgu_client_options options = {
        .size = sizeof options, .graph_endpoint = text("http://example.com"), .state_folder = text(folder)};
    CHECK(mgu_client_new(&options, &client, &error) == MGU_STATUS_INVALID_INPUT);
    CHECK(!client && error && mgu_error_status(error) == MGU_STATUS_INVALID_INPUT);
    mgu_error_free(error);
    error = NULL;
    options.graph_endpoint = text(graph);
    CHECK(mgu_client_new(&options, &client, &error) == MGU_STATUS_OK && client && !error);

    /* Without a token nothing comes of it, and the failure says its kind. */
    char *end = run(mgu_session_create_start, client, request("d", "root:/a.bin:", "{\"item\":{}}"),
                    MGU_STATUS_UNAUTHENTICATED);
    CHECK(strcmp(member(end, "kind"), "Unauthenticated") == 0);
    CHECK(mgu_client_set_token(client, text("token"), &error) == MGU_STATUS_OK);

    /* Bad requests are refused by the start itself. */
    CHECK(mgu_session_create_start(client, text("{\"route\":\"MgNothing\",\"ids\":{},\"body\":{}}"), &operation,
                                   &error) == MGU_STATUS_INVALID_INPUT);
    CHECK(!operation && error);
    mgu_error_free(error);
    error = NULL;

    end = run(mgu_session_describe_start, client, request("d", "root:/a.bin:", "{\"item\":{}}"), MGU_STATUS_OK);
    CHECK(strcmp(member(end, "method"), "POST") == 0 && strcmp(member(end, "family"), "drive") == 0);
    CHECK(strstr(end, "[\"Prefer\",\"return=minimal\"]"));
    end = run(mgu_session_create_start, client, request("missing", "root:/a.bin:", "{\"item\":{}}"),
              MGU_STATUS_NOT_FOUND);
    CHECK(strcmp(member(end, "code"), "itemNotFound") == 0);

    /* A session is made, asked and fed; its commit waits. */
    char *session = run(mgu_session_create_start, client,
                        request("d", "root:/a.bin:", "{\"item\":{},\"deferCommit\":true}"), MGU_STATUS_OK);
    CHECK(strcmp(member(session, "family"), "drive") == 0);
    end = run(mgu_session_query_start, client, session, MGU_STATUS_OK);
    CHECK(strstr(end, "nextExpectedRanges"));
    mgu_upload_options how = {.size = sizeof how,
                              .chunk_bytes = 320 * 1024,
                              .flags = MGU_UPLOAD_DEFER_COMMIT | MGU_UPLOAD_SHA256};
    CHECK(mgu_session_upload_start(client, text(session), text("relative"), &how, &operation, &error) ==
          MGU_STATUS_INVALID_INPUT);
    mgu_error_free(error);
    error = NULL;
    CHECK(mgu_session_upload_start(client, text(session), text(file), &how, &operation, &error) == MGU_STATUS_OK);
    end = finish(operation, MGU_STATUS_OK);
    CHECK(strstr(end, "\"committed\":false") && strlen(member(end, "sha256")) == 64);
    CHECK(mgu_session_commit_start(client, text(session), text("replace"), &operation, &error) == MGU_STATUS_OK);
    end = finish(operation, MGU_STATUS_OK);
    CHECK(strstr(end, "\"item\":{"));

    /* Another is cancelled under way, listed, and gone on with. */
    session = run(mgu_session_create_start, client, request("d", "root:/b.bin:", "{\"item\":{}}"), MGU_STATUS_OK);
    how.flags = 0;
    CHECK(mgu_session_upload_start(client, text(session), text(file), &how, &operation, &error) == MGU_STATUS_OK);
    mgu_operation_cancel(operation);
    end = finish(operation, MGU_STATUS_CANCELLED);
    char *id = member(end, "openUpload");
    if (id) { /* it may have been cancelled before it was on record */
        CHECK(mgu_journal_list_start(client, &operation, &error) == MGU_STATUS_OK);
        CHECK(strstr(finish(operation, MGU_STATUS_OK), id));
        CHECK(mgu_journal_resume_start(client, text(id), NULL, &operation, &error) == MGU_STATUS_OK);
    } else {
        CHECK(mgu_session_upload_start(client, text(session), text(file), &how, &operation, &error) == MGU_STATUS_OK);
    }
    end = finish(operation, MGU_STATUS_OK);
    CHECK(strstr(end, "\"committed\":true") && strcmp(member(end, "integrity"), "Verified") == 0);

    /* A third is given up. */
    session = run(mgu_session_create_start, client, request("d", "root:/c.bin:", "{\"item\":{}}"), MGU_STATUS_OK);
    CHECK(strstr(run(mgu_session_cancel_start, client, session, MGU_STATUS_OK), "\"alreadyGone\":false"));

    /* What is wrong with a call is no outcome. */
    mgu_progress newer = {.size = sizeof newer + 8};
    CHECK(mgu_operation_wait(NULL, 0, NULL) == MGU_STATUS_BAD_CALL);
    CHECK(mgu_session_describe_start(client, text(request("d", "root:/c.bin:", "{\"item\":{}}")), &operation,
                                     &error) == MGU_STATUS_OK);
    CHECK(mgu_operation_wait(operation, 0, &newer) == MGU_STATUS_BAD_CALL);
    CHECK(mgu_operation_wait(operation, 0, NULL) == MGU_STATUS_OK);
    mgu_operation_free(operation);
    mgu_client_free(client);
    return 0;
}
