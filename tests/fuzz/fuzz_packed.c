/* Any bytes as a packed blob of each form: the first byte chooses form and depth. Every walk through it, whatever the
 * window and the batch, raw or compressed and unpacked piece by piece, gives the same entries and the same verdict. */
#include <stdlib.h>
#include <string.h>

#include "rdbparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

struct walk {
    size_t batch;
    uint64_t entries, sum, damaged;
    enum rdb_status status;
};

static uint64_t mix(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * UINT64_C(0x100000001B3);
}

/* What is the same for every window: length, and the first bytes. */
static void add_entry(struct walk *walk, const struct rdb_string *entry)
{
    enum { COMPARED = 32 };
    const uint8_t *bytes;
    size_t n = rdb_string_bytes(entry, COMPARED, &bytes);
    need(n == (entry->len < COMPARED ? entry->len : COMPARED));
    walk->sum = mix(walk->sum, entry->len);
    for (size_t i = 0; i < n; i++)
        walk->sum = mix(walk->sum, bytes[i]);
    walk->entries++;
}

static enum rdb_status walk_blob(void *context, const struct rdb_event *event)
{
    struct walk *walk = context;
    struct rdb_string entries[64];
    if (event->kind == RDB_EVENT_PACKED) {
        for (size_t n; (n = rdb_packed_read(&event->packed, entries, walk->batch)) > 0;)
            for (size_t i = 0; i < n; i++)
                add_entry(walk, &entries[i]);
        walk->status = rdb_packed_status(&event->packed, NULL);
        need(rdb_packed_read(&event->packed, entries, walk->batch) == 0);
    } else if (event->kind == RDB_EVENT_KEY_END) {
        walk->damaged += event->key_end.damaged;
    }
    return RDB_OK;
}

static size_t put_len(uint8_t *out, size_t len)
{
    const uint8_t bytes[] = {0x80, 0, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    memcpy(out, bytes, sizeof bytes);
    return sizeof bytes;
}

/* Compressed, by steps of literals. */
static size_t put_compressed(uint8_t *out, const uint8_t *blob, size_t size)
{
    enum { STEP = 32 };
    size_t at = 0;
    out[at++] = 0xC3;
    at += put_len(out + at, size + (size + STEP - 1) / STEP);
    at += put_len(out + at, size);
    for (size_t from = 0, part; from < size; from += part, at += part) {
        part = size - from < STEP ? size - from : STEP;
        out[at++] = (uint8_t)(part - 1);
        memcpy(out + at, blob + from, part);
    }
    return at;
}

/* A snapshot of one key around the blob. */
static size_t wrap(uint8_t *out, uint8_t type, int compressed, const uint8_t *blob, size_t size)
{
    const uint8_t head[] = {'R', 'E', 'D', 'I', 'S', '0', '0', '1', '2', type, 1, 'k'};
    const uint8_t end[] = {0xFF, 0, 0, 0, 0, 0, 0, 0, 0};
    size_t at = 0;
    memcpy(out + at, head, sizeof head);
    at += sizeof head;
    memset(out + at, 0, 8); /* type 25's smallest expiry */
    at += type == 25 ? 8 : 0;
    if (compressed) {
        at += put_compressed(out + at, blob, size);
    } else {
        at += put_len(out + at, size);
        memcpy(out + at, blob, size);
        at += size;
    }
    memcpy(out + at, end, sizeof end);
    return at + sizeof end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { BLOB_MAX = 60000 };
    static const uint8_t types[] = {9, 10, 11, 12, 13, 16, 17, 20, 25};
    static const size_t windows[] = {0, 1, 77, 500}, batches[] = {64, 1, 3, 7};
    static uint8_t out[BLOB_MAX + BLOB_MAX / 32 + 64];
    struct walk first = {0};
    if (size == 0 || size - 1 > BLOB_MAX)
        return 0;
    for (size_t i = 0; i < 8; i++) {
        const struct rdb_options options = {
            .deep = data[0] >> 7, .window_bytes = windows[i % 4], .max_unpack_bytes = i / 4, .skip_checksum = true};
        struct walk walk = {.batch = batches[i % 4]};
        size_t len = wrap(out, types[(data[0] & 127) % sizeof types], i >= 4, data + 1, size - 1);
        struct rdb_source source;
        struct rdb_error error = {0};
        if (rdb_source_memory(&source, out, len, &error) != RDB_OK)
            return 0;
        need(rdb_parse(&source, &options, walk_blob, &walk, &error) == RDB_OK);
        rdb_source_close(&source);
        if (i == 0)
            first = walk;
        need(walk.entries == first.entries && walk.sum == first.sum && walk.status == first.status);
        need(walk.damaged == first.damaged && (walk.status == RDB_OK || walk.damaged == 1));
    }
    return 0;
}
