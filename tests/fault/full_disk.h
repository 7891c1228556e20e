/* A disk that is full after so many bytes, for each number of bytes: under standard output, or under the files of -o.
 */
#ifndef FULL_DISK_H
#define FULL_DISK_H

#include <stddef.h>
#include <stdio.h>

#include "exit_status.h"
#include "in_process.h"

/* What writes the same bytes each time it is called; messages go to the standard error of that moment. */
struct disk_writer {
    const char *what; /* for messages */
    void *context;
    enum exit_status (*print)(void *context, FILE *standard_output);
    enum exit_status (*save)(void *context, const char *path);
    size_t step; /* 1: every number of bytes is tried; under a sanitizer fewer */
};

/* Each time there is too little room the status must be EXIT_STATUS_UNUSABLE, a line must say why, and what was
 * written must be the beginning of what is written with room. Both return how many bytes that is, all of which but the
 * last one were room in the last try. */
size_t full_disk_print(const struct disk_writer *writer);
/* Into a file `name` in a folder of its own: afterwards the file that was there is as it was, and nothing beside it. */
size_t full_disk_save(const struct disk_writer *writer, const char *name);

#endif
