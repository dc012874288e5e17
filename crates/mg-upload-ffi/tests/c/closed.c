/*
 * A host that opens the library by itself, and closes it while threads of it wind down:
 *
 *   closed LIBRARY FOLDER
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

#define LOAD(name) __typeof__(name) *load_##name = (__typeof__(name) *)dlsym(handle, #name)

static const char *library, *folder;
static int with_work;

/* Lets go of everything while threads begin or work. */
static void *work(void *handle) {
    LOAD(mgu_client_new);
    LOAD(mgu_client_free);
    LOAD(mgu_journal_list_start);
    LOAD(mgu_operation_free);
    mgu_client_options options = {
        .size = sizeof options, .graph_endpoint = text("https://graph.microsoft.com"), .state_folder = text(folder)};
    mgu_client *client = NULL;
    mgu_operation *operation = NULL;
    CHECK(load_mgu_client_new(&options, &client, NULL) == MGU_STATUS_OK);
    if (with_work)
        CHECK(load_mgu_journal_list_start(client, &operation, NULL) == MGU_STATUS_OK);
    load_mgu_operation_free(operation);
    load_mgu_client_free(client);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    library = argv[1], folder = argv[2];
    alarm(60); /* what hangs ends by a signal */
    for (int round = 0; round < 40; round++) {
        with_work = round % 2;
        pthread_t thread;
        void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
        CHECK(handle);
        /* On a thread of its own: while one that has called the library lives, the loader may keep it anyway. */
        CHECK(pthread_create(&thread, NULL, work, handle) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
        CHECK(dlclose(handle) == 0);
    }
    /* Nor is it unloaded once they have ended, as far as anybody can tell. */
    usleep(300000);
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    CHECK(dlclose(handle) == 0);
    CHECK(dlopen(library, RTLD_NOW | RTLD_NOLOAD));
    return 0;
}
