/* A file that is being written: standard output, or a path that appears only when it is complete. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct output {
    FILE *stream;
    const char *path; /* borrowed; NULL: standard output */
    int error;        /* errno of a failed write that the caller saw; else 0 */
    char *temporary;  /* written first and renamed by output_commit; NULL for what cannot be replaced (a device) */
};

/* Opens `path` (NULL or "-": standard output). On failure complains and returns false. */
bool output_open(struct output *output, const char *path);
/* Flushes, closes, and puts the file in its place. Whatever went wrong since output_open (a full disk, a closed pipe)
 * is complained about here; then nothing is left under `path` and false is returned. */
bool output_commit(struct output *output);
/* Closes and removes what was written. */
void output_abandon(struct output *output);

#endif
