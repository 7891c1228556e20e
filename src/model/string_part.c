#include "string_part.h"

#include "keyspace_part.h"
#include "shape_internal.h"

enum embed_test {
    EMBED_BY_VALUE,   /* up to value_max bytes, beside the key's shell */
    EMBED_SHORT_KEY,  /* with the key in one block; the key's header is taken for 1 byte */
    EMBED_TRUE_HEADER /* likewise, with its real header */
};

enum shared_integers { SHARED_NEVER, SHARED_ALWAYS, SHARED_UNLESS_EVICTING };

struct string_part {
    const char *source;
    enum embed_test embed;
    uint16_t block_max;        /* bytes up to which a string shares its key's block */
    uint16_t value_max;        /* longest text that is embedded at all; 0: never */
    bool block_has_no_pointer; /* embedded: 8 bytes of header fewer, but never below that */
    bool expiry_in_test;       /* the expiry's 8 bytes count in the test of block_max */
    bool metadata_in_block;    /* Redis 8.6+: key metadata lie in the block */
    enum shared_integers shared;
    uint8_t embstr_more;      /* beside the shell: string header and NUL in one block with the object */
    bool integers_keep_block; /* text that is a number keeps the block that it was read into */
    const struct sds_family *raw;
    enum counted_as raw_counted, embedded_counted;
    uint8_t embedded_counted_more; /* COUNTED_OTHER: header bytes that MEMORY USAGE adds to the text */
};

enum {
    EMBSTR_MORE = 4,    /* 3-byte sds header and NUL: redis 3.2 .. , valkey */
    EMBSTR_3_0_MORE = 9 /* 8-byte header and NUL */
};

const struct string_part string_redis_2_8 = {
    .source = "redis 2.8.24 src/object.c",
    .shared = SHARED_ALWAYS,
    .raw = &sds_2_8,
};

/* Short strings in one block with their object. */
const struct string_part string_redis_3_0 = {
    .source = "redis 3.0.7 src/object.c createEmbeddedStringObject, tryObjectEncoding",
    .value_max = 39,
    .embstr_more = EMBSTR_3_0_MORE,
    .shared = SHARED_ALWAYS,
    .integers_keep_block = true,
    .raw = &sds_2_8,
};

const struct string_part string_redis_3_2 = {
    .source = "redis 3.2.13, 4.0.14 src/object.c createEmbeddedStringObject, tryObjectEncoding",
    .value_max = 44,
    .embstr_more = EMBSTR_MORE,
    .shared = SHARED_ALWAYS,
    .integers_keep_block = true,
    .raw = &sds_3_2,
    .embedded_counted = COUNTED_OTHER,
    .embedded_counted_more = 18,
};

const struct string_part string_redis_5_0 = {
    .source = "redis 5.0.14 src/object.c tryObjectEncoding",
    .value_max = 44,
    .embstr_more = EMBSTR_MORE,
    .shared = SHARED_UNLESS_EVICTING,
    .raw = &sds_3_2,
    .embedded_counted = COUNTED_OTHER,
    .embedded_counted_more = 18,
};

const struct string_part string_redis_6_0 = {
    .source = "redis 6.0.20, 6.2.16 src/object.c objectComputeSize (sdsZmallocSize)",
    .value_max = 44,
    .embstr_more = EMBSTR_MORE,
    .shared = SHARED_UNLESS_EVICTING,
    .raw = &sds_3_2,
    .raw_counted = COUNTED_HELD,
    .embedded_counted = COUNTED_OTHER,
    .embedded_counted_more = 18,
};

const struct string_part string_redis_7_0 = {
    .source = "redis 7.0.15 .. 8.0.5, valkey 7.2.13 src/object.c objectComputeSize",
    .value_max = 44,
    .embstr_more = EMBSTR_MORE,
    .shared = SHARED_UNLESS_EVICTING,
    .raw = &sds_3_2,
    .raw_counted = COUNTED_HELD,
    .embedded_counted = COUNTED_HELD,
};

/* In one block with the key, up to a cache line. */
const struct string_part string_redis_8_2 = {
    .source = "redis 8.2.3 src/object.c kvobjSet",
    .embed = EMBED_SHORT_KEY,
    .block_max = 64,
    .value_max = 44,
    .expiry_in_test = true,
    .raw = &sds_8_2,
    .raw_counted = COUNTED_HELD,
};

const struct string_part string_redis_8_4 = {
    .source = "redis 8.4.0 src/object.c kvobjSet, kvobjAllocSize; src/sds.c sdsAllocSize",
    .embed = EMBED_SHORT_KEY,
    .block_max = 64,
    .value_max = 44,
    .expiry_in_test = true,
    .raw = &sds_8_2,
    .raw_counted = COUNTED_OTHER,
};

const struct string_part string_redis_8_6 = {
    .source = "redis/redis 3339b753b (8.6), 2e46d2e73 (8.8) src/object.c kvobjSet",
    .embed = EMBED_SHORT_KEY,
    .block_max = 64,
    .value_max = 44,
    .metadata_in_block = true,
    .raw = &sds_8_2,
    .raw_counted = COUNTED_OTHER,
};

const struct string_part string_valkey_8_0 = {
    .source = "valkey 8.0.9 src/object.c, src/sds.c adjustTypeIfNeeded",
    .value_max = 44,
    .embstr_more = EMBSTR_MORE,
    .shared = SHARED_UNLESS_EVICTING,
    .raw = &sds_8_2,
    .raw_counted = COUNTED_HELD,
    .embedded_counted = COUNTED_HELD,
};

const struct string_part string_valkey_8_1 = {
    .source = "valkey 8.1.7 src/object.c shouldEmbedStringObject",
    .embed = EMBED_SHORT_KEY,
    .block_max = 64,
    .value_max = 44,
    .expiry_in_test = true,
    .raw = &sds_8_2,
    .raw_counted = COUNTED_HELD,
};

const struct string_part string_valkey_9_0 = {
    .source = "valkey 9.0.4 src/object.c shouldEmbedStringObject",
    .embed = EMBED_TRUE_HEADER,
    .block_max = 64,
    .value_max = 44,
    .expiry_in_test = true,
    .raw = &sds_8_2,
    .raw_counted = COUNTED_HELD,
};

const struct string_part string_valkey_9_1 = {
    .source = "valkey 9.1.0 src/object.c shouldEmbedStringObject",
    .embed = EMBED_TRUE_HEADER,
    .block_max = 128,
    .value_max = 255,
    .block_has_no_pointer = true,
    .expiry_in_test = true,
    .raw = &sds_8_2,
    .raw_counted = COUNTED_HELD,
};

/* Objects that carry a clock or a counter of their use cannot be shared: object.c, from 5.0 on. */
static const bool policy_needs_clock[POLICY_COUNT] = {
    [POLICY_ALLKEYS_LRU] = true,
    [POLICY_VOLATILE_LRU] = true,
    [POLICY_ALLKEYS_LFU] = true,
    [POLICY_VOLATILE_LFU] = true,
};

static bool evicts_by_use(const struct settings *settings)
{
    int64_t policy = settings->value[SETTING_MAXMEMORY_POLICY];
    bool is_known = policy >= 0 && policy < POLICY_COUNT;
    return settings->value[SETTING_MAXMEMORY] > 0 && is_known && policy_needs_clock[policy];
}

static bool is_shared(const struct cost_context *c, const struct string_part *part, int64_t value)
{
    if (part->shared == SHARED_NEVER || value < 0 || value >= OBJECT_SHARED_INTEGERS)
        return false;
    return part->shared == SHARED_ALWAYS || !evicts_by_use(c->settings);
}

static void tally_raw(const struct cost_context *c, struct tally *t, const struct string_part *part, uint64_t len)
{
    uint64_t request = sds_request(part->raw, len), bytes = held(c, request);
    tally_add(t, COST_PAYLOAD, "string", 0, 1, request, bytes);
    tally_move(t, COST_PAYLOAD, COST_ENTRY, request - len);
    uint64_t counted = part->raw_counted == COUNTED_HELD ? bytes : request;
    if (part->raw_counted == COUNTED_OTHER)
        counted = sds_alloc_size(len, bytes);
    tally_usage(t, counted);
    t->encoding = ENCODING_RAW;
}

/* ---- beside the key's shell: redis up to 8.0, valkey up to 8.0 -----------------------------------------------------
 */

static void tally_integer(const struct cost_context *c, struct tally *t, const struct string_part *part)
{
    const struct shape_text *text = &c->shape->string.text;
    t->encoding = ENCODING_INT;
    tally_usage(t, OBJECT_HEADER_BYTES);
    if (is_shared(c, part, text->integer))
        return;
    bool keeps_block = part->integers_keep_block && !text->stored_as_integer;
    uint64_t request = OBJECT_HEADER_BYTES + (keeps_block ? part->embstr_more + text->len : 0);
    tally_add(t, COST_ENTRY, "object with the integer", 0, 1, request, held(c, request));
    tally_move(t, COST_ENTRY, COST_PAYLOAD, sizeof(int64_t));
}

static void tally_embedded(const struct cost_context *c, struct tally *t, const struct string_part *part, uint64_t len)
{
    uint64_t request = OBJECT_HEADER_BYTES + part->embstr_more + len, bytes = held(c, request);
    tally_add(t, COST_ENTRY, "object with the string", 0, 1, request, bytes);
    tally_move(t, COST_ENTRY, COST_PAYLOAD, len);
    tally_usage(t, part->embedded_counted == COUNTED_HELD ? bytes : len + part->embedded_counted_more);
    t->encoding = ENCODING_EMBSTR;
}

static void string_beside(const struct cost_context *c, struct tally *t, const struct string_part *part)
{
    const struct shape_text *text = &c->shape->string.text;
    bool is_embedded = part->value_max && text->len <= part->value_max;
    bool is_raw = !text->is_integer && !is_embedded;
    uint64_t behind = keyspace_shell(c, t, is_raw ? SHELL_WITH_OBJECT : SHELL_WITHOUT_OBJECT);
    if (text->is_integer)
        tally_integer(c, t, part);
    else if (is_embedded)
        tally_embedded(c, t, part, text->len);
    else
        tally_raw(c, t, part, text->len);
    tally_usage(t, behind);
}

/* ---- in one block with the key --------------------------------------------------------------------------------------
 */

static uint64_t embedded_request(const struct cost_context *c, const struct string_part *part, bool has_expiry)
{
    uint64_t value = EMBSTR_MORE + c->shape->string.text.len, header = OBJECT_HEADER_BYTES;
    if (part->block_has_no_pointer) {
        header -= sizeof(uint64_t);
        value = value < sizeof(uint64_t) ? sizeof(uint64_t) : value;
    }
    uint64_t metadata = part->metadata_in_block ? c->key->metadata_classes : 0;
    uint64_t name = sds_request(c->server->keyspace->name, c->key->name_len);
    return header + EXPIRY_SLOT_BYTES * (has_expiry + metadata) + 1 + name + value;
}

static bool is_embedded(const struct cost_context *c, const struct string_part *part, bool has_expiry)
{
    uint64_t len = c->shape->string.text.len, name_len = c->key->name_len;
    if (len > part->value_max || name_len > part->block_max)
        return false;
    uint64_t name = part->embed == EMBED_SHORT_KEY ? name_len + 2 : sds_request(&sds_embedded, name_len);
    uint64_t header = OBJECT_HEADER_BYTES - (part->block_has_no_pointer ? sizeof(uint64_t) : 0);
    uint64_t expiry = has_expiry && part->expiry_in_test ? EXPIRY_SLOT_BYTES : 0;
    return header + 1 + name + expiry + EMBSTR_MORE + len <= part->block_max;
}

/* Valkey builds the object without expiry; only when the block has no room for a slot it builds it anew, and asks again
 * whether the string fits. Redis knows the expiry from the start. */
static bool is_built_with_expiry(const struct cost_context *c, const struct string_part *part)
{
    if (!c->key->has_expiry || c->server->keyspace->layout == SHELL_KVOBJ)
        return c->key->has_expiry;
    if (!is_embedded(c, part, false))
        return true;
    uint64_t request = embedded_request(c, part, false);
    return held(c, request) < request + EXPIRY_SLOT_BYTES;
}

static void string_inside(const struct cost_context *c, struct tally *t, const struct string_part *part)
{
    const struct shape_text *text = &c->shape->string.text;
    bool has_expiry = is_built_with_expiry(c, part);
    if (!text->is_integer && is_embedded(c, part, has_expiry)) {
        uint64_t request = embedded_request(c, part, has_expiry);
        tally_start(t);
        shell_block(c, t, request, text->len);
        tally_usage(t, held(c, request));
        t->encoding = ENCODING_EMBSTR;
        return;
    }
    tally_usage(t, keyspace_shell(c, t, SHELL_WITH_OBJECT));
    if (!text->is_integer) {
        tally_raw(c, t, part, text->len);
        return;
    }
    tally_move(t, COST_ENTRY, COST_PAYLOAD, sizeof(int64_t));
    t->encoding = ENCODING_INT;
}

void string_cost(const struct cost_context *c, struct tally *t)
{
    const struct string_part *part = c->server->string;
    if (part->block_max)
        string_inside(c, t, part);
    else
        string_beside(c, t, part);
}
