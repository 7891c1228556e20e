#include "error.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>

enum rdb_status rdb_feed_new(struct rdb_feed **feed, struct rdb_source inner, struct rdb_error *error)
{
    struct rdb_feed *made = malloc(sizeof *made);
    *feed = made;
    if (!made) {
        rdb_source_close(&inner);
        return rdb_error_set(error, RDB_ERR_NO_MEMORY, 0, "no memory for a source");
    }
    made->inner = inner;
    made->offset = 0;
    made->begin = made->end = RDB_FEED_ROOM;
    made->at_end = false;
    made->failure.status = RDB_OK;
    return RDB_OK;
}

void rdb_feed_free(struct rdb_feed *feed)
{
    if (!feed)
        return;
    rdb_source_close(&feed->inner);
    free(feed);
}

enum rdb_status rdb_feed_fill(struct rdb_feed *feed, size_t want, struct rdb_error *error)
{
    if (rdb_feed_len(feed) < want && feed->begin > RDB_FEED_ROOM) {
        memmove(feed->bytes + RDB_FEED_ROOM, rdb_feed_head(feed), rdb_feed_len(feed));
        feed->end = RDB_FEED_ROOM + rdb_feed_len(feed);
        feed->begin = RDB_FEED_ROOM;
    }
    while (rdb_feed_len(feed) < want && !feed->at_end && feed->failure.status == RDB_OK) {
        size_t got = 0;
        enum rdb_status status = feed->inner.read(feed->inner.self, feed->bytes + feed->end,
                                                  sizeof feed->bytes - feed->end, &got, &feed->failure);
        if (status != RDB_OK)
            feed->failure.status = status;
        feed->end += got;
        feed->at_end = status == RDB_OK && got == 0;
    }
    if (rdb_feed_len(feed) == 0 && feed->failure.status != RDB_OK) {
        if (error)
            *error = feed->failure;
        return feed->failure.status;
    }
    return RDB_OK;
}

enum rdb_status rdb_feed_ended(const struct rdb_feed *feed, const char *text, struct rdb_error *error)
{
    if (feed->failure.status == RDB_OK)
        return rdb_error_set(error, RDB_ERR_TRUNCATED, 0, "%s", text);
    if (error)
        *error = feed->failure;
    return feed->failure.status;
}

void rdb_feed_unread(struct rdb_feed *feed, const uint8_t *bytes, size_t n)
{
    feed->begin -= n;
    feed->offset -= n;
    memcpy(feed->bytes + feed->begin, bytes, n);
}

struct layer {
    struct rdb_feed *feed;
    const struct rdb_decoder *decoder;
    void *state;
    uint64_t produced;
    struct rdb_error failure; /* told after the bytes that were produced before it, and again on every later call */
};

static enum rdb_status layer_read(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct layer *layer = self;
    *got = 0;
    if (capacity == 0)
        return RDB_OK;
    if (layer->failure.status == RDB_OK) {
        enum rdb_status status =
            layer->decoder->decode(layer->state, layer->feed, buffer, capacity, got, &layer->failure);
        layer->produced += *got;
        layer->failure.status = status;
        layer->failure.offset = layer->produced;
        if (status == RDB_OK || *got > 0)
            return RDB_OK;
    }
    if (error)
        *error = layer->failure;
    return layer->failure.status;
}

static void layer_close(void *self)
{
    struct layer *layer = self;
    if (layer->decoder->release)
        layer->decoder->release(layer->state);
    rdb_feed_free(layer->feed);
    free(layer);
}

static uint64_t layer_position(void *self)
{
    const struct layer *layer = self;
    const struct rdb_source *inner = &layer->feed->inner;
    return inner->position ? inner->position(inner->self) : 0;
}

enum rdb_status rdb_layer_open(struct rdb_source *source, struct rdb_feed *feed, const struct rdb_decoder *decoder,
                               void *state, struct rdb_error *error)
{
    *source = (struct rdb_source){0};
    struct layer *layer = calloc(1, sizeof *layer);
    if (!layer) {
        if (decoder->release)
            decoder->release(state);
        rdb_feed_free(feed);
        return rdb_error_set(error, RDB_ERR_NO_MEMORY, 0, "no memory for a source");
    }
    layer->feed = feed;
    layer->decoder = decoder;
    layer->state = state;
    *source = (struct rdb_source){.self = layer, .read = layer_read, .close = layer_close, .position = layer_position};
    return RDB_OK;
}

/* Past the bytes that were looked at, reads go straight into the caller's buffer. */
static enum rdb_status plain_decode(void *state, struct rdb_feed *feed, uint8_t *out, size_t capacity, size_t *produced,
                                    struct rdb_error *error)
{
    (void)state;
    size_t n = rdb_feed_len(feed);
    if (n > 0) {
        n = n < capacity ? n : capacity;
        memcpy(out, rdb_feed_head(feed), n);
        rdb_feed_consume(feed, n);
        *produced = n;
        return RDB_OK;
    }
    *produced = 0;
    if (feed->at_end || feed->failure.status != RDB_OK)
        return rdb_feed_fill(feed, 1, error);
    enum rdb_status status = feed->inner.read(feed->inner.self, out, capacity, produced, error);
    feed->offset += *produced;
    return status;
}

const struct rdb_decoder rdb_plain_decoder = {.decode = plain_decode};
