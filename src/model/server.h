/* Server models as data: one row per release that changed a layout, made of named parts that rows share (servers.c).
 * Only the files of src/model know which release has what; nothing else tests a version. */
#ifndef MODEL_SERVER_H
#define MODEL_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "allocator.h"
#include "object.h"
#include "settings.h"

enum server_family { SERVER_REDIS, SERVER_VALKEY };

struct server_model {
    const char *id;       /* as --target takes it: "redis-7.2" */
    const char *title;    /* "Redis 7.2" */
    const char *releases; /* "7.2.0 - 7.2.x" */
    const char *source;   /* where the numbers come from */
    enum server_family family;
    unsigned major, minor;       /* first release of the line */
    unsigned rdb_version;        /* what it writes: 10, 80, ... */
    enum allocator_id allocator; /* upstream's default */
    bool has_memory_usage;       /* MEMORY USAGE exists (4.0+) */
    const struct settings *defaults;
    const struct keyspace_part *keyspace; /* each part is private to its own file in src/model */
    const struct string_part *string;
    const struct list_part *list;
    const struct set_part *set;
    const struct zset_part *zset;
    const struct hash_part *hash;
    const struct stream_part *stream;
    const struct array_part *array;         /* NULL where the server has no such type */
    const struct vectorset_part *vectorset; /* likewise */
};

/* All rows, oldest first within a family, Redis first. */
const struct server_model *server_models(size_t *count);
/* By id ("redis-7.2", "valkey-8"; "redis-7.2.4" finds its line). NULL when there is none. */
const struct server_model *server_by_id(const char *id);

/* Whether the server can load values of a type. Of modules' values nobody but the modules knows: true. */
bool server_has_type(const struct server_model *server, enum object_type type);
/* The part that models a type of value; NULL where the server has no such type (and for module values, which no part
 * models). */
const void *server_part(const struct server_model *server, enum object_type type);

enum server_match {
    SERVER_EXACT,     /* the release's own line */
    SERVER_NEAREST,   /* no own line: the nearest older one (or the oldest) */
    SERVER_NEWER,     /* newer than every line of its family: the newest */
    SERVER_BY_VERSION /* no version text in the file: the newest line that writes this RDB version */
};

/* The model for what a snapshot says of its writer. `version` is the aux redis-ver or valkey-ver text ("7.0.15"), NULL
 * or
 * "" when the file has none; then the RDB version decides. KeyDB's versions map to Redis 6.2's line. */
const struct server_model *server_for_snapshot(enum server_family family, const char *version, bool is_keydb,
                                               unsigned rdb_version, enum server_match *match);

#endif
