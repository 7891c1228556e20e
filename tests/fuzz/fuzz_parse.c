/* Any bytes as a snapshot. Its length chooses the window and whether the parse is deep, so that snapshots are seeds as
 * they are. Then its records are passed over: where they end must not depend on that. */
#include <stdlib.h>
#include <string.h>

#include "rdbparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

struct reader {
    uint64_t sum;
    int in_key, ended;
    size_t skip_every, keys;
};

/* Touches all that the library says is there. */
static void read_string(struct reader *reader, const struct rdb_string *string)
{
    const uint8_t *bytes;
    size_t n = rdb_string_bytes(string, 1000, &bytes);
    need(n <= 1000 && n <= string->len);
    for (size_t i = 0; i < n; i++)
        reader->sum += bytes[i];
    need((string->bytes_len == 0 || string->form == RDB_STRING_RAW) && string->bytes_len <= string->len);
    for (uint32_t i = 0; i < string->bytes_len; i++)
        reader->sum += string->bytes[i];
}

static void read_packed(struct reader *reader, const struct rdb_packed *packed)
{
    struct rdb_string entries[5];
    struct rdb_error error;
    size_t most = 1 + (size_t)(packed->len % 5), walked = 0;
    for (size_t n; walked < 1000000 && (n = rdb_packed_read(packed, entries, most)) > 0; walked += n)
        for (size_t i = 0; i < n; i++)
            read_string(reader, &entries[i]);
    need(walked <= packed->len || packed->form == RDB_PACKED_PLAIN);
    if (rdb_packed_status(packed, &error) != RDB_OK)
        need(memchr(error.message, '\0', sizeof error.message) != NULL && error.message[0]);
}

static enum rdb_status read_event(void *context, const struct rdb_event *event)
{
    struct reader *reader = context;
    need(!reader->ended);
    switch (event->kind) {
    case RDB_EVENT_KEY:
        need(!reader->in_key);
        reader->in_key = 1;
        read_string(reader, &event->key.name);
        return ++reader->keys % reader->skip_every == 0 ? RDB_SKIP : RDB_OK;
    case RDB_EVENT_STRING_KEY:
        need(!reader->in_key && event->offset <= event->string_key.end);
        reader->keys++;
        read_string(reader, &event->string_key.key.name);
        read_string(reader, &event->string_key.value);
        break;
    case RDB_EVENT_KEY_END:
        need(reader->in_key);
        reader->in_key = 0;
        break;
    case RDB_EVENT_AUX:
        read_string(reader, &event->aux.name);
        read_string(reader, &event->aux.value);
        break;
    case RDB_EVENT_FUNCTION:
        read_string(reader, &event->function.code);
        break;
    case RDB_EVENT_STRING:
        read_string(reader, &event->string);
        break;
    case RDB_EVENT_ELEMENT:
        read_string(reader, &event->element.text);
        read_string(reader, &event->element.value);
        break;
    case RDB_EVENT_PACKED:
        read_packed(reader, &event->packed);
        break;
    case RDB_EVENT_STREAM_NODE:
        read_packed(reader, &event->stream_node.packed);
        break;
    case RDB_EVENT_STREAM_GROUP:
        read_string(reader, &event->stream_group.name);
        break;
    case RDB_EVENT_STREAM_CONSUMER:
        read_string(reader, &event->stream_consumer.name);
        break;
    case RDB_EVENT_FINDING:
        need(strlen(event->finding.message) > 0);
        break;
    case RDB_EVENT_END:
        reader->ended = 1;
        break;
    default:
        break;
    }
    return RDB_OK;
}

enum { PLACES_MAX = 64 };

struct passer {
    struct rdb_header header;
    uint64_t keys, at, precedes;
    uint64_t place[PLACES_MAX]; /* where parts begin, and the last one ends */
    size_t places;
};

static enum rdb_status pass_event(void *context, const struct rdb_event *event)
{
    struct passer *passer = context;
    need(event->kind < RDB_EVENT_KEY || event->kind > RDB_EVENT_KEY_END);
    if (event->kind == RDB_EVENT_HEADER)
        passer->header = event->header;
    if (event->kind == RDB_EVENT_FINDING) /* its offset is where something is wrong, not where a record begins */
        return RDB_OK;
    if (event->kind != RDB_EVENT_PASSED) {
        passer->precedes = event->kind == RDB_EVENT_HEADER ? RDB_HEADER_BYTES : event->offset;
        return RDB_OK;
    }
    need(passer->keys == 0 || event->offset >= passer->at);
    bool holds_keys = passer->places == 0 || event->passed.keys != 0;
    if (holds_keys && passer->places < PLACES_MAX) {
        passer->place[passer->places] = passer->places ? event->offset : passer->precedes;
        passer->places++;
    }
    passer->keys += event->passed.keys;
    passer->at = event->offset;
    return RDB_OK;
}

/* Parts that stand by themselves hold the keys of the whole. */
static void read_parts(const uint8_t *data, const struct rdb_options *options, const struct passer *passer)
{
    struct rdb_part_parser *parser = rdb_part_parser_new(&passer->header, options);
    enum rdb_status status = RDB_OK;
    struct reader reader = {.skip_every = 3};
    need(parser != NULL);
    for (size_t i = 1; i < passer->places && status == RDB_OK; i++) {
        uint64_t from = passer->place[i - 1], len = passer->place[i] - from;
        struct rdb_source source;
        struct rdb_error error = {0};
        need(rdb_source_memory(&source, data + from, (size_t)len, &error) == RDB_OK);
        status = rdb_part_parse(parser, &source, from, read_event, &reader, &error);
        need(status == error.status && error.offset <= passer->place[i]);
        rdb_source_close(&source);
    }
    need(status != RDB_OK || passer->places == PLACES_MAX || reader.keys == passer->keys);
    rdb_part_parser_free(parser);
}

static void pass_over(const uint8_t *data, size_t size, const struct rdb_options *options, uint64_t keys)
{
    struct rdb_options passing = *options;
    struct rdb_source source;
    struct rdb_error error = {0};
    struct passer passer = {.places = 0};
    passing.pass_bytes = 1 + size % 1000;
    need(rdb_source_memory(&source, data, size, &error) == RDB_OK);
    enum rdb_status status = rdb_parse(&source, &passing, pass_event, &passer, &error);
    need(status != RDB_OK || passer.keys == keys);
    rdb_source_close(&source);
    if (status == RDB_OK)
        read_parts(data, options, &passer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t windows[] = {0, 1, 100, 1000};
    const struct rdb_options options = {.deep = size & 1,
                                        .joins_strings = (size & 2) != 0,
                                        .window_bytes = windows[size / 2 % 4],
                                        .max_name_bytes = size % 5 == 0 ? 10 : 0,
                                        .max_unpack_bytes = 1024 * 1024};
    struct reader reader = {.skip_every = 1 + size % 7};
    struct rdb_source source;
    struct rdb_error error = {0};
    if (rdb_source_memory(&source, data, size, &error) != RDB_OK)
        return 0;
    enum rdb_status status = rdb_parse(&source, &options, read_event, &reader, &error);
    need((status == RDB_OK) == (reader.ended != 0));
    need(status == error.status && error.offset <= size);
    need((status == RDB_OK) == (error.message[0] == '\0'));
    rdb_source_close(&source);
    if (status == RDB_OK)
        pass_over(data, size, &options, reader.keys);
    return 0;
}
