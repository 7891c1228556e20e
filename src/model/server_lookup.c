/* Which row stands for a version: the only place that compares versions. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server.h"

/* The development branches of Redis and Valkey call themselves 255.255.255 (src/version.h), whenever they were built.
 */
enum { DEVELOPMENT_MAJOR = 255 };

struct version {
    unsigned long major, minor;
    bool has_minor;
};

/* "7.0.15", "8", "255.255.255": false when there is no number. */
static bool parse_version(const char *text, struct version *version)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    version->major = strtoul(text, &end, 10);
    version->has_minor = *end == '.' && end[1] >= '0' && end[1] <= '9';
    version->minor = version->has_minor ? strtoul(end + 1, &end, 10) : 0;
    bool goes_on = *end == '.' && version->has_minor; /* the patch release does not matter */
    return *end == '\0' || goes_on || *end == '-' || *end == '+';
}

/* < 0 where the row is older than the version. */
static int compare(const struct server_model *row, const struct version *version)
{
    if (row->major != version->major)
        return row->major < version->major ? -1 : 1;
    if (row->minor != version->minor)
        return row->minor < version->minor ? -1 : 1;
    return 0;
}

/* The newest row of the family that is not newer than the version; the oldest row when all are. */
static const struct server_model *row_for_version(enum server_family family, const struct version *version,
                                                  enum server_match *match)
{
    size_t count;
    const struct server_model *rows = server_models(&count), *best = NULL, *newest = NULL;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].family != family)
            continue;
        newest = &rows[i];
        if (!best || compare(&rows[i], version) <= 0)
            best = &rows[i];
    }
    *match = SERVER_NEAREST;
    if (!best)
        return NULL; /* a family without rows */
    if (compare(best, version) == 0)
        *match = SERVER_EXACT;
    else if (best == newest && compare(best, version) < 0)
        *match = SERVER_NEWER;
    return best;
}

const struct server_model *server_by_id(const char *id)
{
    static const char *const families[] = {[SERVER_REDIS] = "redis-", [SERVER_VALKEY] = "valkey-"};
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        size_t prefix = strlen(families[f]);
        struct version version;
        if (strncasecmp(id, families[f], prefix) != 0 || !parse_version(id + prefix, &version))
            continue;
        if (!version.has_minor)
            version.minor = (unsigned long)-1; /* "redis-7": the newest line of 7 */
        enum server_match match;
        const struct server_model *row = row_for_version((enum server_family)f, &version, &match);
        bool is_line = version.has_minor ? match == SERVER_EXACT : row && row->major == version.major;
        return is_line ? row : NULL;
    }
    return NULL;
}

static const struct server_model *row_for_rdb_version(enum server_family family, unsigned rdb_version,
                                                      enum server_match *match)
{
    size_t count;
    const struct server_model *rows = server_models(&count), *best = NULL, *oldest = NULL;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].family != family)
            continue;
        if (!oldest)
            oldest = &rows[i];
        if (rows[i].rdb_version <= rdb_version)
            best = &rows[i];
    }
    *match = SERVER_BY_VERSION;
    return best ? best : oldest;
}

const struct server_model *server_for_snapshot(enum server_family family, const char *version, bool is_keydb,
                                               unsigned rdb_version, enum server_match *match)
{
    struct version parsed;
    if (is_keydb) { /* forked from Redis 6, and counts its own versions */
        *match = SERVER_NEAREST;
        return server_by_id("redis-6.2");
    }
    if (!version || !parse_version(version, &parsed))
        return row_for_rdb_version(family, rdb_version, match);
    const struct server_model *row = row_for_version(family, &parsed, match);
    bool is_old_branch = parsed.major == DEVELOPMENT_MAJOR && row && rdb_version <= row->rdb_version;
    return is_old_branch ? row_for_rdb_version(family, rdb_version, match) : row;
}

const void *server_part(const struct server_model *server, enum object_type type)
{
    const void *const parts[OBJECT_TYPE_COUNT] = {
        [OBJECT_STRING] = server->string, [OBJECT_LIST] = server->list,           [OBJECT_SET] = server->set,
        [OBJECT_ZSET] = server->zset,     [OBJECT_HASH] = server->hash,           [OBJECT_STREAM] = server->stream,
        [OBJECT_ARRAY] = server->array,   [OBJECT_VECTORSET] = server->vectorset,
    };
    return parts[type];
}

bool server_has_type(const struct server_model *server, enum object_type type)
{
    return type == OBJECT_MODULE || server_part(server, type) != NULL;
}
