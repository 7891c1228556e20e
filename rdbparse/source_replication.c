/* A captured full synchronisation. Disk-based: "$<bytes>\r\n" and the snapshot. Diskless: "$EOF:<40 bytes>\r\n", the
 * snapshot and the same 40 bytes (redis 7.0 src/replication.c). Status replies and the line feeds that keep the link
 * alive may come before; commands may follow. */
#include "error.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>

enum { MARK_BYTES = 40, LENGTH_DIGITS_MAX = 18 };

struct replication {
    uint64_t left; /* with a length: bytes of the snapshot that are still to come */
    size_t clear;  /* with a mark: bytes of the feed that no mark starts in */
    bool by_mark, done;
    uint8_t mark[MARK_BYTES];
};

/* Bytes of the lines before the framing. */
static size_t skip_replies(const uint8_t *head, size_t len)
{
    size_t at = 0;
    while (at < len && (head[at] == '\n' || head[at] == '\r' || head[at] == '+')) {
        const uint8_t *end = memchr(head + at, '\n', len - at);
        at = end ? (size_t)(end - head) + 1 : len;
    }
    return at;
}

/* Reads the framing at `head`; returns its length, 0 if it is none. */
static size_t read_framing(struct replication *replication, const uint8_t *head, size_t len)
{
    static const char eof[] = "$EOF:";
    size_t at = sizeof eof - 1;
    *replication = (struct replication){0};
    if (len >= at + MARK_BYTES + 2 && memcmp(head, eof, at) == 0) {
        replication->by_mark = true;
        memcpy(replication->mark, head + at, MARK_BYTES);
        at += MARK_BYTES;
    } else if (len > 3 && head[0] == '$') {
        for (at = 1; at < len && at <= LENGTH_DIGITS_MAX && head[at] >= '0' && head[at] <= '9'; at++)
            replication->left = replication->left * 10 + (uint64_t)(head[at] - '0');
        if (at == 1)
            return 0;
    } else {
        return 0;
    }
    return at + 2 <= len && memcmp(head + at, "\r\n", 2) == 0 ? at + 2 : 0;
}

bool rdb_probe_replication(const uint8_t *head, size_t len)
{
    struct replication replication;
    size_t at = skip_replies(head, len);
    return read_framing(&replication, head + at, len - at) > 0;
}

static enum rdb_status decode_length(struct replication *replication, struct rdb_feed *feed, uint8_t *out,
                                     size_t capacity, size_t *produced, struct rdb_error *error)
{
    if (capacity > replication->left)
        capacity = (size_t)replication->left;
    if (capacity == 0)
        return RDB_OK;
    enum rdb_status status = rdb_plain_decoder.decode(NULL, feed, out, capacity, produced, error);
    replication->left -= *produced;
    if (status == RDB_OK && *produced == 0)
        return rdb_error_set(error, RDB_ERR_TRUNCATED, 0,
                             "replication capture: it ends %llu bytes before the announced length",
                             (unsigned long long)replication->left);
    return status;
}

/* Bytes at the end of `bytes` that may be the beginning of the mark. */
static size_t mark_begun(const struct replication *replication, const uint8_t *bytes, size_t len)
{
    size_t n = len < MARK_BYTES ? len : MARK_BYTES - 1;
    while (n > 0 && memcmp(bytes + len - n, replication->mark, n) != 0)
        n--;
    return n;
}

/* Sets `clear`: what may be delivered of the feed. At least one byte, unless the mark has come. */
static enum rdb_status find_mark(struct replication *replication, struct rdb_feed *feed, struct rdb_error *error)
{
    enum rdb_status status = rdb_feed_fill(feed, MARK_BYTES, error);
    if (status != RDB_OK)
        return status;
    size_t len = rdb_feed_len(feed);
    const uint8_t *head = rdb_feed_head(feed);
    const uint8_t *mark = memmem(head, len, replication->mark, MARK_BYTES);
    replication->done = mark != NULL;
    replication->clear = mark ? (size_t)(mark - head) : len - mark_begun(replication, head, len);
    if (replication->clear == 0 && !mark)
        return rdb_feed_ended(feed, "replication capture: it ends without its end mark", error);
    return RDB_OK;
}

static enum rdb_status decode_mark(struct replication *replication, struct rdb_feed *feed, uint8_t *out,
                                   size_t capacity, size_t *produced, struct rdb_error *error)
{
    if (replication->clear == 0 && !replication->done) {
        enum rdb_status status = find_mark(replication, feed, error);
        if (status != RDB_OK)
            return status;
    }
    size_t n = replication->clear < capacity ? replication->clear : capacity;
    memcpy(out, rdb_feed_head(feed), n);
    rdb_feed_consume(feed, n);
    replication->clear -= n;
    *produced = n;
    return RDB_OK;
}

static enum rdb_status replication_decode(void *state, struct rdb_feed *feed, uint8_t *out, size_t capacity,
                                          size_t *produced, struct rdb_error *error)
{
    struct replication *replication = state;
    if (replication->by_mark)
        return decode_mark(replication, feed, out, capacity, produced, error);
    return decode_length(replication, feed, out, capacity, produced, error);
}

enum rdb_status rdb_open_replication(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                                     struct rdb_error *error)
{
    (void)unwrap;
    struct replication *replication = malloc(sizeof *replication);
    if (!replication) {
        rdb_feed_free(feed);
        return rdb_error_set(error, RDB_ERR_NO_MEMORY, 0, "no memory for a source");
    }
    rdb_feed_consume(feed, skip_replies(rdb_feed_head(feed), rdb_feed_len(feed)));
    rdb_feed_consume(feed, read_framing(replication, rdb_feed_head(feed), rdb_feed_len(feed)));
    static const struct rdb_decoder decoder = {.decode = replication_decode, .release = free};
    return rdb_layer_open(source, feed, &decoder, replication, error);
}
