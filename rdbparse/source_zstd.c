/* Zstandard frames (RFC 8878), skippable ones included. */
#include "error.h"
#include "source.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct zstd {
    ZSTD_DStream *stream;
    size_t pending; /* what ZSTD_decompressStream returned last: 0 between frames */
    unsigned window_log_max;
    bool one_frame;
};

/* The window is the decoder's memory. 32 MiB is what `zstd --ultra -20` asks for; zstd inside zstd has to do with less,
 * so that all windows of one chain stay under 40 MiB. */
static const unsigned window_log_max[] = {25, 22, 20, 20};

static enum rdb_status zstd_fail(const struct zstd *zstd, const struct rdb_feed *feed, size_t code,
                                 struct rdb_error *error)
{
    unsigned long long at = feed->offset;
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
        return rdb_error_set(error, RDB_ERR_NO_MEMORY, 0, "no memory for a zstd window");
    case ZSTD_error_frameParameter_windowTooLarge:
        return rdb_error_set(error, RDB_ERR_LIMIT, 0,
                             "zstd: the frame near byte %llu asks for a window above the limit of %u MiB; decompress "
                             "it first (zstd -d --long=31)",
                             at, 1U << (zstd->window_log_max - 20));
    case ZSTD_error_dictionary_wrong:
        return rdb_error_set(error, RDB_ERR_UNSUPPORTED, 0, "zstd: the frame near byte %llu needs a dictionary", at);
    case ZSTD_error_prefix_unknown:
        return rdb_error_set(error, RDB_ERR_CORRUPT, 0,
                             "zstd: no frame starts where one should, near byte %llu of the compressed data", at);
    default:
        return rdb_error_set(error, RDB_ERR_CORRUPT, 0, "zstd: %s near byte %llu of the compressed data",
                             ZSTD_getErrorName(code), at);
    }
}

static enum rdb_status zstd_decode(void *state, struct rdb_feed *feed, uint8_t *out, size_t capacity, size_t *produced,
                                   struct rdb_error *error)
{
    struct zstd *zstd = state;
    while (*produced == 0 && !(zstd->one_frame && zstd->pending == 0)) {
        enum rdb_status status = rdb_feed_fill(feed, 1, error);
        if (status != RDB_OK)
            return status;
        bool at_end = rdb_feed_len(feed) == 0;
        if (at_end && zstd->pending == 0)
            return RDB_OK;
        ZSTD_inBuffer in = {.src = rdb_feed_head(feed), .size = rdb_feed_len(feed)};
        ZSTD_outBuffer to = {.dst = out, .size = capacity};
        size_t pending = ZSTD_decompressStream(zstd->stream, &to, &in);
        *produced = to.pos;
        rdb_feed_consume(feed, in.pos);
        if (ZSTD_isError(pending))
            return zstd_fail(zstd, feed, pending, error);
        zstd->pending = pending;
        if (at_end && *produced == 0)
            return rdb_error_set(error, RDB_ERR_TRUNCATED, 0,
                                 "zstd: the compressed data ends at byte %llu, inside a frame",
                                 (unsigned long long)feed->offset);
    }
    return RDB_OK;
}

static void zstd_release(void *state)
{
    struct zstd *zstd = state;
    ZSTD_freeDStream(zstd->stream);
    free(zstd);
}

static unsigned zstd_layers(const struct rdb_source_info *info)
{
    unsigned layers = 0;
    for (unsigned i = 0; i < info->wrapping_count; i++)
        layers += info->wrappings[i] == RDB_WRAPPING_ZSTD || info->wrappings[i] == RDB_WRAPPING_VCS;
    return layers;
}

static enum rdb_status zstd_open(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                                 bool one_frame, struct rdb_error *error)
{
    struct zstd *zstd = malloc(sizeof *zstd);
    ZSTD_DStream *stream = ZSTD_createDStream();
    if (!zstd || !stream) {
        free(zstd);
        ZSTD_freeDStream(stream);
        rdb_feed_free(feed);
        return rdb_error_set(error, RDB_ERR_NO_MEMORY, 0, "no memory to decompress zstd");
    }
    unsigned outer = zstd_layers(unwrap->info) - 1;
    *zstd =
        (struct zstd){.stream = stream, .pending = 1, .window_log_max = window_log_max[outer], .one_frame = one_frame};
    ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, (int)zstd->window_log_max);
    static const struct rdb_decoder decoder = {.decode = zstd_decode, .release = zstd_release};
    return rdb_layer_open(source, feed, &decoder, zstd, error);
}

enum rdb_status rdb_open_zstd(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                              struct rdb_error *error)
{
    return zstd_open(source, feed, unwrap, false, error);
}

enum rdb_status rdb_open_zstd_frame(struct rdb_source *source, struct rdb_feed *feed, struct rdb_unwrap *unwrap,
                                    struct rdb_error *error)
{
    return zstd_open(source, feed, unwrap, true, error);
}
