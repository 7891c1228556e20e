/* split SNAPSHOT PREFIX PARTS SEED [slots]: deals the keys of a snapshot out into PREFIX000.rdb, PREFIX001.rdb, ... at
 * random, or with `slots` by ranges of cluster slots, as a cluster would. Records are copied byte for byte; every part
 * has its own RESIZEDB counts and checksum, and its share of used-mem, so that the parts' together are the whole's. */
#include <inttypes.h>
#include <rdbparse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rdb_writer.h"
#include "slot.h"

enum {
    MAX_PARTS = 1024,
    MAX_DATABASES = 64,
    OPCODE_AUX = 0xFA,
    OPCODE_RESIZEDB = 0xFB,
    OPCODE_SELECTDB = 0xFE,
    OPCODE_EOF = 0xFF
};

static const char used_mem_name[] = "used-mem";

struct part {
    FILE *out;
    uint64_t crc, db;
    uint64_t keys[MAX_DATABASES], expires[MAX_DATABASES];
    bool has_db;
};

struct split {
    const uint8_t *bytes;
    size_t len;
    uint64_t seed, db, end; /* end: of what was last read */
    unsigned parts, chosen;
    bool by_slot, writes, has_head;
    uint64_t used_mem, aux_begin, aux_end; /* the aux field that says so; aux_end 0: there is none */
    struct part part[MAX_PARTS];
};

static void die(const char *what)
{
    fprintf(stderr, "split: %s\n", what);
    exit(1);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = (*seed ^ *seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void put(struct part *part, const void *bytes, size_t len)
{
    part->crc = rdb_crc64(part->crc, bytes, len);
    if (fwrite(bytes, 1, len, part->out) != len)
        die("cannot write");
}

static size_t length_bytes(uint8_t first)
{
    return first >> 6 == 0 ? 1 : first >> 6 == 1 ? 2 : first == 0x80 ? 5 : 9;
}

static size_t put_length(uint8_t *at, uint64_t value)
{
    at[0] = 0x81;
    for (int i = 0; i < 8; i++)
        at[1 + i] = (uint8_t)(value >> 8 * (7 - i));
    return 9;
}

static void put_database(struct part *part, uint64_t db)
{
    uint8_t bytes[32] = {OPCODE_SELECTDB, (uint8_t)db, OPCODE_RESIZEDB};
    size_t len = 3;
    len += put_length(bytes + len, part->keys[db]);
    len += put_length(bytes + len, part->expires[db]);
    put(part, bytes, len);
    part->db = db;
    part->has_db = true;
}

static void choose(struct split *split, const struct rdb_event *event)
{
    const uint8_t *name;
    size_t len = rdb_string_bytes(&event->key.name, 1 << 20, &name);
    split->chosen = split->by_slot ? slot_of_key(name, len) * split->parts / SLOT_COUNT
                                   : (unsigned)(next_random(&split->seed) % split->parts);
    if (split->db >= MAX_DATABASES)
        die("too many databases");
    if (!split->writes) {
        split->part[split->chosen].keys[split->db]++;
        split->part[split->chosen].expires[split->db] += event->key.has_expiry;
    }
}

/* Of what does not divide, the first part has more. */
static void put_used_mem(const struct split *split, struct part *part)
{
    char value[24];
    uint8_t bytes[64] = {OPCODE_AUX, sizeof used_mem_name - 1};
    uint64_t share = split->used_mem / split->parts + (part == split->part ? split->used_mem % split->parts : 0);
    size_t len = (size_t)snprintf(value, sizeof value, "%" PRIu64, share), at = 2;
    memcpy(bytes + at, used_mem_name, sizeof used_mem_name - 1);
    at += sizeof used_mem_name - 1;
    bytes[at++] = (uint8_t)len;
    memcpy(bytes + at, value, len);
    put(part, bytes, at + len);
}

static void write_head(struct split *split, uint64_t end)
{
    for (unsigned i = 0; split->writes && !split->has_head && i < split->parts; i++) {
        struct part *part = &split->part[i];
        put(part, split->bytes, split->aux_end != 0 ? split->aux_begin : end);
        if (split->aux_end == 0)
            continue;
        put_used_mem(split, part);
        put(part, split->bytes + split->aux_end, end - split->aux_end);
    }
    split->has_head = true;
}

static void see_aux(struct split *split, const struct rdb_event *event)
{
    const uint8_t *name, *value;
    char text[24];
    size_t len = rdb_string_bytes(&event->aux.name, 64, &name);
    if (len != sizeof used_mem_name - 1 || memcmp(name, used_mem_name, len) != 0)
        return;
    len = rdb_string_bytes(&event->aux.value, sizeof text - 1, &value);
    memcpy(text, value, len);
    text[len] = '\0';
    split->used_mem = strtoull(text, NULL, 10);
    split->aux_begin = event->offset;
}

static enum rdb_status sink(void *context, const struct rdb_event *event)
{
    struct split *split = context;
    const uint8_t *at = split->bytes + event->offset;
    struct part *part = &split->part[split->chosen];
    if (split->aux_begin != 0 && split->aux_end == 0)
        split->aux_end = event->offset;
    switch (event->kind) {
    case RDB_EVENT_AUX:
        if (!split->has_head)
            see_aux(split, event);
        break;
    case RDB_EVENT_DATABASE:
        write_head(split, event->offset);
        split->db = event->database.db;
        split->end = event->offset + 1 + length_bytes(at[1]);
        break;
    case RDB_EVENT_RESIZEDB:
        split->end = event->offset + 1 + length_bytes(at[1]) + length_bytes(at[1 + length_bytes(at[1])]);
        break;
    case RDB_EVENT_KEY:
        choose(split, event);
        break;
    case RDB_EVENT_KEY_END:
        if (split->writes) {
            if (!part->has_db || part->db != split->db)
                put_database(part, split->db);
            put(part, split->bytes + split->end, event->offset - split->end);
        }
        split->end = event->offset;
        break;
    default:
        break;
    }
    return RDB_OK;
}

static void pass(struct split *split, bool writes, uint64_t seed)
{
    struct rdb_source source;
    struct rdb_error error;
    split->writes = writes;
    split->seed = seed;
    if (rdb_source_memory(&source, split->bytes, split->len, &error) != RDB_OK ||
        rdb_parse(&source, &(struct rdb_options){.skip_checksum = true}, sink, split, &error) != RDB_OK)
        die(error.message);
    rdb_source_close(&source);
}

static uint8_t *load(const char *path, size_t *len)
{
    FILE *in = fopen(path, "r");
    if (in == NULL || fseek(in, 0, SEEK_END) != 0)
        die("cannot open the snapshot");
    *len = (size_t)ftell(in);
    rewind(in);
    uint8_t *bytes = malloc(*len + 1);
    if (bytes == NULL || fread(bytes, 1, *len, in) != *len)
        die("cannot read the snapshot");
    fclose(in);
    return bytes;
}

int main(int argc, char **argv)
{
    static struct split split;
    char path[4096];
    if (argc < 5)
        die("usage: split SNAPSHOT PREFIX PARTS SEED [slots]");
    split.bytes = load(argv[1], &split.len);
    split.parts = (unsigned)strtoul(argv[3], NULL, 10);
    split.by_slot = argc > 5;
    if (split.parts == 0 || split.parts > MAX_PARTS)
        die("how many parts?");
    uint64_t seed = strtoull(argv[4], NULL, 10);
    pass(&split, false, seed);
    for (unsigned i = 0; i < split.parts; i++) {
        snprintf(path, sizeof path, "%s%03u.rdb", argv[2], i);
        if ((split.part[i].out = fopen(path, "w")) == NULL)
            die("cannot create a part");
    }
    split.has_head = false;
    pass(&split, true, seed);
    write_head(&split, split.len < 9 ? split.len : 9);
    for (unsigned i = 0; i < split.parts; i++) {
        struct part *part = &split.part[i];
        uint8_t tail[8], eof = OPCODE_EOF;
        put(part, &eof, 1);
        for (int k = 0; k < 8; k++)
            tail[k] = (uint8_t)(part->crc >> 8 * k);
        put(part, tail, sizeof tail);
        fclose(part->out);
    }
    free((void *)split.bytes);
    return 0;
}
