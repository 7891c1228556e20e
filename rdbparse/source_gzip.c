/* gzip (RFC 1952), any number of members. ISA-L's inflate is 2.4 times as fast as zlib's on the snapshots that were
 * measured (1.00 against 0.41 GB/s of output). */
#include "error.h"
#include "source.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

struct gzip {
    bool between_members;
    unsigned stalls;
    struct inflate_state inflate;
};

enum {
    GZIP_OUT_MAX = 1 << 30, /* inflate_state counts in 32 bits */
    /* Calls that neither take nor give a byte: inflate may still work on bits that it read ahead, but not for long. */
    GZIP_STALLS_MAX = 16
};

static enum rdb_status gzip_damaged(const struct gzip *gzip, const struct rdb_feed *feed, int code,
                                    struct rdb_error *error)
{
    static const struct {
        int code;
        enum rdb_status status;
        const char *text;
    } faults[] = {
        {ISAL_INVALID_BLOCK, RDB_ERR_CORRUPT, "invalid block"},
        {ISAL_INVALID_SYMBOL, RDB_ERR_CORRUPT, "invalid symbol"},
        {ISAL_INVALID_LOOKBACK, RDB_ERR_CORRUPT, "distance before the beginning"},
        {ISAL_INVALID_WRAPPER, RDB_ERR_CORRUPT, "invalid header"},
        {ISAL_UNSUPPORTED_METHOD, RDB_ERR_UNSUPPORTED, "a method other than deflate"},
        {ISAL_INCORRECT_CHECKSUM, RDB_ERR_CORRUPT, "the checksum or length of a member does not match"},
    };
    uint64_t at = feed->offset - (uint64_t)(gzip->inflate.read_in_length / 8);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (faults[i].code == code)
            return rdb_error_set(error, faults[i].status, 0, "gzip: %s near byte %llu of the compressed data",
                                 faults[i].text, (unsigned long long)at);
    return rdb_error_set(error, RDB_ERR_CORRUPT, 0, "gzip: cannot be decoded near byte %llu of the compressed data",
                         (unsigned long long)at);
}

/* Goes to the next member, over zero bytes that pad a tape block as gzip(1) does. *more is false at the end. */
static enum rdb_status gzip_next_member(struct gzip *gzip, struct rdb_feed *feed, bool *more, struct rdb_error *error)
{
    *more = false;
    for (;;) {
        enum rdb_status status = rdb_feed_fill(feed, 1, error);
        if (status != RDB_OK || rdb_feed_len(feed) == 0)
            return status;
        if (*rdb_feed_head(feed) != 0)
            break;
        rdb_feed_consume(feed, 1);
    }
    if (*rdb_feed_head(feed) != 0x1f)
        return rdb_error_set(error, RDB_ERR_CORRUPT, 0,
                             "gzip: what follows the last member at byte %llu of the compressed data is not gzip",
                             (unsigned long long)feed->offset);
    isal_inflate_reset(&gzip->inflate);
    gzip->inflate.crc_flag = ISAL_GZIP;
    gzip->between_members = false;
    *more = true;
    return RDB_OK;
}

/* inflate reads up to 8 bytes ahead and, at the end of a member, still holds those behind it. */
static void gzip_end_member(struct gzip *gzip, struct rdb_feed *feed)
{
    uint8_t ahead[8];
    size_t n = (size_t)gzip->inflate.read_in_length / 8;
    uint64_t bits = gzip->inflate.read_in >> (gzip->inflate.read_in_length % 8);
    for (size_t i = 0; i < n; i++)
        ahead[i] = (uint8_t)(bits >> (8 * i));
    rdb_feed_unread(feed, ahead, n);
    gzip->between_members = true;
}

static enum rdb_status gzip_inflate(struct gzip *gzip, struct rdb_feed *feed, uint8_t *out, size_t capacity,
                                    size_t *produced, struct rdb_error *error)
{
    struct inflate_state *inflate = &gzip->inflate;
    size_t len = rdb_feed_len(feed);
    inflate->next_in = feed->bytes + feed->begin;
    inflate->avail_in = (uint32_t)len;
    inflate->next_out = out;
    inflate->avail_out = (uint32_t)capacity;
    int code = isal_inflate(inflate);
    *produced = capacity - inflate->avail_out;
    size_t taken = len - inflate->avail_in;
    rdb_feed_consume(feed, taken);
    if (code != ISAL_DECOMP_OK)
        return gzip_damaged(gzip, feed, code, error);
    if (inflate->block_state == ISAL_BLOCK_FINISH)
        gzip_end_member(gzip, feed);
    gzip->stalls = taken == 0 && *produced == 0 ? gzip->stalls + 1 : 0;
    if (gzip->stalls > GZIP_STALLS_MAX)
        return gzip_damaged(gzip, feed, ISAL_INVALID_BLOCK, error);
    return RDB_OK;
}

static enum rdb_status gzip_decode(void *state, struct rdb_feed *feed, uint8_t *out, size_t capacity, size_t *produced,
                                   struct rdb_error *error)
{
    struct gzip *gzip = state;
    if (capacity > GZIP_OUT_MAX)
        capacity = GZIP_OUT_MAX;
    while (*produced == 0) {
        enum rdb_status status;
        if (gzip->between_members) {
            bool more;
            status = gzip_next_member(gzip, feed, &more, error);
            if (status != RDB_OK || !more)
                return status;
        }
        if ((status = rdb_feed_fill(feed, 1, error)) != RDB_OK)
            return status;
        bool at_end = rdb_feed_len(feed) == 0;
        if ((status = gzip_inflate(gzip, feed, out, capacity, produced, error)) != RDB_OK)
            return status;
        /* Without input it may still have output to flush. */
        if (at_end && *produced == 0 && !gzip->between_members)
            return rdb_error_set(error, RDB_ERR_TRUNCATED, 0,
                                 "gzip: the compressed data ends at byte %llu, inside a member",
                                 (unsigned long long)feed->offset);
    }
    return RDB_OK;
}

enum rdb_status rdb_open_gzip(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                              struct rdb_error *error)
{
    (void)unwrap;
    struct gzip *gzip = malloc(sizeof *gzip);
    if (!gzip) {
        rdb_feed_free(feed);
        return rdb_error_set(error, RDB_ERR_NO_MEMORY, 0, "no memory to decompress gzip");
    }
    gzip->between_members = false;
    gzip->stalls = 0;
    isal_inflate_init(&gzip->inflate);
    gzip->inflate.crc_flag = ISAL_GZIP;
    static const struct rdb_decoder decoder = {.decode = gzip_decode, .release = free};
    return rdb_layer_open(source, feed, &decoder, gzip, error);
}
