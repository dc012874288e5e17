/* What the programs of this folder share. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mg_upload.h"

/* Ends without what a program does at its end: a fork's child has no business with it. */
#define CHECK(holds)                                                                                                   \
    do                                                                                                                 \
        if (!(holds)) {                                                                                                \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #holds);                                  \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    while (0)

static inline mgu_text text(const char *string) {
    mgu_text text = {(const uint8_t *)string, strlen(string)};
    return text;
}

#endif
