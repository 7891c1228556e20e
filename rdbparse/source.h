/* Private: what the sources share.
 *
 * A snapshot is reached through a chain, outermost first: the file, then for each wrapping a feed (a small buffer that
 * can be looked at before it is consumed) and a decoder that turns the feed's bytes into those inside. Each link takes
 * the one outside it, so closing the innermost closes all. */
#ifndef RDB_SOURCE_H
#define RDB_SOURCE_H

#include "rdbparse.h"

#define RDB_WRAPPINGS_MAX (sizeof((struct rdb_source_info *)0)->wrappings / sizeof(enum rdb_wrapping))

/* Opens the file itself, wrapped or not; "-" is standard input. *size_bytes is its size, 0 when it has none (a pipe).
 */
RDB_MUST_CHECK enum rdb_status rdb_source_file(struct rdb_source *source, const char *path, uint64_t *size_bytes,
                                               struct rdb_error *error);

/* ---- feed ---------------------------------------------------------------------------------------------------------
 */

enum {
    RDB_FEED_BYTES = 128 * 1024,
    RDB_FEED_ROOM = 16 /* in front, for bytes that a decoder read ahead and gives back */
};

struct rdb_feed {
    struct rdb_source inner;
    uint64_t offset; /* of bytes[begin], in what `inner` delivers */
    size_t begin, end;
    bool at_end;
    struct rdb_error failure; /* of `inner`; told when the bytes read before it are used up */
    uint8_t bytes[RDB_FEED_ROOM + RDB_FEED_BYTES];
};

/* Takes `inner`, also when it fails. */
RDB_MUST_CHECK enum rdb_status rdb_feed_new(struct rdb_feed **feed, struct rdb_source inner, struct rdb_error *error);
void rdb_feed_free(struct rdb_feed *feed);

/* Reads until `want` bytes are there (at most RDB_FEED_BYTES); fewer only at the end and before a failure. Fails only
 * with an empty feed. */
RDB_MUST_CHECK enum rdb_status rdb_feed_fill(struct rdb_feed *feed, size_t want, struct rdb_error *error);

static inline size_t rdb_feed_len(const struct rdb_feed *feed)
{
    return feed->end - feed->begin;
}

static inline const uint8_t *rdb_feed_head(const struct rdb_feed *feed)
{
    return feed->bytes + feed->begin;
}

static inline void rdb_feed_consume(struct rdb_feed *feed, size_t n)
{
    feed->begin += n;
    feed->offset += n;
}

/* The error of a feed that has less than is needed: why it could not be filled, or RDB_ERR_TRUNCATED and `text`. */
enum rdb_status rdb_feed_ended(const struct rdb_feed *feed, const char *text, struct rdb_error *error);

/* Gives back the last `n` <= RDB_FEED_ROOM consumed bytes. */
void rdb_feed_unread(struct rdb_feed *feed, const uint8_t *bytes, size_t n);

/* ---- layer --------------------------------------------------------------------------------------------------------
 */

/* One wrapping. `decode` stores up to `capacity` > 0 bytes and their number in *produced; RDB_OK with 0 is the end.
 * What it produced before a failure counts: the layer delivers it first. Offsets of its errors are set by the layer. */
struct rdb_decoder {
    enum rdb_status (*decode)(void *state, struct rdb_feed *feed, uint8_t *out, size_t capacity, size_t *produced,
                              struct rdb_error *error);
    void (*release)(void *state); /* may be NULL */
};

/* Makes a source of a feed and a decoder. Takes `feed` and `state`, also when it fails. */
RDB_MUST_CHECK enum rdb_status rdb_layer_open(struct rdb_source *source, struct rdb_feed *feed,
                                              const struct rdb_decoder *decoder, void *state, struct rdb_error *error);
/* The bytes of the feed as they are. */
extern const struct rdb_decoder rdb_plain_decoder;

/* ---- wrappings ----------------------------------------------------------------------------------------------------
 */

/* What is known while a file is unwrapped. */
struct rdb_unwrap {
    const char *path; /* of the outermost file; NULL when there is none to look beside */
    struct rdb_source_info *info;
};

/* Whether the first bytes of a source, at most RDB_HEAD_BYTES, are those of this wrapping. */
typedef bool rdb_wrapping_probe(const uint8_t *head, size_t len);
rdb_wrapping_probe rdb_probe_vcs, rdb_probe_manifest, rdb_probe_replication;
enum { RDB_HEAD_BYTES = 512 };

/* Each takes `feed`, also when it fails, and stores what delivers the bytes inside. */
typedef enum rdb_status rdb_wrapping_open(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                                          struct rdb_error *error);
rdb_wrapping_open rdb_open_gzip, rdb_open_zstd, rdb_open_lz4, rdb_open_vcs, rdb_open_manifest, rdb_open_replication;

/* What a result of liblz4 says: RDB_OK, or that it had no memory, or that its input is damaged. */
enum rdb_status rdb_lz4_status(size_t result);

/* As rdb_open_zstd and rdb_open_lz4, of exactly one frame; what follows it is not looked at. */
rdb_wrapping_open rdb_open_zstd_frame, rdb_open_lz4_frame;

#endif
