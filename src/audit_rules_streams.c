/* Rules about streams: what nobody takes out of them again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit.h"
#include "collect/streams.h"

#define WORDS(member, ...) snprintf(member, sizeof member, __VA_ARGS__)

enum { SHOWN = 4, LIST_MAX = 300, NUMBER_MAX = 48 };

static const struct streams *streams_of(const struct audit *audit)
{
    return collection_state(audit->collect, "streams");
}

/* "1 stream", "2 streams" */
static const char *counted(uint64_t count, const char *noun, char text[NUMBER_MAX])
{
    snprintf(text, NUMBER_MAX, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
    return text;
}

/* Below this share of the data trouble is not worth words. */
static bool is_worth(const struct audit *audit, uint64_t bytes)
{
    return bytes > 0 && bytes >= audit->data_bytes / 100;
}

/* "orders (4200 entries, 450 KB), ..." */
static void list_streams(const struct audit *audit, enum stream_trouble trouble, char list[LIST_MAX])
{
    char name[AUDIT_NAME_MAX + 1], bytes[AUDIT_BYTES_MAX];
    const struct top_list *top = &streams_of(audit)->list;
    const struct top_item **item = top_list_sorted(top);
    size_t count = 0;
    *list = '\0';
    for (size_t i = 0; i < top->count && count < SHOWN; i++)
        if (stream_has_trouble(item[i], trouble))
            audit_append(list, LIST_MAX, "%s%s (%" PRIu64 " entries, %s)", count++ ? ", " : ": ",
                         audit_name(audit, item[i]->name, item[i]->name_len, name), item[i]->elements,
                         audit_bytes(item[i]->bytes, bytes));
    free(item);
}

static bool has_trouble(const struct audit *audit, enum stream_trouble trouble, struct finding *finding)
{
    const struct streams *streams = streams_of(audit);
    finding->bytes = streams ? streams->trouble[trouble].bytes : 0;
    return is_worth(audit, finding->bytes);
}

static bool endless(const struct audit *audit, struct finding *finding)
{
    char list[LIST_MAX], number[NUMBER_MAX];
    if (!has_trouble(audit, STREAM_ENDLESS, finding))
        return false;
    list_streams(audit, STREAM_ENDLESS, list);
    WORDS(finding->evidence, "Nothing was ever taken out of %s without TTL%s.",
          counted(streams_of(audit)->trouble[STREAM_ENDLESS].count, "stream", number), list);
    WORDS(finding->remedy, "They grow for ever. XTRIM with MAXLEN or MINID makes them short once, XADD with MAXLEN ~ "
                           "keeps them so.");
    return true;
}

static bool abandoned(const struct audit *audit, struct finding *finding)
{
    char list[LIST_MAX], number[NUMBER_MAX];
    if (!has_trouble(audit, STREAM_ABANDONED, finding))
        return false;
    list_streams(audit, STREAM_ABANDONED, list);
    WORDS(finding->evidence, "No group reads %s, and nothing was added for 30 days%s.",
          counted(streams_of(audit)->trouble[STREAM_ABANDONED].count, "stream", number), list);
    WORDS(finding->remedy, "If nobody reads them with XREAD or XRANGE either, UNLINK them; else give them a TTL.");
    return true;
}

static bool stuck(const struct audit *audit, struct finding *finding)
{
    char stream[AUDIT_NAME_MAX + 1], group[AUDIT_NAME_MAX + 1], name[AUDIT_NAME_MAX + 1], bytes[AUDIT_BYTES_MAX];
    char list[LIST_MAX] = "", number[NUMBER_MAX];
    const struct streams *streams = streams_of(audit);
    finding->bytes = streams ? streams->stuck.bytes : 0;
    if (!is_worth(audit, finding->bytes))
        return false;
    const struct top_item **item = top_list_sorted(&streams->consumers);
    size_t count = 0;
    for (size_t i = 0; i < streams->consumers.count && count < 2; i++) {
        struct consumer_names names = consumer_names_of(item[i]);
        if (!item[i]->note[CONSUMER_IS_STUCK])
            continue;
        audit_append(list, sizeof list, "%s%s of group %s of stream %s (%" PRIu64 " entries)", count++ ? ", " : ": ",
                     audit_name(audit, names.name, names.name_len, name),
                     audit_name(audit, names.group, names.group_len, group),
                     audit_name(audit, item[i]->name, item[i]->name_len, stream), item[i]->measure);
    }
    free(item);
    WORDS(finding->evidence,
          "%" PRIu64 " entries wait for more than an hour to be acknowledged by %s%s. The lists of them take %s.",
          streams->stuck_entries, counted(streams->stuck.count, "consumer", number), list,
          audit_bytes(finding->bytes, bytes));
    WORDS(finding->remedy, "Such a consumer has crashed, or forgets XACK. XAUTOCLAIM gives its entries to another one "
                           "that acknowledges them; XGROUP DELCONSUMER drops them with it.");
    return true;
}

const struct audit_rule audit_stream_rules[] = {
    {"stuck_consumers", "Consumers that do not acknowledge", DOC_WARNING, AUDIT_OVERHEAD, false, stuck},
    {"endless_streams", "Streams that are never trimmed", DOC_WARNING, AUDIT_LARGE_KEYS, false, endless},
    {"abandoned_streams", "Streams that nobody reads", DOC_WARNING, AUDIT_EXPIRY, false, abandoned},
    {.id = NULL},
};
