#include "snapshot.h"

#include <fcntl.h>
#include <inttypes.h>
#include <render.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "memory_budget.h"
#include "progress.h"
#include "read_ahead.h"
#include "run_threads.h"
#include "tape.h"

static const char *shown_path(const struct file_facts *file)
{
    return strcmp(file->path, "-") == 0 ? "standard input" : file->path;
}

static struct rdb_options parser_options(const struct cli_options *options)
{
    struct rdb_options rdb_options = memory_budget_parser(&options->input.memory);
    rdb_options.skip_checksum = options->input.skip_checksum;
    rdb_options.deep = options->input.deep;
    rdb_options.joins_strings = true;
    return rdb_options;
}

/* Opens the file and what wraps it; `progress` is to outlive the source. */
static enum rdb_status open_source(struct rdb_source *source, struct progress *progress,
                                   const struct cli_options *options, const struct environment *environment,
                                   struct file_facts *file, struct rdb_error *error)
{
    struct rdb_source_info info = {.size_bytes = 0};
    enum rdb_status status = rdb_source_open(source, file->path, &info, error);
    if (status != RDB_OK)
        return status;
    file_facts_source(file, &info);
    if (environment->progress && !options->output.quiet)
        *source = progress_wrap(progress, *source, info.size_bytes);
    return RDB_OK;
}

enum rdb_status snapshot_parse(const struct cli_options *options, const struct environment *environment,
                               struct file_facts *file, rdb_sink *sink, void *context, struct rdb_error *error)
{
    struct rdb_source source;
    struct progress progress;
    const struct rdb_options rdb_options = parser_options(options);
    enum rdb_status status = open_source(&source, &progress, options, environment, file, error);
    if (status != RDB_OK)
        return status;
    bool is_plain_file = file->size_bytes != 0 && file->wrapping[0] == '\0';
    if (!is_plain_file && run_threads(options) > 1)
        source = read_ahead_wrap(source);
    status = rdb_parse(&source, &rdb_options, sink, context, error);
    rdb_source_close(&source);
    return status;
}

/* `fd`, if the source that was opened meanwhile is of the same file and nothing wraps the snapshot in it; else it is
 * closed, and -1. */
static int open_plain(const struct file_facts *file, int fd)
{
    struct stat opened, there;
    if (fd >= 0 && file != NULL && file->wrapping[0] == '\0' && fstat(fd, &opened) == 0 &&
        stat(file->path, &there) == 0 && opened.st_dev == there.st_dev && opened.st_ino == there.st_ino)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

enum rdb_status snapshot_parse_parts(const struct snapshot_parts *parts, const struct cli_options *options,
                                     const struct environment *environment, struct file_facts *file,
                                     struct rdb_error *error)
{
    struct rdb_source source;
    struct progress progress;
    struct rdb_options rdb_options = parser_options(options);
    rdb_options.pass_bytes = parts->bytes;
    rdb_options.pass_keys = parts->keys;
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    enum rdb_status status = open_source(&source, &progress, options, environment, file, error);
    fd = open_plain(status == RDB_OK ? file : NULL, fd);
    if (status != RDB_OK)
        return status;
    struct rdb_source taped = tape_source(parts->tape, &source, fd);
    status = rdb_parse(&taped, &rdb_options, parts->sink, parts->context, error);
    rdb_source_close(&source);
    return status;
}

void snapshot_show_key(char text[SNAPSHOT_KEY_SHOWN], const struct redactor *redactor, const uint8_t *bytes,
                       size_t held, uint64_t len)
{
    if (redactor != NULL) {
        uint8_t *hidden = xmalloc(REDACT_MAX(held));
        size_t hidden_len = redact_name(redactor, bytes, held, hidden);
        snapshot_show_key(text, NULL, hidden, hidden_len, hidden_len + (len - held));
        free(hidden);
        return;
    }
    static const char cut[] = "...";
    char whole[4 * SNAPSHOT_KEY_SHOWN + 4];
    size_t shown = held < SNAPSHOT_KEY_SHOWN ? held : SNAPSHOT_KEY_SHOWN;
    size_t used = name_print(whole, sizeof whole, NAME_ESCAPED, bytes, shown);
    bool fits = shown == len && used < SNAPSHOT_KEY_SHOWN;
    used = name_print(text, SNAPSHOT_KEY_SHOWN - (fits ? 1 : sizeof cut), NAME_ESCAPED, bytes, shown);
    memcpy(text + used, fits ? "" : cut, fits ? 1 : sizeof cut);
}

/* "dump.rdb: truncated at byte 1234, in key 'user:1': ..." without the path. */
static void describe(const struct rdb_error *error, const char *key, char *text, size_t size)
{
    snprintf(text, size, "%s at byte %" PRIu64 "%s%s%s: %s", rdb_status_name(error->status), error->offset,
             key[0] != '\0' ? ", in key '" : "", key, key[0] != '\0' ? "'" : "", error->message);
}

enum exit_status snapshot_complain_unread(const struct file_facts *file, const struct rdb_error *error)
{
    char text[320];
    if (error->status == RDB_ERR_READ) {
        complain("%s", error->message);
        return EXIT_STATUS_UNUSABLE;
    }
    describe(error, "", text, sizeof text);
    complain("%s: %s", shown_path(file), text);
    return error->status == RDB_ERR_TRUNCATED || error->status == RDB_ERR_CORRUPT ? EXIT_STATUS_DAMAGED
                                                                                  : EXIT_STATUS_UNUSABLE;
}

enum exit_status snapshot_note_failure(struct file_facts *file, const struct rdb_error *error, const char *key)
{
    file->partial = true;
    file->checksum = CHECKSUM_SKIPPED;
    file->snapshot_bytes = error->offset;
    describe(error, key, file->partial_reason, sizeof file->partial_reason);
    return error->status == RDB_ERR_NO_MEMORY ? EXIT_STATUS_UNUSABLE : EXIT_STATUS_DAMAGED;
}

static bool complain_damaged_keys(const struct file_facts *file)
{
    if (file->damaged_keys == 0)
        return false;
    const struct file_finding *first = &file->findings[0];
    if (file->finding_count != 0)
        complain("%s: %" PRIu64 " damaged %s; first finding at byte %" PRIu64 "%s%s%s: %s", shown_path(file),
                 file->damaged_keys, file->damaged_keys == 1 ? "value" : "values", first->offset,
                 first->key[0] != '\0' ? ", in key '" : "", first->key, first->key[0] != '\0' ? "'" : "",
                 first->message);
    else
        complain("%s: %" PRIu64 " damaged %s", shown_path(file), file->damaged_keys,
                 file->damaged_keys == 1 ? "value" : "values");
    return true;
}

enum exit_status snapshot_complain(const struct file_facts *file)
{
    bool damaged = complain_damaged_keys(file);
    if (file->partial) {
        complain("%s: %s", shown_path(file), file->partial_reason);
        damaged = true;
    }
    if (file->checksum == CHECKSUM_MISMATCH) {
        complain("%s: the checksum does not match: the file holds %016" PRIx64 ", its bytes give %016" PRIx64,
                 shown_path(file), file->checksum_stored, file->checksum_computed);
        damaged = true;
    }
    if (file->trailing_bytes != 0 && !file->trailing_is_aof) {
        complain("%s: %" PRIu64 " bytes follow the end of the snapshot at byte %" PRIu64, shown_path(file),
                 file->trailing_bytes, file->snapshot_bytes);
        damaged = true;
    }
    return damaged ? EXIT_STATUS_DAMAGED : EXIT_STATUS_DONE;
}
