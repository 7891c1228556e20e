/* rdbgen: kinds of keys, and mixes of them. */
#ifndef RDBGEN_H
#define RDBGEN_H

#include "rdb_writer.h"

enum {
    TEXT_BYTES = 64 * 1024,
    POOL_ITEMS = 512,
    ENTRIES_PER_NODE = 100, /* stream-node-max-entries */
    SCHEDULE = 4096 /* weights of a mix add up to this; every aligned block of so many keys has exactly these shares */
};

/* A string as it is in the file, made once because compressing is slow. */
struct pool_item {
    uint8_t *stored;
    size_t stored_len;
};

struct generator {
    struct rdb_writer out;
    struct packed_builder packed;
    uint64_t seed;
    char text[TEXT_BYTES];              /* words, to cut values from */
    uint8_t noise[TEXT_BYTES];          /* incompressible */
    struct pool_item json[POOL_ITEMS];  /* texts, compressed once */
    struct pool_item packs[POOL_ITEMS]; /* listpacks of field and value, the same */
    struct pool_item nodes[POOL_ITEMS]; /* of streams, ENTRIES_PER_NODE each, every other one compressed */
};

void generator_init(struct generator *generator, uint64_t seed, bool (*flush)(void *, const uint8_t *, size_t),
                    void *context);
void generator_release(struct generator *generator);

/* Writes record number `index`, type to value; whether it expires is a matter of the kind, and already written. */
struct kind {
    const char *name;
    void (*put)(struct generator *generator, uint64_t index, uint64_t random);
    unsigned opcode_type; /* the RDB type */
    bool expires;
};

struct part {
    const struct kind *kind;
    unsigned weight; /* of SCHEDULE; 0 in the first part: what the others leave */
};

enum { PARTS_MAX = 12 };

struct mix {
    const char *name, *about;
    struct part parts[PARTS_MAX];
    /* The value of one key of about `bytes` bytes; its type. */
    void (*put_huge)(struct generator *generator, uint64_t bytes);
    unsigned huge_type;
};

/* NULL if there is none. */
const struct mix *mix_find(const char *name);
/* Ends with a row without a name. */
extern const struct mix mixes[];

/* A well mixed number of two. */
uint64_t generator_random(uint64_t seed, uint64_t index);

#endif
