#include "file_facts.h"

#include <rdbparse.h>
#include <stdio.h>
#include <string.h>

#include "options.h"

enum { AUX_MAX_TEXT = 64 };

void file_facts_init(struct file_facts *facts, const char *path)
{
    *facts = (struct file_facts){.path = path, .checksum = CHECKSUM_ABSENT};
}

static void add_wrapping(struct file_facts *facts, const char *name)
{
    size_t used = strlen(facts->wrapping);
    snprintf(facts->wrapping + used, sizeof facts->wrapping - used, "%s%s", used != 0 ? ", " : "", name);
}

void file_facts_source(struct file_facts *facts, const struct rdb_source_info *info)
{
    for (unsigned i = 0; i < info->wrapping_count; i++)
        add_wrapping(facts, rdb_wrapping_name(info->wrappings[i]));
    facts->size_bytes = info->size_bytes;
    facts->incremental_bytes = info->incremental_bytes;
}

/* ---- aux fields ----------------------------------------------------------------------------------------------------
 */

static void take_redis_version(struct file_facts *facts, const char *value)
{
    snprintf(facts->server_version, sizeof facts->server_version, "%s", value);
}

static void take_valkey_version(struct file_facts *facts, const char *value)
{
    take_redis_version(facts, value);
    facts->family = SERVER_VALKEY;
}

static void take_bits(struct file_facts *facts, const char *value)
{
    uint64_t bits;
    if (options_parse_count(value, &bits) && (bits == 32 || bits == 64))
        facts->redis_bits = (unsigned)bits;
}

static void take_ctime(struct file_facts *facts, const char *value)
{
    facts->has_ctime = options_parse_time(value, &facts->ctime_ms);
}

static void take_used_mem(struct file_facts *facts, const char *value)
{
    facts->has_used_mem = options_parse_count(value, &facts->used_mem);
}

static void take_dragonfly(struct file_facts *facts, const char *value)
{
    (void)value;
    facts->is_dragonfly = true;
}

static void take_keydb(struct file_facts *facts, const char *value)
{
    (void)value;
    facts->is_keydb = true;
}

static void take_cluster(struct file_facts *facts, const char *value)
{
    (void)value;
    facts->is_cluster = true;
}

/* The aux fields that mean something here (RDB writers of each server, rdbSaveInfoAuxFields). */
static const struct aux_row {
    const char *name;
    void (*take)(struct file_facts *facts, const char *value);
} aux_rows[] = {
    {"redis-ver", take_redis_version},
    {"valkey-ver", take_valkey_version},
    {"redis-bits", take_bits},
    {"ctime", take_ctime},
    {"used-mem", take_used_mem},
    {"df-ver", take_dragonfly},
    {"mvcc-tstamp", take_keydb},
    {"repl-masters", take_keydb},
    {"keydb-subexpire-key", take_keydb},
    {"slot-info", take_cluster},
    {"cluster-slot-states", take_cluster},
    {"cluster-asm-task", take_cluster},
};

static bool text_of(const struct rdb_string *string, char text[AUX_MAX_TEXT])
{
    const uint8_t *bytes;
    size_t len = rdb_string_bytes(string, AUX_MAX_TEXT - 1, &bytes);
    if (len < string->len || (len > 0 && memchr(bytes, '\0', len) != NULL))
        return false;
    if (len > 0)
        memcpy(text, bytes, len);
    text[len] = '\0';
    return true;
}

static void take_aux(struct file_facts *facts, const struct rdb_event *event)
{
    char name[AUX_MAX_TEXT], value[AUX_MAX_TEXT];
    if (!text_of(&event->aux.name, name))
        return;
    for (size_t i = 0; i < sizeof aux_rows / sizeof *aux_rows; i++) {
        if (strcmp(aux_rows[i].name, name) == 0) {
            if (!text_of(&event->aux.value, value))
                value[0] = '\0';
            aux_rows[i].take(facts, value);
            return;
        }
    }
}

/* ---- the other events ----------------------------------------------------------------------------------------------
 */

static void take_database(struct file_facts *facts, uint64_t db)
{
    size_t words = sizeof facts->databases_seen / sizeof *facts->databases_seen;
    if (db / 64 < words) {
        uint64_t bit = UINT64_C(1) << db % 64;
        if (facts->databases_seen[db / 64] & bit)
            return;
        facts->databases_seen[db / 64] |= bit;
    }
    facts->databases++;
}

static void take_end(struct file_facts *facts, const struct rdb_end *end)
{
    static const enum checksum_verdict verdicts[] = {
        [RDB_CHECKSUM_OK] = CHECKSUM_OK,
        [RDB_CHECKSUM_MISMATCH] = CHECKSUM_MISMATCH,
        [RDB_CHECKSUM_NOT_COMPUTED] = CHECKSUM_NOT_COMPUTED,
        [RDB_CHECKSUM_ABSENT] = CHECKSUM_ABSENT,
        [RDB_CHECKSUM_SKIPPED] = CHECKSUM_SKIPPED,
    };
    facts->checksum = verdicts[end->checksum];
    facts->checksum_stored = end->checksum_stored;
    facts->checksum_computed = end->checksum_computed;
    facts->snapshot_bytes = end->snapshot_bytes;
    facts->trailing_bytes = end->trailing_is_mark ? 0 : end->trailing_bytes;
    facts->trailing_is_aof = end->trailing_is_aof;
    if (end->trailing_is_aof)
        add_wrapping(facts, "AOF preamble");
    if (end->trailing_is_mark)
        add_wrapping(facts, "end mark of a replication");
}

void file_facts_finding(struct file_facts *facts, uint64_t offset, const char *key, const char *message)
{
    if (facts->finding_count < FILE_MAX_FINDINGS) {
        struct file_finding *finding = &facts->findings[facts->finding_count];
        finding->offset = offset;
        snprintf(finding->key, sizeof finding->key, "%s", key);
        snprintf(finding->message, sizeof finding->message, "%s", message);
    }
    facts->finding_count++;
}

void file_facts_event(struct file_facts *facts, const struct rdb_event *event, const char *key)
{
    switch (event->kind) {
    case RDB_EVENT_HEADER:
        facts->rdb_version = event->header.version;
        facts->family = event->header.dialect == RDB_DIALECT_VALKEY ? SERVER_VALKEY : SERVER_REDIS;
        break;
    case RDB_EVENT_AUX:
        take_aux(facts, event);
        break;
    case RDB_EVENT_FUNCTION:
        facts->functions++;
        facts->function_bytes += event->function.code.len;
        break;
    case RDB_EVENT_DATABASE:
        take_database(facts, event->database.db);
        break;
    case RDB_EVENT_RESIZEDB:
        facts->has_resizedb = true;
        facts->resizedb_keys += event->resizedb.keys;
        facts->resizedb_expires += event->resizedb.expires;
        break;
    case RDB_EVENT_SLOT_INFO:
        facts->is_cluster = true;
        break;
    case RDB_EVENT_FINDING:
        file_facts_finding(facts, event->offset, key, event->finding.message);
        break;
    case RDB_EVENT_END:
        take_end(facts, &event->end);
        break;
    default:
        break;
    }
}
