/* LZ4 frames. The library holds at most two blocks of 4 MiB, the largest that the frame format knows. */
#include "error.h"
#include "source.h"

#include <lz4frame.h>
#include <stdlib.h>
#include <string.h>

struct lz4 {
    LZ4F_dctx *context;
    size_t pending; /* what LZ4F_decompress returned last: 0 between frames */
    bool one_frame;
};

/* The shared library tells its errors apart by their names only. */
enum rdb_status rdb_lz4_status(size_t result)
{
    if (!LZ4F_isError(result))
        return RDB_OK;
    return strcmp(LZ4F_getErrorName(result), "ERROR_allocation_failed") == 0 ? RDB_ERR_NO_MEMORY : RDB_ERR_CORRUPT;
}

static enum rdb_status lz4_decode(void *state, struct rdb_feed *feed, uint8_t *out, size_t capacity, size_t *produced,
                                  struct rdb_error *error)
{
    struct lz4 *lz4 = state;
    while (*produced == 0 && !(lz4->one_frame && lz4->pending == 0)) {
        enum rdb_status status = rdb_feed_fill(feed, 1, error);
        if (status != RDB_OK)
            return status;
        bool at_end = rdb_feed_len(feed) == 0;
        if (at_end && lz4->pending == 0)
            return RDB_OK;
        size_t taken = rdb_feed_len(feed), given = capacity;
        size_t pending = LZ4F_decompress(lz4->context, out, &given, rdb_feed_head(feed), &taken, NULL);
        if ((status = rdb_lz4_status(pending)) != RDB_OK)
            return rdb_error_set(error, status, 0, "LZ4: %s near byte %llu of the compressed data",
                                 LZ4F_getErrorName(pending), (unsigned long long)feed->offset);
        *produced = given;
        rdb_feed_consume(feed, taken);
        lz4->pending = pending;
        if (at_end && given == 0)
            return rdb_error_set(error, RDB_ERR_TRUNCATED, 0,
                                 "LZ4: the compressed data ends at byte %llu, inside a frame",
                                 (unsigned long long)feed->offset);
    }
    return RDB_OK;
}

static void lz4_release(void *state)
{
    struct lz4 *lz4 = state;
    LZ4F_freeDecompressionContext(lz4->context);
    free(lz4);
}

static enum rdb_status lz4_open(struct rdb_source *source, struct rdb_feed *feed, bool one_frame,
                                struct rdb_error *error)
{
    struct lz4 *lz4 = calloc(1, sizeof *lz4);
    if (!lz4 || LZ4F_isError(LZ4F_createDecompressionContext(&lz4->context, LZ4F_VERSION))) {
        free(lz4);
        rdb_feed_free(feed);
        return rdb_error_set(error, RDB_ERR_NO_MEMORY, 0, "no memory to decompress LZ4");
    }
    lz4->pending = 1;
    lz4->one_frame = one_frame;
    static const struct rdb_decoder decoder = {.decode = lz4_decode, .release = lz4_release};
    return rdb_layer_open(source, feed, &decoder, lz4, error);
}

enum rdb_status rdb_open_lz4(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                             struct rdb_error *error)
{
    (void)unwrap;
    return lz4_open(source, feed, false, error);
}

enum rdb_status rdb_open_lz4_frame(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                                   struct rdb_error *error)
{
    (void)unwrap;
    return lz4_open(source, feed, true, error);
}
