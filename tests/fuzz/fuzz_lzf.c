/* Any bytes as a compressed string: what is asked for in part is the beginning of the whole, and a deep parse, which
 * does not unpack it, finds damage where it does not unpack. So does one that unpacks the same bytes piece by piece, as
 * a list's node. The first two bytes are the length that is claimed. */
#include <stdlib.h>
#include <string.h>

#include "rdbparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

struct outcome {
    uint64_t damaged;
    bool unpacks;
};

static enum rdb_status read_string(void *context, const struct rdb_event *event)
{
    enum { BOTH = 70000 };
    static const size_t parts[] = {1, 20, 300, 5000};
    struct outcome *outcome = context;
    if (event->kind == RDB_EVENT_KEY_END)
        outcome->damaged += event->key_end.damaged;
    if (event->kind != RDB_EVENT_STRING)
        return RDB_OK;
    const uint8_t *whole, *part;
    size_t len = rdb_string_bytes(&event->string, BOTH, &whole);
    need(len == 0 || len == event->string.len);
    outcome->unpacks = len > 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = rdb_string_bytes(&event->string, parts[i], &part);
        need(n <= parts[i] && n <= event->string.len);
        if (len == 0)
            continue;
        need(n == (len < parts[i] ? len : parts[i]));
        whole = NULL; /* asked for again: the scratch keeps the last two */
        need(rdb_string_bytes(&event->string, BOTH, &whole) == len);
        need(rdb_string_bytes(&event->string, parts[i], &part) == n && memcmp(whole, part, n) == 0);
    }
    return RDB_OK;
}

enum { STORED_MAX = 16000 };

/* As the value of a string key, or as the one plain node of a list. */
static size_t wrap(uint8_t *out, int node, const uint8_t *data, size_t size)
{
    static const uint8_t string[] = {'R', 'E', 'D', 'I', 'S', '0', '0', '1', '2', 0, 1, 'k', 0xC3};
    static const uint8_t list[] = {'R', 'E', 'D', 'I', 'S', '0', '0', '1', '2', 18, 1, 'k', 1, 1, 0xC3};
    const uint8_t lens[] = {0x80, 0, 0, (uint8_t)((size - 2) >> 8), (uint8_t)(size - 2), 0x80, 0, 0, data[0], data[1]};
    size_t at = node ? sizeof list : sizeof string;
    memcpy(out, node ? list : string, at);
    memcpy(out + at, lens, sizeof lens);
    at += sizeof lens;
    memcpy(out + at, data + 2, size - 2);
    at += size - 2;
    memset(out + at, 0, 9);
    out[at] = 0xFF;
    return at + 9;
}

static struct outcome parse(const uint8_t *data, size_t size, int node, const struct rdb_options *options)
{
    static uint8_t out[STORED_MAX + 64];
    struct outcome outcome = {0};
    struct rdb_source source;
    struct rdb_error error = {0};
    need(rdb_source_memory(&source, out, wrap(out, node, data, size), &error) == RDB_OK);
    need(rdb_parse(&source, options, read_string, &outcome, &error) == RDB_OK);
    rdb_source_close(&source);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rdb_options shallow = {.skip_checksum = true}, deep = {.deep = true, .skip_checksum = true};
    const struct rdb_options piecewise = {
        .deep = true, .skip_checksum = true, .max_unpack_bytes = 1, .window_bytes = size % 300};
    if (size < 2 || size - 2 > STORED_MAX)
        return 0;
    struct outcome outcome = parse(data, size, 0, &shallow);
    uint64_t damaged_deep = parse(data, size, 0, &deep).damaged;
    need(damaged_deep >= outcome.damaged);
    need(damaged_deep == !outcome.unpacks);
    need(parse(data, size, 1, &piecewise).damaged == damaged_deep);
    return 0;
}
