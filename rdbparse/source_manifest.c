/* The manifest of a multi-part append-only file: one line a file, pairs of key and value
 * (redis 7.0 src/aof.c, aofLoadManifestFromFile). The base file beside it takes its place; the incremental files are
 * commands, so only their size is told. */
#include "error.h"
#include "source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    LINE_BYTES_MAX = 1024, /* MANIFEST_MAX_LINE */
    NAME_BYTES_MAX = 255
};

struct manifest {
    const char *path;
    unsigned line;
    bool has_base;
    struct rdb_source_info *info;
};

struct manifest_entry {
    char file[NAME_BYTES_MAX + 1];
    char type;
    bool has_seq;
};

bool rdb_probe_manifest(const uint8_t *head, size_t len)
{
    while (len > 0 && *head == '#') {
        const uint8_t *end = memchr(head, '\n', len);
        if (!end)
            return false;
        len -= (size_t)(end + 1 - head);
        head = end + 1;
    }
    const uint8_t *end = memchr(head, '\n', len);
    size_t line = end ? (size_t)(end - head) : len;
    return line > 5 && memcmp(head, "file ", 5) == 0 && memmem(head, line, " seq ", 5) &&
           memmem(head, line, " type ", 6);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of a quoted word, escaped as sdscatrepr does. Returns the place behind it. */
static const char *unescape(const char *at, char *character)
{
    static const char from[] = "nrtab", to[] = "\n\r\t\a\b";
    if (*at != '\\' || at[1] == '\0') {
        *character = *at;
        return at + 1;
    }
    if (at[1] == 'x' && hex_digit(at[2]) >= 0 && hex_digit(at[3]) >= 0) {
        *character = (char)(hex_digit(at[2]) * 16 + hex_digit(at[3]));
        return at + 4;
    }
    const char *plain = strchr(from, at[1]);
    *character = plain ? to[plain - from] : at[1];
    return at + 2;
}

/* Takes the next word of a line, quoted or not. Returns the place behind it; NULL at the end of the line, and for a
 * word that is longer than `word` or has no closing quote (then *word is not empty). */
static const char *next_word(const char *at, char word[NAME_BYTES_MAX + 1])
{
    size_t len = 0;
    at += strspn(at, " \t\r");
    word[0] = '\0';
    if (*at == '\0')
        return NULL;
    bool quoted = *at == '"';
    at += quoted;
    while (len < NAME_BYTES_MAX && *at && (quoted ? *at != '"' : !strchr(" \t\r", *at))) {
        if (quoted)
            at = unescape(at, &word[len]);
        else
            word[len] = *at++;
        len++;
    }
    word[len] = '\0';
    if (quoted && *at == '"')
        return at + 1;
    return quoted || (*at && !strchr(" \t\r", *at)) ? NULL : at;
}

static bool read_entry(struct manifest_entry *entry, const char *line)
{
    char key[NAME_BYTES_MAX + 1], value[NAME_BYTES_MAX + 1];
    *entry = (struct manifest_entry){0};
    const char *at = line;
    while ((at = next_word(at, key)) != NULL) {
        at = next_word(at, value);
        if (!at)
            return false;
        if (strcmp(key, "file") == 0)
            memcpy(entry->file, value, sizeof entry->file);
        else if (strcmp(key, "type") == 0)
            entry->type = value[0];
        else if (strcmp(key, "seq") == 0)
            entry->has_seq = true;
    }
    /* A name with a directory in it would lead out of the append-only directory. */
    return key[0] == '\0' && entry->has_seq && entry->file[0] && !strchr(entry->file, '/') && entry->type &&
           strchr("bhi", entry->type);
}

/* The path of a file beside the manifest; false if it does not fit. */
static bool path_beside(const struct manifest *manifest, const char *file, char *path, size_t size)
{
    const char *slash = strrchr(manifest->path, '/');
    int directory = slash ? (int)(slash + 1 - manifest->path) : 0;
    int len = snprintf(path, size, "%.*s%s", directory, manifest->path, file);
    return len > 0 && (size_t)len < size;
}

static enum rdb_status take_entry(struct manifest *manifest, const struct manifest_entry *entry,
                                  struct rdb_error *error)
{
    struct rdb_source_info *info = manifest->info;
    char path[sizeof info->base_path];
    if (entry->type == 'h')
        return RDB_OK;
    if (!path_beside(manifest, entry->file, path, sizeof path))
        return rdb_error_set(error, RDB_ERR_LIMIT, 0, "AOF manifest: the path in line %u is too long", manifest->line);
    if (entry->type == 'b') {
        if (manifest->has_base)
            return rdb_error_set(error, RDB_ERR_CORRUPT, 0, "AOF manifest: line %u names a second base file",
                                 manifest->line);
        manifest->has_base = true;
        memcpy(info->base_path, path, sizeof path);
        return RDB_OK;
    }
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
        info->incremental_bytes += (uint64_t)status.st_size;
    return RDB_OK;
}

/* Takes the next line from the feed, without its line feed. */
static enum rdb_status next_line(struct manifest *manifest, struct rdb_feed *feed, char line[LINE_BYTES_MAX + 1],
                                 bool *more, struct rdb_error *error)
{
    enum rdb_status status = rdb_feed_fill(feed, LINE_BYTES_MAX, error);
    size_t len = rdb_feed_len(feed);
    *more = status == RDB_OK && len > 0;
    if (!*more)
        return status;
    manifest->line++;
    if (len > LINE_BYTES_MAX)
        len = LINE_BYTES_MAX;
    const uint8_t *head = rdb_feed_head(feed), *end = memchr(head, '\n', len);
    if (!end && len == LINE_BYTES_MAX)
        return rdb_error_set(error, RDB_ERR_CORRUPT, 0, "AOF manifest: line %u is longer than %d bytes", manifest->line,
                             LINE_BYTES_MAX);
    if (!end)
        return rdb_feed_ended(feed, "AOF manifest: it ends inside a line", error);
    len = (size_t)(end - head);
    memcpy(line, head, len);
    line[len] = '\0';
    rdb_feed_consume(feed, len + 1);
    return RDB_OK;
}

static enum rdb_status read_manifest(struct manifest *manifest, struct rdb_feed *feed, struct rdb_error *error)
{
    char line[LINE_BYTES_MAX + 1];
    struct manifest_entry entry;
    for (;;) {
        bool more;
        enum rdb_status status = next_line(manifest, feed, line, &more, error);
        if (status != RDB_OK)
            return status;
        if (!more)
            break;
        if (line[0] == '#')
            continue;
        if (!read_entry(&entry, line))
            return rdb_error_set(error, RDB_ERR_CORRUPT, 0,
                                 "AOF manifest: line %u is not \"file NAME seq NUMBER type b|h|i\"", manifest->line);
        if ((status = take_entry(manifest, &entry, error)) != RDB_OK)
            return status;
    }
    if (!manifest->has_base)
        return rdb_error_set(error, RDB_ERR_NOT_RDB, 0,
                             "this append-only file has no base file yet, and its incremental files are commands");
    return RDB_OK;
}

enum rdb_status rdb_open_manifest(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                                  struct rdb_error *error)
{
    struct manifest manifest = {.path = unwrap->path, .info = unwrap->info};
    enum rdb_status status;
    *source = (struct rdb_source){0};
    if (!manifest.path)
        status = rdb_error_set(error, RDB_ERR_NOT_RDB, 0,
                               "this is an AOF manifest: give its path, so that the base file is found beside it");
    else
        status = read_manifest(&manifest, feed, error);
    rdb_feed_free(feed);
    if (status != RDB_OK)
        return status;
    /* Opening a FIFO waits for somebody to write into it. */
    struct stat base;
    if (stat(unwrap->info->base_path, &base) == 0 && !S_ISREG(base.st_mode))
        return rdb_error_set(error, RDB_ERR_READ, 0, "%s: the base file is not a regular file",
                             unwrap->info->base_path);
    return rdb_source_file(source, unwrap->info->base_path, &unwrap->info->size_bytes, error);
}
