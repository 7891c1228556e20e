/* Runs a command of the program on bytes in memory, in this process: for fuzzing and for tests of many inputs. */
#ifndef IN_PROCESS_H
#define IN_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "exit_status.h"

enum { IN_PROCESS_WORDS_MAX = 16 };

/* Words of a command line. "IN" stands for the snapshot, "-o*.json" and its like for a file whose bytes go nowhere,
 * "EVERY" for --sections with all that there are. */
struct in_process_run {
    const char *command;
    const char *words[IN_PROCESS_WORDS_MAX];
};

struct in_process_output {
    char *text; /* what was written to standard output, with a NUL behind; freed by the caller */
    size_t len;
};

/* Aborts when the words are no command line, or the surroundings fail. Messages of the command go nowhere. */
enum exit_status in_process(const struct in_process_run *run, const uint8_t *snapshot, size_t size,
                            struct in_process_output *output);
/* Likewise, with these as standard output and standard error, which the caller closes. */
enum exit_status in_process_on(const struct in_process_run *run, const uint8_t *snapshot, size_t size, FILE *out,
                               FILE *messages);
/* NULL, or the first thing in `output` that a terminal must not get: "invalid UTF-8", "a control character". Sequences
 * that set a colour are the program's own. */
const char *in_process_unprintable(const struct in_process_output *output);

#endif
