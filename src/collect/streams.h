/* Section streams: what of a stream nobody takes out again, and consumers that hold entries and do not acknowledge
 * them. */
#ifndef STREAMS_H
#define STREAMS_H

#include "collector.h"
#include "top_list.h"

enum stream_trouble {
    STREAM_ENDLESS,   /* a thousand entries and more, no TTL, and nothing was ever taken out of it */
    STREAM_ABANDONED, /* no group reads it, and nothing was added for a month */
    STREAM_TROUBLE_COUNT
};

/* What top_item.note holds: of a stream, and of a consumer. */
enum { STREAM_PENDING, STREAM_PENDING_BYTES, STREAM_LAST_MS, STREAM_GROUPS_AND_TROUBLE };
enum { CONSUMER_BYTES, CONSUMER_OLDEST_MS, CONSUMER_SEEN_MS, CONSUMER_IS_STUCK };

struct stream_sum {
    uint64_t count, bytes;
};

struct streams {
    uint64_t keys, pending, pending_bytes;
    struct stream_sum trouble[STREAM_TROUBLE_COUNT];
    struct stream_sum stuck; /* consumers, and what their pending entries take */
    uint64_t stuck_entries;
    struct top_list list;      /* by bytes */
    struct top_list consumers; /* by pending entries; text: length of the group's name, that name, its own */
};

void streams_init(void *self, const struct collect_context *context);
void streams_add(void *self, const struct collect_context *context, const struct record *record);
void streams_merge(void *self, const void *other, const struct collect_context *context);
void streams_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                    struct document *document);
void streams_release(void *self);
void streams_hide(void *self, const struct doc_hider *hider);
/* collector.h, archive(). */
void streams_archive(void *self, const struct collect_context *context, struct archive *archive);

static inline bool stream_has_trouble(const struct top_item *stream, enum stream_trouble trouble)
{
    return stream->note[STREAM_GROUPS_AND_TROUBLE] >> trouble & 1;
}

struct consumer_names {
    const uint8_t *group, *name; /* in the item */
    size_t group_len, name_len;
};
struct consumer_names consumer_names_of(const struct top_item *consumer);

#endif
