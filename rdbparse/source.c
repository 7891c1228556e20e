/* Tells wrappings by their first bytes and takes them off, one after the other. */
#include "source.h"
#include "error.h"

#include <stdio.h>
#include <string.h>

struct wrapping {
    const char *name;
    const char *magic; /* "" where only the probe can tell */
    uint8_t magic_len;
    rdb_wrapping_probe *probe; /* NULL where the magic says it all */
    rdb_wrapping_open *open;   /* NULL: nothing to take off */
};

static const struct wrapping wrappings[] = {
    [RDB_WRAPPING_NONE] = {"", "REDIS", 5, NULL, NULL},
    [RDB_WRAPPING_GZIP] = {"gzip", "\x1f\x8b", 2, NULL, rdb_open_gzip},
    [RDB_WRAPPING_ZSTD] = {"zstd", "\x28\xb5\x2f\xfd", 4, NULL, rdb_open_zstd},
    [RDB_WRAPPING_LZ4] = {"lz4", "\x04\x22\x4d\x18", 4, NULL, rdb_open_lz4},
    [RDB_WRAPPING_VCS] = {"vcs", "VCS", 3, rdb_probe_vcs, rdb_open_vcs},
    [RDB_WRAPPING_AOF_MANIFEST] = {"aof-manifest", "", 0, rdb_probe_manifest, rdb_open_manifest},
    [RDB_WRAPPING_REPLICATION] = {"replication", "", 0, rdb_probe_replication, rdb_open_replication},
};
enum { WRAPPINGS = sizeof wrappings / sizeof *wrappings };

/* The other magic of a snapshot. */
static const char valkey_magic[] = "VALKEY";

/* What people hand in by mistake. */
static const struct stranger {
    const char *magic;
    uint8_t magic_len;
    const char *text;
} strangers[] = {
    {"*", 1, "an append-only file without a snapshot in front of it; BGSAVE or SAVE writes one"},
    {"#TS:", 4, "an append-only file without a snapshot in front of it; BGSAVE or SAVE writes one"},
    {"-", 1, "an error reply of a server instead of a snapshot"},
    {"\x7f"
     "ELF",
     4, "a program (ELF)"},
    {"PK\x03\x04", 4, "a ZIP archive; unpack it first"},
    {"\xfd"
     "7zXZ",
     5, "xz-compressed; pipe it through xz -dc"},
    {"BZh", 3, "bzip2-compressed; pipe it through bzip2 -dc"},
    {"\x02\x21\x4c\x18", 4, "in LZ4's legacy format; pipe it through lz4 -dc"},
    {"SQLite format 3", 15, "an SQLite database"},
};

const char *rdb_wrapping_name(enum rdb_wrapping wrapping)
{
    return (size_t)wrapping < WRAPPINGS ? wrappings[wrapping].name : "";
}

static bool begins_with(const uint8_t *head, size_t len, const char *magic, size_t magic_len)
{
    return len >= magic_len && memcmp(head, magic, magic_len) == 0;
}

static bool is_beginning_of(const uint8_t *head, size_t len, const char *magic, size_t magic_len)
{
    return len < magic_len && memcmp(head, magic, len) == 0;
}

/* Finds the row of `wrappings`; WRAPPINGS if there is none. */
static size_t tell_wrapping(const uint8_t *head, size_t len)
{
    if (begins_with(head, len, valkey_magic, strlen(valkey_magic)))
        return RDB_WRAPPING_NONE;
    size_t i = 0;
    while (i < WRAPPINGS && !(begins_with(head, len, wrappings[i].magic, wrappings[i].magic_len) &&
                              (!wrappings[i].probe || wrappings[i].probe(head, len))))
        i++;
    return i;
}

/* Frames that zstd and LZ4 have in common and that carry no content. */
static bool is_skippable(const uint8_t *head, size_t len)
{
    return len >= 8 && (head[0] & 0xf0) == 0x50 && memcmp(head + 1, "\x2a\x4d\x18", 3) == 0;
}

static enum rdb_status skip_frame(struct rdb_feed *feed, struct rdb_error *error)
{
    const uint8_t *head = rdb_feed_head(feed);
    uint64_t left =
        8 + ((uint64_t)head[4] | (uint64_t)head[5] << 8 | (uint64_t)head[6] << 16 | (uint64_t)head[7] << 24);
    while (left > 0) {
        enum rdb_status status = rdb_feed_fill(feed, 1, error);
        if (status != RDB_OK)
            return status;
        size_t n = rdb_feed_len(feed);
        if (n == 0)
            return rdb_error_set(error, RDB_ERR_TRUNCATED, 0, "the data ends inside a skippable frame");
        n = left < n ? (size_t)left : n;
        rdb_feed_consume(feed, n);
        left -= n;
    }
    return RDB_OK;
}

/* Makes the first bytes of the feed available, behind frames without content. */
static enum rdb_status look(struct rdb_feed *feed, struct rdb_error *error)
{
    enum rdb_status status = rdb_feed_fill(feed, RDB_HEAD_BYTES, error);
    while (status == RDB_OK && is_skippable(rdb_feed_head(feed), rdb_feed_len(feed))) {
        status = skip_frame(feed, error);
        if (status == RDB_OK)
            status = rdb_feed_fill(feed, RDB_HEAD_BYTES, error);
    }
    return status;
}

static bool ends_inside_magic(const uint8_t *head, size_t len)
{
    if (is_beginning_of(head, len, valkey_magic, strlen(valkey_magic)))
        return true;
    for (size_t i = 0; i < WRAPPINGS; i++)
        if (is_beginning_of(head, len, wrappings[i].magic, wrappings[i].magic_len))
            return true;
    return false;
}

static enum rdb_status refuse(const struct rdb_feed *feed, struct rdb_error *error)
{
    const uint8_t *head = rdb_feed_head(feed);
    size_t len = rdb_feed_len(feed);
    if (len == 0)
        return rdb_error_set(error, RDB_ERR_NOT_RDB, 0, "there is nothing in it: it is empty");
    if (ends_inside_magic(head, len) || feed->failure.status != RDB_OK)
        return rdb_feed_ended(feed, "the data ends inside its first bytes", error);
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        if (begins_with(head, len, strangers[i].magic, strangers[i].magic_len))
            return rdb_error_set(error, RDB_ERR_NOT_RDB, 0, "this is %s", strangers[i].text);
    char bytes[8 * 3 + 1] = "";
    for (size_t i = 0; i < 8 && i < len; i++)
        snprintf(bytes + 3 * i, 4, " %02x", head[i]);
    return rdb_error_set(
        error, RDB_ERR_NOT_RDB, 0,
        "it starts with%s: neither a snapshot (REDIS, VALKEY) nor gzip, zstd, LZ4, VCS, an AOF manifest "
        "or a replication capture around one",
        bytes);
}

/* Takes `feed`. Stores the source inside; *plain says that it is the snapshot. */
static enum rdb_status take_off(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                                bool *plain, struct rdb_error *error)
{
    struct rdb_source_info *info = unwrap->info;
    enum rdb_status status = look(feed, error);
    size_t row = 0;
    if (status == RDB_OK) {
        row = tell_wrapping(rdb_feed_head(feed), rdb_feed_len(feed));
        if (row == WRAPPINGS)
            status = refuse(feed, error);
        else if (wrappings[row].open && info->wrapping_count == RDB_WRAPPINGS_MAX)
            status =
                rdb_error_set(error, RDB_ERR_LIMIT, 0, "more than %zu wrappings around each other", RDB_WRAPPINGS_MAX);
    }
    if (status != RDB_OK) {
        rdb_feed_free(feed);
        return status;
    }
    *plain = !wrappings[row].open;
    if (*plain)
        return rdb_layer_open(source, feed, &rdb_plain_decoder, NULL, error);
    info->wrappings[info->wrapping_count++] = (enum rdb_wrapping)row;
    return wrappings[row].open(source, feed, unwrap, error);
}

static enum rdb_status unwrap_all(struct rdb_source *source, struct rdb_source inner, struct rdb_unwrap *unwrap,
                                  struct rdb_error *error)
{
    bool plain = false;
    while (!plain) {
        struct rdb_feed *feed;
        *source = (struct rdb_source){0};
        enum rdb_status status = rdb_feed_new(&feed, inner, error);
        if (status == RDB_OK)
            status = take_off(source, feed, unwrap, &plain, error);
        if (status != RDB_OK)
            return status;
        inner = *source;
    }
    return RDB_OK;
}

enum rdb_status rdb_source_unwrap(struct rdb_source *source, struct rdb_source inner, struct rdb_source_info *info,
                                  struct rdb_error *error)
{
    struct rdb_source_info unasked;
    struct rdb_unwrap unwrap = {.info = info ? info : &unasked};
    *unwrap.info = (struct rdb_source_info){0};
    return unwrap_all(source, inner, &unwrap, error);
}

enum rdb_status rdb_source_open(struct rdb_source *source, const char *path, struct rdb_source_info *info,
                                struct rdb_error *error)
{
    struct rdb_source_info unasked;
    struct rdb_unwrap unwrap = {.path = strcmp(path, "-") == 0 ? NULL : path, .info = info ? info : &unasked};
    *unwrap.info = (struct rdb_source_info){0};
    struct rdb_source file;
    enum rdb_status status = rdb_source_file(&file, path, &unwrap.info->size_bytes, error);
    if (status != RDB_OK) {
        *source = (struct rdb_source){0};
        return status;
    }
    return unwrap_all(source, file, &unwrap, error);
}
