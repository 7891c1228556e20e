/* Any bytes as a compressed string: what is asked for in part is the beginning of the whole, and a deep parse, which
 * does not unpack it, finds damage where it does not unpack. The first two bytes are the length that is claimed. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { STORED_MAX = 16000 };
    static uint8_t out[STORED_MAX + 64];
    if (size < 2 || size - 2 > STORED_MAX)
        return 0;
    const uint8_t head[] = {'R', 'E', 'D', 'I', 'S', '0', '0', '1', '2', 0, 1, 'k', 0xC3};
    uint8_t lens[] = {0x80, 0, 0, (uint8_t)((size - 2) >> 8), (uint8_t)(size - 2), 0x80, 0, 0, data[0], data[1]};
    size_t at = sizeof head;
    memcpy(out, head, sizeof head);
    memcpy(out + at, lens, sizeof lens);
    at += sizeof lens;
    memcpy(out + at, data + 2, size - 2);
    at += size - 2;
    memset(out + at, 0, 9);
    out[at] = 0xFF;
    struct outcome outcome[2] = {{0}};
    for (int deep = 0; deep < 2; deep++) {
        const struct rdb_options options = {.deep = deep, .skip_checksum = true};
        struct rdb_source source;
        struct rdb_error error = {0};
        if (rdb_source_memory(&source, out, at + 9, &error) != RDB_OK)
            return 0;
        need(rdb_parse(&source, &options, read_string, &outcome[deep], &error) == RDB_OK);
        rdb_source_close(&source);
    }
    need(outcome[1].damaged >= outcome[0].damaged);
    need(outcome[1].damaged == !outcome[0].unpacks);
    return 0;
}
