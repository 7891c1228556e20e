/* What was gathered from one snapshot, or from several that are costed alike: all that a report is written from, held
 * beside the run that read it. A summary file (summary.h) is one of these on disk. */
#ifndef GATHERED_H
#define GATHERED_H

#include "cli_options.h"
#include "collect_run.h"
#include "environment.h"
#include "exit_status.h"
#include "file_facts.h"
#include "model/shape.h"

enum { GATHERED_PATH_MAX = 512, GATHERED_MAX_FILES = 1 << 16 };

/* One snapshot, as the list of files shows it. */
struct gathered_file {
    char path[GATHERED_PATH_MAX]; /* its end, where it is longer */
    char server_version[32];
    char trouble[320]; /* why it is damaged, partial or missing; "" when all is well */
    bool is_missing;   /* nothing of it was read */
    bool has_ctime, has_used_mem;
    int64_t ctime_ms;
    uint64_t used_mem, size_bytes, keys, expires;
    uint64_t key_bytes;   /* size_in_bytes of its keys */
    uint64_t table_bytes; /* of its own tables: each of several servers has its own */
    uint64_t slots;       /* of a cluster, with keys of it */
};

struct gathered {
    struct plan *plan; /* NULL: nothing was gathered yet */
    struct keyspace *keyspace;
    struct collection *collection;
    struct file_facts facts; /* of all files together */
    char shown_path[GATHERED_PATH_MAX];
    int64_t now_ms; /* the latest of theirs */
    size_t file_count, file_capacity;
    struct gathered_file *file;
};

struct gathered *gathered_new(void);
void gathered_free(struct gathered *gathered);
/* Makes the plan, the keyspace and the collection. */
void gathered_start(struct gathered *gathered, const struct plan_view *views, size_t count, const struct gather *gather,
                    int64_t now_ms);
struct gathered_file *gathered_add_file(struct gathered *gathered);
/* A file of which nothing could be read. */
void gathered_add_missing(struct gathered *gathered, const char *path, const char *why);
/* Whether both are costed alike: same server, allocator and settings. If not, says in what they differ. */
enum { GATHERED_MESSAGE_BYTES = 400 };
bool gathered_is_alike(const struct gathered *a, const struct gathered *b, char message[GATHERED_MESSAGE_BYTES]);
/* Adds what the other one has, which is alike or empty; an empty one becomes alike, gathering what `gather` says. */
void gathered_merge(struct gathered *gathered, const struct gathered *other, const struct gather *gather);
/* Puts stand-ins in place of all names of keys, for a summary that is handed on; only to be written after that.
 * Messages about files, which may name a key, are left out where `with_messages`: where those who read them did not
 * hide names.
 */
void gathered_hide_names(struct gathered *gathered, const struct redactor *redactor, bool with_messages);
/* Sorts the files by path, and makes the facts say what is missing of them. */
void gathered_end(struct gathered *gathered);

/* Reads a snapshot or a summary. NULL when nothing could be read of it (complained of). */
struct gathered *gathered_read(const char *path, const struct gather *gather, const struct cli_options *options,
                               const struct environment *environment, enum exit_status *status);
/* For `wanted`: every section of the report, and those about several files; with `is_saved` all that a summary may
 * hold. The caller frees it. */
bool *gathered_sections(bool is_saved);

/* Section files: one row a file, and what they come to. Nothing when there is only one. */
void gathered_write_files(const struct gathered *gathered, struct document *document);

#endif
