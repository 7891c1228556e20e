/* Small text files that options name: read whole, up to a bound. */
#ifndef SAVED_FILE_H
#define SAVED_FILE_H

#include <stdbool.h>
#include <stddef.h>

enum { SAVED_FILE_MAX_BYTES = 16 << 20 };

struct saved_file {
    char *text; /* not terminated; NULL when nothing was read */
    size_t len;
};

/* Reads the file at `path`; complains in the name of `option` ("--info") and returns false when that fails. */
bool saved_file_read(struct saved_file *file, const char *option, const char *path);
void saved_file_release(struct saved_file *file);

#endif
