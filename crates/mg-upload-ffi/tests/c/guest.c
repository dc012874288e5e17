/*
 * A host that has plans of its own for its signals, threads and forks. Each test is a run of its own:
 *
 *   guest TEST GRAPH SILENT FILE FOLDER
 *
 * GRAPH answers as Graph does, SILENT takes everything and says nothing.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static const char *graph, *silent, *file, *folder;

static mgu_client *client_of(const char *endpoint) {
    mgu_client_options options = {
        .size = sizeof options, .graph_endpoint = text(endpoint), .state_folder = text(folder)};
    mgu_client *client = NULL;
    CHECK(mgu_client_new(&options, &client, NULL) == MGU_STATUS_OK);
    CHECK(mgu_client_set_token(client, text("token"), NULL) == MGU_STATUS_OK);
    return client;
}

static const char request[] = "{\"route\":\"MgDriveRootUploadSession\",\"ids\":{\"DriveId\":\"d\"},"
                              "\"body\":{\"item\":{\"name\":\"a\"}}}";

static mgu_operation *create(const mgu_client *client) {
    mgu_operation *operation = NULL;
    CHECK(mgu_session_create_start(client, text(request), &operation, NULL) == MGU_STATUS_OK);
    return operation;
}

/* Creates a session and sends the file into it. */
static void upload(const mgu_client *client) {
    mgu_operation *created = create(client), *uploaded = NULL;
    mgu_text session;
    CHECK(mgu_operation_wait(created, 20000, NULL) == MGU_STATUS_OK);
    CHECK(mgu_operation_result(created, &session) == MGU_STATUS_OK);
    CHECK(mgu_session_upload_start(client, session, text(file), NULL, &uploaded, NULL) == MGU_STATUS_OK);
    CHECK(mgu_operation_wait(uploaded, 20000, NULL) == MGU_STATUS_OK);
    mgu_operation_free(uploaded);
    mgu_operation_free(created);
}

static pthread_t handled_by;
static volatile sig_atomic_t handled;

static void handle(int signal) {
    (void)signal;
    handled_by = pthread_self();
    handled = 1;
}

/* Whether every thread but this one blocks every signal that can be blocked; at least one there must be. */
static int others_block_all(void) {
    char path[300], line[300];
    int others = 0, blocking = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *task; (task = readdir(tasks));) {
        if (task->d_name[0] == '.' || atoi(task->d_name) == getpid())
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
        FILE *status = fopen(path, "r");
        if (!status)
            continue; /* it has just ended */
        others++;
        while (fgets(line, sizeof line, status)) {
            unsigned long long blocked;
            if (sscanf(line, "SigBlk: %llx", &blocked) != 1)
                continue;
            unsigned long long missing = ~blocked;
            for (int never = 0; never < 4; never++) /* SIGKILL, SIGSTOP, and glibc's own two */
                missing &= ~(1ull << ((int[]){SIGKILL, SIGSTOP, 32, 33}[never] - 1));
            blocking += missing == 0;
        }
        fclose(status);
    }
    closedir(tasks);
    return others > 0 && others == blocking;
}

static void signals(void) {
    struct sigaction before[65], after, own = {.sa_handler = handle};
    sigset_t mask, then, waited;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGUSR1, &own, NULL);
    for (int signal = 1; signal < 65; signal++)
        if (sigaction(signal, NULL, &before[signal]) != 0)
            before[signal].sa_handler = SIG_ERR;

    mgu_client *client = client_of(graph);
    upload(client);
    mgu_operation *waiting = create(client);
    CHECK(mgu_operation_wait(waiting, 20000, NULL) == MGU_STATUS_OK);

    for (int signal = 1; signal < 65; signal++)
        if (before[signal].sa_handler != SIG_ERR) {
            sigaction(signal, NULL, &after);
            CHECK(after.sa_handler == before[signal].sa_handler);
        }
    pthread_sigmask(SIG_SETMASK, NULL, &then);
    for (int signal = 1; signal < 32; signal++)
        CHECK(sigismember(&then, signal) == sigismember(&mask, signal));
    CHECK(others_block_all());

    /* What this thread waits for, no other thread takes. */
    kill(getpid(), SIGTERM);
    sigemptyset(&waited);
    sigaddset(&waited, SIGTERM);
    CHECK(sigtimedwait(&waited, NULL, &(struct timespec){.tv_sec = 5}) == SIGTERM);
    kill(getpid(), SIGUSR1);
    usleep(100000);
    CHECK(!handled);
    sigemptyset(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    CHECK(handled && pthread_equal(handled_by, pthread_self()));
    mgu_operation_free(waiting);
    mgu_client_free(client);
}

static int refused(mgu_status status, mgu_error **error) {
    mgu_text message = mgu_error_message(*error);
    int told = memmem(message.data, message.len, "fork", 4) != NULL;
    mgu_error_free(*error);
    *error = NULL;
    return status == MGU_STATUS_INVALID_INPUT && told;
}

static void forked(void) {
    mgu_client *client = client_of(graph), *mute = client_of(silent);
    mgu_operation *running = create(mute), *done = create(client);
    CHECK(mgu_operation_wait(done, 20000, NULL) == MGU_STATUS_OK);
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        mgu_operation *operation = NULL;
        mgu_error *error = NULL;
        mgu_text json;
        CHECK(refused(mgu_session_create_start(client, text(request), &operation, &error), &error));
        CHECK(refused(mgu_journal_list_start(client, &operation, &error), &error));
        CHECK(refused(mgu_session_describe_start(client, text(request), &operation, &error), &error));
        CHECK(refused(mgu_client_set_token(client, text("other"), &error), &error));
        CHECK(operation == NULL);
        CHECK(mgu_operation_wait(running, 10000, NULL) == MGU_STATUS_BAD_CALL);
        CHECK(mgu_operation_result(done, &json) == MGU_STATUS_BAD_CALL);
        mgu_operation_cancel(running);
        mgu_operation_free(running);
        mgu_operation_free(done);
        mgu_client_free(client);
        mgu_client_free(mute);
        client = client_of(graph);
        upload(client);
        mgu_client_free(client);
        exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(mgu_operation_wait(running, 0, NULL) == MGU_STATUS_PENDING);
    upload(client);
    mgu_operation_free(running);
    mgu_operation_free(done);
    mgu_client_free(client);
    mgu_client_free(mute);
}

static mgu_operation *waited_for;
static mgu_client *made;

static void *wait_long(void *none) {
    mgu_operation_wait(waited_for, 1000, NULL);
    for (;;)
        pause();
    return none;
}

static void *make_clients(void *none) {
    for (;;) {
        mgu_client_free(client_of(graph));
        pthread_testcancel();
    }
    return none;
}

static void *ask_journal(void *none) {
    for (;;) {
        mgu_operation *operation = NULL;
        mgu_error *error = NULL;
        mgu_session_query_start(made, text("{\"journalId\":\"00\"}"), &operation, &error);
        mgu_error_free(error);
        mgu_operation_free(operation);
        pthread_testcancel();
    }
    return none;
}

/* Threads are cancelled in the middle of a call. */
static void cancelled(void) {
    void *(*work[])(void *) = {wait_long, make_clients, ask_journal};
    made = client_of(silent);
    waited_for = create(made);
    for (int round = 0; round < 6; round++)
        for (int which = 0; which < 3; which++) {
            pthread_t thread;
            void *end;
            CHECK(pthread_create(&thread, NULL, work[which], NULL) == 0);
            usleep(round * 5000);
            CHECK(pthread_cancel(thread) == 0);
            CHECK(pthread_join(thread, &end) == 0);
            CHECK(end == PTHREAD_CANCELED);
        }
    CHECK(mgu_operation_wait(waited_for, 0, NULL) == MGU_STATUS_PENDING);
    mgu_operation_free(waited_for);
    mgu_client_free(made);
}

/* Whether a failure says that the system gives no thread, and asks for no report. */
static int no_thread(mgu_status status, const mgu_error *error) {
    mgu_text message = mgu_error_message(error), details = mgu_error_details(error);
    return status == MGU_STATUS_OUT_OF_RESOURCES && memmem(message.data, message.len, "thread", 6) &&
           !memmem(details.data, details.len, "report", 6) && !memmem(details.data, details.len, "panic", 5);
}

/* Work that gets no thread has failed; or, where it `waits` for one, it waits on and can be cancelled. */
static void denied(mgu_operation *operation, int waits) {
    if (waits) {
        CHECK(mgu_operation_wait(operation, 500, NULL) == MGU_STATUS_PENDING);
        mgu_operation_cancel(operation);
        CHECK(mgu_operation_wait(operation, 20000, NULL) == MGU_STATUS_CANCELLED);
    } else {
        mgu_status status = mgu_operation_wait(operation, 20000, NULL);
        CHECK(no_thread(status, mgu_operation_error(operation)));
    }
    mgu_operation_free(operation);
}

/* No thread is to be had: neither for a new client nor, later, for names and files of one that is there. */
static void threadless(int waits) {
    char named[100];
    const char *port = strrchr(graph, ':');
    snprintf(named, sizeof named, "http://localhost%s", port);
    mgu_client *client = client_of(named), *numbered = client_of(graph), *other = NULL;
    mgu_client_options options = {
        .size = sizeof options, .graph_endpoint = text(graph), .state_folder = text(folder)};
    mgu_error *error = NULL;
    struct rlimit none = {0, 0}, before;
    CHECK(getrlimit(RLIMIT_NPROC, &before) == 0);
    none.rlim_max = before.rlim_max;
    CHECK(setrlimit(RLIMIT_NPROC, &none) == 0);
    int root = getuid() == 0;
    if (root)
        CHECK(setresuid(65534, 65534, 0) == 0); /* root has no limits */

    mgu_status status = mgu_client_new(&options, &other, &error);
    CHECK(no_thread(status, error));
    CHECK(other == NULL);
    mgu_error_free(error);
    /* A name is looked up by a thread. */
    denied(create(client), waits);
    mgu_operation *operation = create(numbered);
    if (waits) {
        denied(operation, waits); /* so does the journal */
    } else {
        CHECK(mgu_operation_wait(operation, 20000, NULL) == MGU_STATUS_OK);
        mgu_text session;
        mgu_operation *uploading = NULL;
        CHECK(mgu_operation_result(operation, &session) == MGU_STATUS_OK);
        CHECK(mgu_session_upload_start(numbered, session, text(file), NULL, &uploading, NULL) == MGU_STATUS_OK);
        denied(uploading, waits);
        mgu_operation_free(operation);
    }
    mgu_client_free(numbered);

    if (root)
        CHECK(setresuid(0, 0, 0) == 0);
    CHECK(setrlimit(RLIMIT_NPROC, &before) == 0);
    upload(client);
    mgu_client_free(client);
}

/* What a client takes from the environment it takes when it is made: the proxy and the state folder are the first ones. */
static void environment(void) {
    char later[400];
    snprintf(later, sizeof later, "%s-later", folder);
    CHECK(setenv("HTTPS_PROXY", graph, 1) == 0 && setenv("MGUPLOAD_STATE", folder, 1) == 0);
    mgu_client *near = NULL, *far = NULL;
    mgu_client_options options = {.size = sizeof options, .graph_endpoint = text(graph)};
    CHECK(mgu_client_new(&options, &near, NULL) == MGU_STATUS_OK);
    options.graph_endpoint = text("https://graph.invalid");
    CHECK(mgu_client_new(&options, &far, NULL) == MGU_STATUS_OK);
    CHECK(mgu_client_set_token(near, text("token"), NULL) == MGU_STATUS_OK);
    CHECK(mgu_client_set_token(far, text("token"), NULL) == MGU_STATUS_OK);
    CHECK(setenv("HTTPS_PROXY", silent, 1) == 0 && setenv("MGUPLOAD_STATE", later, 1) == 0);

    upload(near);
    CHECK(access(folder, F_OK) == 0);
    CHECK(access(later, F_OK) != 0);
    mgu_operation *refused = create(far); /* the test looks at who was asked to connect */
    CHECK(mgu_operation_wait(refused, 25000, NULL) == MGU_STATUS_NETWORK);
    mgu_operation_free(refused);
    mgu_client_free(far);
    mgu_client_free(near);
}

int main(int argc, char **argv) {
    if (argc < 6)
        return 2;
    alarm(60); /* what hangs ends by a signal */
    graph = argv[2], silent = argv[3], file = argv[4], folder = argv[5];
    if (strcmp(argv[1], "signals") == 0)
        signals();
    else if (strcmp(argv[1], "forked") == 0)
        forked();
    else if (strcmp(argv[1], "cancelled") == 0)
        cancelled();
    else if (strcmp(argv[1], "threadless") == 0)
        threadless(0);
    else if (strcmp(argv[1], "threadless-waits") == 0)
        threadless(1);
    else if (strcmp(argv[1], "environment") == 0)
        environment();
    else
        return 2;
    return 0;
}
