/* What every command that reads a snapshot shares: opening and parsing it with progress, and saying in one line each
 * what was wrong with it. */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <rdbparse.h>

#include "cli_options.h"
#include "environment.h"
#include "exit_status.h"
#include "file_facts.h"

enum { SNAPSHOT_KEY_SHOWN = 64 };

/* Opens `file->path` and feeds `sink`. Returns what rdb_source_open or rdb_parse returned. */
enum rdb_status snapshot_parse(const struct cli_options *options, const struct environment *environment,
                               struct file_facts *file, rdb_sink *sink, void *context, struct rdb_error *error);

struct tape;
/* How keys are passed over, for other threads to parse: rdb_options.pass_bytes. */
struct snapshot_parts {
    struct tape *tape; /* what is read goes onto it */
    uint64_t bytes, keys;
    rdb_sink *sink; /* gets RDB_EVENT_PASSED instead of keys */
    void *context;
};
/* Likewise. */
enum rdb_status snapshot_parse_parts(const struct snapshot_parts *parts, const struct cli_options *options,
                                     const struct environment *environment, struct file_facts *file,
                                     struct rdb_error *error);

/* A name as messages show it: escaped, and shortened to fit. `bytes` holds the first `held` of its `len` bytes. */
void snapshot_show_key(char text[SNAPSHOT_KEY_SHOWN], const struct redactor *redactor, const uint8_t *bytes,
                       size_t held, uint64_t len);

/* Complains of a file of which nothing could be read; returns the exit status. */
enum exit_status snapshot_complain_unread(const struct file_facts *file, const struct rdb_error *error);
/* Marks the facts as partial, with the reason; returns the exit status. `key` is the one being read, "" for none. */
enum exit_status snapshot_note_failure(struct file_facts *file, const struct rdb_error *error, const char *key);
/* Complains of everything that was wrong with a file that was read, in one line each; returns the exit status. */
enum exit_status snapshot_complain(const struct file_facts *file);

#endif
