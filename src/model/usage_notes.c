/* From reading each release's objectComputeSize, kvobjComputeSize or kvobjAllocSize (src/object.c) against what its
 * allocations are; tests/accuracy holds the sums against real servers. */
#include "usage_notes.h"

#include "hash_part.h"
#include "keyspace_part.h"
#include "list_part.h"
#include "set_part.h"
#include "string_part.h"
#include "value_parts.h"
#include "zset_part.h"

#define ANY_ENCODING ENCODING_COUNT

static const char expires_entry[] = "The entry in the table of expiries is never counted.";
static const char shared_integer[] =
    "An integer below 10000 may be a shared object, which costs this key nothing but is counted.";
static const char nothing_rounded[] = "Lengths are counted as they are, not the blocks that hold them.";
static const char packed_by_length[] = "A packed or embedded value is counted by its length, not by the block that "
                                       "holds it.";
static const char absent_entries[] =
    "An entry of 24 bytes is counted for each element, but one of 16 is allocated only where elements collide.";
static const char guessed_trees[] =
    "Radix trees are guessed from the number of their entries, often at several times what they hold.";
static const char asked_sizes[] = "Many blocks are counted as asked for, not as the allocator rounds them up.";
static const char skip_list_nodes[] = "Eight bytes of each skip list node are not counted.";
static const char group_trees[] = "The trees and lists that belong to consumer groups are not counted, or not whole.";
static const char field_expiries[] = "What a table keeps to find expiring fields is not counted.";

/* A part, or any server that has it, and what its count gets wrong. */
static const struct usage_note {
    const void *part;
    enum object_encoding encoding;
    bool of_expiry; /* only for keys with an expiry */
    const char *note;
} rows[] = {
    {&keyspace_redis_4_0, ANY_ENCODING, true, expires_entry},
    {&keyspace_redis_5_0, ANY_ENCODING, true, expires_entry},
    {&keyspace_redis_6_0, ANY_ENCODING, true, expires_entry},
    {&keyspace_redis_7_0, ANY_ENCODING, true, expires_entry},
    {&keyspace_redis_7_2, ANY_ENCODING, true, expires_entry},
    {&keyspace_redis_7_4, ANY_ENCODING, true, expires_entry},
    {&keyspace_redis_8_0, ANY_ENCODING, true, expires_entry},
    {&keyspace_valkey_7_2, ANY_ENCODING, true, expires_entry},
    {&keyspace_valkey_8_0, ANY_ENCODING, true, expires_entry},

    {&keyspace_redis_4_0, ENCODING_INT, false, shared_integer},
    {&keyspace_redis_5_0, ENCODING_INT, false, shared_integer},
    {&keyspace_redis_6_0, ENCODING_INT, false, shared_integer},
    {&keyspace_redis_7_0, ENCODING_INT, false, shared_integer},
    {&keyspace_redis_7_2, ENCODING_INT, false, shared_integer},
    {&keyspace_redis_7_4, ENCODING_INT, false, shared_integer},
    {&keyspace_redis_8_0, ENCODING_INT, false, shared_integer},
    {&keyspace_valkey_7_2, ENCODING_INT, false, shared_integer},
    {&keyspace_valkey_8_0, ENCODING_INT, false, shared_integer},

    {&keyspace_redis_4_0, ANY_ENCODING, false, nothing_rounded},
    {&keyspace_redis_5_0, ANY_ENCODING, false, nothing_rounded},
    {&keyspace_redis_6_0, ENCODING_EMBSTR, false, packed_by_length},
    {&keyspace_redis_6_0, ENCODING_ZIPLIST, false, packed_by_length},
    {&keyspace_redis_6_0, ENCODING_INTSET, false, packed_by_length},
    {&keyspace_redis_6_0, ENCODING_QUICKLIST, false, packed_by_length},
    {&keyspace_redis_8_4, ANY_ENCODING, false, asked_sizes},
    {&keyspace_redis_8_6, ANY_ENCODING, false, asked_sizes},
    {&keyspace_redis_8_8, ANY_ENCODING, false, asked_sizes},

    {&set_redis_7_2, ENCODING_HASHTABLE, false, absent_entries},
    {&set_redis_8_2, ENCODING_HASHTABLE, false, absent_entries},
    {&set_redis_8_4, ENCODING_HASHTABLE, false, absent_entries},
    {&hash_redis_8_6, ENCODING_HASHTABLE, false, absent_entries},
    {&zset_redis_8_6, ENCODING_SKIPLIST, false, absent_entries},
    {&zset_redis_8_2, ENCODING_SKIPLIST, false, skip_list_nodes},
    {&zset_redis_4_0, ENCODING_SKIPLIST, false, "The head of the skip list is not counted."},
    {&zset_valkey_9_1, ENCODING_SKIPLIST, false,
     "The head of the skip list is counted as asked for: 528 bytes, where the allocator holds more."},
    {&hash_redis_7_4, ENCODING_HASHTABLE, false, field_expiries},
    {&hash_redis_8_2, ENCODING_HASHTABLE, false, field_expiries},

    {&stream_redis_5_0, ENCODING_STREAM, false, guessed_trees},
    {&stream_redis_6_2, ENCODING_STREAM, false, guessed_trees},
    {&stream_redis_7_0, ENCODING_STREAM, false, guessed_trees},
    {&stream_redis_7_2, ENCODING_STREAM, false, guessed_trees},
    {&stream_redis_8_2, ENCODING_STREAM, false, guessed_trees},
    {&stream_valkey_7_2, ENCODING_STREAM, false, guessed_trees},
    {&stream_valkey_8_0, ENCODING_STREAM, false, guessed_trees},
    {&stream_redis_8_4, ENCODING_STREAM, false, group_trees},
    {&stream_redis_8_6, ENCODING_STREAM, false, group_trees},
    {&stream_redis_8_8, ENCODING_STREAM, false, group_trees},
    {&stream_valkey_8_1, ENCODING_STREAM, false, group_trees},
};

size_t model_usage_notes(const struct server_model *server, enum object_type type, enum object_encoding encoding,
                         bool has_expiry, const char *notes[USAGE_MAX_NOTES])
{
    const void *part = server_part(server, type);
    size_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && count < USAGE_MAX_NOTES; i++) {
        const struct usage_note *row = &rows[i];
        if ((row->part == server->keyspace || row->part == part) &&
            (row->encoding == ANY_ENCODING || row->encoding == encoding) && (!row->of_expiry || has_expiry))
            notes[count++] = row->note;
    }
    return count;
}
