/* Rules about what INFO says of the process: fragmentation, buffers, scripts. Those of MEMORY DOCTOR are among them
 * with its own limits (redis 7.0 src/object.c getMemoryDoctorReport). */
#include <inttypes.h>
#include <stdio.h>

#include "audit.h"

#define WORDS(member, ...) snprintf(member, sizeof member, __VA_ARGS__)

enum { MB = 1 << 20, LARGE_BUFFER = 10 * MB, LARGE_CLIENT = 200 << 10, MANY_SCRIPTS = 1000, MANY_PENDING = 10000 };

static uint64_t used(const struct audit *audit)
{
    return info_bytes(audit->info, INFO_USED_MEMORY);
}

/* ---- fragmentation -------------------------------------------------------------------------------------------------
 */

static bool swapping(const struct audit *audit, struct finding *finding)
{
    double ratio;
    char bytes[AUDIT_BYTES_MAX];
    if (audit_fragmentation(audit, &ratio) != BAND_SWAPPING)
        return false;
    int64_t missing = -audit_fragmentation_bytes(audit);
    finding->bytes = missing > 0 ? (uint64_t)missing : 0;
    WORDS(finding->evidence, "rss / used_memory is %.2f: %s of what the server holds is not in RAM.", ratio,
          finding->bytes ? audit_bytes(finding->bytes, bytes) : "part");
    WORDS(finding->remedy, "Every access to it waits for the disk. Give the machine more memory or the server less: a "
                           "maxmemory, fewer keys, or a second node; then turn swap off for it.");
    return true;
}

/* Where the bytes beyond used_memory are, as far as INFO splits them. */
static void write_split(const struct audit *audit, char *words, size_t size)
{
    char holes[AUDIT_BYTES_MAX], pages[AUDIT_BYTES_MAX], process[AUDIT_BYTES_MAX];
    *words = '\0';
    if (!info_has(audit->info, INFO_ALLOCATOR_FRAG_BYTES))
        return;
    snprintf(words, size, " Of these %s are holes between blocks, %s free pages kept by the allocator, %s the process.",
             audit_bytes(info_bytes(audit->info, INFO_ALLOCATOR_FRAG_BYTES), holes),
             audit_bytes(info_bytes(audit->info, INFO_ALLOCATOR_RSS_BYTES), pages),
             audit_bytes(info_bytes(audit->info, INFO_RSS_OVERHEAD_BYTES), process));
}

static void write_evidence(const struct audit *audit, double ratio, struct finding *finding)
{
    char bytes[AUDIT_BYTES_MAX], split[240];
    int64_t more = audit_fragmentation_bytes(audit);
    finding->bytes = more > 0 ? (uint64_t)more : 0;
    write_split(audit, split, sizeof split);
    if (finding->bytes == 0) {
        WORDS(finding->evidence, "rss / used_memory is %.2f.", ratio);
        return;
    }
    WORDS(finding->evidence, "rss / used_memory is %.2f: the process has %s more than the server uses.%s", ratio,
          audit_bytes(finding->bytes, bytes), split);
}

/* As CONFIG SET, and not for redis.conf: a build that cannot defragment answers with an error, but does not start at
 * all with activedefrag in its file. */
static void write_defrag_lines(const struct audit *audit, struct finding *finding)
{
    struct defrag_setting settings[AUDIT_DEFRAG_SETTINGS];
    audit_defrag_settings(audit, settings);
    for (size_t i = 0; i < AUDIT_DEFRAG_SETTINGS; i++)
        audit_append(finding->commands, sizeof finding->commands, "CONFIG SET %s %s\n", settings[i].name,
                     settings[i].value);
    audit_append(finding->commands, sizeof finding->commands, "CONFIG REWRITE");
}

/* What can be expected of active defragmentation, and whether to turn it on. */
static const char *defrag_advice(const struct audit *audit, bool few_holes, bool *turn_on)
{
    char value[8] = "";
    const struct saved_file *config = &audit->inputs->config;
    *turn_on = false;
    if (info_bytes(audit->info, INFO_ACTIVE_DEFRAG_RUNNING))
        return "Active defragmentation is at work now: look again when it is through.";
    if (audit_cannot_defrag(audit))
        return "This build runs on the distribution's jemalloc, with which the server refuses to defragment.";
    if (config->text && conf_directive(config->text, config->len, "activedefrag", value, sizeof value) &&
        value[0] == 'y')
        return "redis.conf has activedefrag on: what remains is below its thresholds, or it gets too little CPU.";
    *turn_on = true;
    if (few_holes)
        return "Active defragmentation would close the holes only; MEMORY PURGE gives the free pages back.";
    return "Active defragmentation closes the holes while the server runs; builds without the bundled jemalloc "
           "(Debian's, Ubuntu's) refuse it.";
}

/* What another process with the same data would not have. All of it, where INFO does not split it. */
static uint64_t freed_by_restart(const struct audit *audit, uint64_t all)
{
    if (!info_has(audit->info, INFO_ALLOCATOR_FRAG_BYTES))
        return all;
    uint64_t heap =
        info_bytes(audit->info, INFO_ALLOCATOR_FRAG_BYTES) + info_bytes(audit->info, INFO_ALLOCATOR_RSS_BYTES);
    return heap < all ? heap : all;
}

static bool fragmentation_high(const struct audit *audit, struct finding *finding)
{
    double ratio;
    char freed[AUDIT_BYTES_MAX];
    enum fragmentation_band band = audit_fragmentation(audit, &ratio);
    if (band != BAND_HIGH && band != BAND_RESTART)
        return false;
    write_evidence(audit, ratio, finding);
    bool few_holes = info_has(audit->info, INFO_ALLOCATOR_FRAG_BYTES) &&
                     info_bytes(audit->info, INFO_ALLOCATOR_FRAG_BYTES) < finding->bytes / 2;
    bool turn_on;
    const char *advice = defrag_advice(audit, few_holes, &turn_on);
    if (band == BAND_RESTART)
        WORDS(finding->remedy,
              "Above 2.0 a restart, or a failover to a fresh replica, is the better way: it gives %s back at once. %s",
              audit_bytes(freed_by_restart(audit, finding->bytes), freed), advice);
    else
        WORDS(finding->remedy, "%s%s", advice, turn_on ? "" : " Otherwise a restart gives it back.");
    if (turn_on)
        write_defrag_lines(audit, finding);
    return true;
}

static bool fragmentation_moderate(const struct audit *audit, struct finding *finding)
{
    double ratio;
    if (audit_fragmentation(audit, &ratio) != BAND_MODERATE)
        return false;
    write_evidence(audit, ratio, finding);
    WORDS(finding->remedy, "Nothing to do yet: look again in a week, and act when it passes 1.5.");
    return true;
}

/* The three parts that MEMORY DOCTOR tells apart. One row each: which ratio, which bytes. */
static bool part_is_high(const struct audit *audit, enum info_field ratio, enum info_field bytes, struct finding *f)
{
    char text[AUDIT_BYTES_MAX];
    if (audit_fragmentation(audit, NULL) >= BAND_HIGH) /* that finding tells the parts apart itself */
        return false;
    if (used(audit) < AUDIT_EMPTY_BYTES || info_number(audit->info, ratio) <= 1.1 ||
        info_bytes(audit->info, bytes) <= LARGE_BUFFER)
        return false;
    f->bytes = info_bytes(audit->info, bytes);
    WORDS(f->evidence, "%s is %.2f: %s.", info_field_row(ratio)->name, info_number(audit->info, ratio),
          audit_bytes(f->bytes, text));
    return true;
}

static bool allocator_holes(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "These are holes between blocks, left where keys of many sizes came and went. Active "
                           "defragmentation closes them.");
    return part_is_high(audit, INFO_ALLOCATOR_FRAG_RATIO, INFO_ALLOCATOR_FRAG_BYTES, finding);
}

static bool allocator_pages(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "Free pages that the allocator keeps for itself, as after a peak: MEMORY PURGE gives them "
                           "back.");
    return part_is_high(audit, INFO_ALLOCATOR_RSS_RATIO, INFO_ALLOCATOR_RSS_BYTES, finding);
}

static bool process_overhead(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "Not the heap: program, libraries, Lua, modules. Neither defragmentation nor MEMORY PURGE "
                           "reach it.");
    return part_is_high(audit, INFO_RSS_OVERHEAD_RATIO, INFO_RSS_OVERHEAD_BYTES, finding);
}

static bool peak(const struct audit *audit, struct finding *finding)
{
    char now[AUDIT_BYTES_MAX], most[AUDIT_BYTES_MAX];
    uint64_t peak_bytes = info_bytes(audit->info, INFO_USED_MEMORY_PEAK);
    if (used(audit) < AUDIT_EMPTY_BYTES || (double)peak_bytes <= 1.5 * (double)used(audit))
        return false;
    WORDS(finding->evidence, "used_memory was %s at its peak and is %s now.", audit_bytes(peak_bytes, most),
          audit_bytes(used(audit), now));
    WORDS(finding->remedy, "Pages from then may still be in rss, so the ratio looks worse than it is: what is free in "
                           "them will be used again.");
    return true;
}

/* ---- overhead ------------------------------------------------------------------------------------------------------
 */

/* What the server counts as overhead of its keys, against its dataset. Tables and nodes inside values are of its
 * dataset: what of those can be saved, the snapshot tells. */
static bool info_overhead(const struct audit *audit, struct finding *finding)
{
    char keys[AUDIT_BYTES_MAX], both[AUDIT_BYTES_MAX];
    uint64_t overhead = info_bytes(audit->info, INFO_USED_MEMORY_OVERHEAD), other = audit_not_data(audit);
    overhead = overhead > other ? overhead - other : 0;
    uint64_t all = overhead + info_bytes(audit->info, INFO_USED_MEMORY_DATASET);
    if (used(audit) < AUDIT_EMPTY_BYTES || overhead <= all / 2)
        return false;
    finding->bytes = overhead;
    WORDS(finding->evidence, "used_memory_overhead has %s for keys, of %s with the data (%.0f%%): values are tiny.",
          audit_bytes(overhead, keys), audit_bytes(all, both), audit_percent(overhead, all));
    WORDS(finding->remedy, "Small keys cost less as fields of a hash: section grouping has the patterns for which that "
                           "is possible, and what it saves.");
    return true;
}

/* ---- buffers -------------------------------------------------------------------------------------------------------
 */

static bool is_large(const struct audit *audit, enum info_field field, uint64_t limit, struct finding *finding)
{
    char bytes[AUDIT_BYTES_MAX];
    finding->bytes = info_bytes(audit->info, field);
    if (finding->bytes <= limit)
        return false;
    WORDS(finding->evidence, "%s is %s, %.1f%% of used_memory.", info_field_row(field)->name,
          audit_bytes(finding->bytes, bytes), audit_percent(finding->bytes, used(audit)));
    return true;
}

static bool clients(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "Clients do not read as fast as they ask. CLIENT LIST shows them (omem, qbuf, tot-mem); "
                           "bound what each may hold; from Redis 7.0 maxmemory-clients bounds all of them.");
    WORDS(finding->paste, "client-output-buffer-limit normal 64mb 32mb 60");
    return is_large(audit, INFO_MEM_CLIENTS_NORMAL, LARGE_BUFFER, finding);
}

static bool client_average(const struct audit *audit, struct finding *finding)
{
    char bytes[AUDIT_BYTES_MAX];
    uint64_t count = info_bytes(audit->info, INFO_CONNECTED_CLIENTS),
             total = info_bytes(audit->info, INFO_MEM_CLIENTS_NORMAL);
    if (count == 0 || total / count <= LARGE_CLIENT || total > LARGE_BUFFER)
        return false;
    finding->bytes = total;
    WORDS(finding->evidence, "%" PRIu64 " clients hold %s each on average.", count, audit_bytes(total / count, bytes));
    WORDS(finding->remedy, "CLIENT LIST shows who (tot-mem): large pipelines, large replies, or Pub/Sub clients that "
                           "do not keep up.");
    return true;
}

static bool replicas(const struct audit *audit, struct finding *finding)
{
    uint64_t count = info_bytes(audit->info, INFO_CONNECTED_SLAVES);
    WORDS(finding->remedy, "A replica does not keep up, or is syncing. INFO replication shows which (lag); "
                           "client-output-buffer-limit replica bounds it.");
    return is_large(audit, INFO_MEM_CLIENTS_SLAVES, LARGE_BUFFER * (count ? count : 1), finding);
}

static bool backlog(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "It holds repl-backlog-size bytes of history, so that replicas need no full sync after a "
                           "short break. Keep what the longest break writes, no more.");
    uint64_t tenth = used(audit) / 10;
    return is_large(audit, INFO_MEM_REPLICATION_BACKLOG, tenth > LARGE_BUFFER ? tenth : LARGE_BUFFER, finding);
}

static bool aof_buffer(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "The disk does not keep up with the append-only file, or a rewrite is running. Look at "
                           "aof_delayed_fsync and at the disk.");
    return is_large(audit, INFO_MEM_AOF_BUFFER, LARGE_BUFFER, finding);
}

static bool cluster_links(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "Another node does not read what this one sends: cluster-link-sendbuf-limit bounds it.");
    return is_large(audit, INFO_MEM_CLUSTER_LINKS, LARGE_BUFFER, finding);
}

static bool full_sync(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "This replica is loading a full sync and holds what came in meanwhile: it ends with it.");
    return is_large(audit, INFO_MEM_REPLICA_FULL_SYNC, LARGE_BUFFER, finding);
}

/* ---- what else the server holds ------------------------------------------------------------------------------------
 */

static bool scripts(const struct audit *audit, struct finding *finding)
{
    uint64_t count = info_bytes(audit->info, INFO_NUMBER_OF_CACHED_SCRIPTS);
    if (count <= MANY_SCRIPTS)
        return false;
    finding->bytes = info_bytes(audit->info, INFO_USED_MEMORY_SCRIPTS_EVAL);
    WORDS(finding->evidence, "%" PRIu64 " scripts are cached.", count);
    WORDS(finding->remedy, "Somebody writes values into the text of EVAL instead of passing them as KEYS and ARGV: "
                           "every variant stays. SCRIPT FLUSH empties the cache.");
    return true;
}

static bool lua(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "A script holds on to tables or texts. SCRIPT FLUSH starts a fresh engine.");
    return is_large(audit,
                    info_has(audit->info, INFO_USED_MEMORY_VM_TOTAL) ? INFO_USED_MEMORY_VM_TOTAL : INFO_USED_MEMORY_LUA,
                    LARGE_BUFFER, finding);
}

static bool functions(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "FUNCTION LIST shows the libraries, FUNCTION DELETE removes one.");
    return is_large(audit, INFO_USED_MEMORY_FUNCTIONS, LARGE_BUFFER, finding);
}

static bool lazyfree(const struct audit *audit, struct finding *finding)
{
    uint64_t count = info_bytes(audit->info, INFO_LAZYFREE_PENDING);
    if (count <= MANY_PENDING)
        return false;
    WORDS(finding->evidence, "%" PRIu64 " deleted objects wait to be freed.", count);
    WORDS(finding->remedy, "Their bytes are still in used_memory; the background thread gets to them.");
    return true;
}

static bool rehashing(const struct audit *audit, struct finding *finding)
{
    WORDS(finding->remedy, "A database's table is growing or shrinking: the old one goes when all keys have moved.");
    return is_large(audit, INFO_MEM_OVERHEAD_REHASHING, LARGE_BUFFER, finding);
}

static bool snapshot_failed(const struct audit *audit, struct finding *finding)
{
    if (!info_has(audit->info, INFO_RDB_BGSAVE_STATUS) || audit->info->value[INFO_RDB_BGSAVE_STATUS].text[0] == 'o')
        return false;
    WORDS(finding->evidence, "rdb_last_bgsave_status is %s.", audit->info->value[INFO_RDB_BGSAVE_STATUS].text);
    WORDS(finding->remedy, "The server's log says why: mostly no memory for the fork (vm.overcommit_memory) or a full "
                           "disk. Snapshots are older than they should be.");
    return true;
}

const struct audit_rule audit_info_rules[] = {
    {"swapping", "The server swaps", DOC_CRITICAL, AUDIT_FRAGMENTATION, true, swapping},
    {"fragmentation_high", "Fragmentation is high", DOC_WARNING, AUDIT_FRAGMENTATION, true, fragmentation_high},
    {"fragmentation_moderate", "Fragmentation is moderate", DOC_INFO, AUDIT_FRAGMENTATION, true,
     fragmentation_moderate},
    {"allocator_holes", "Holes between blocks", DOC_INFO, AUDIT_FRAGMENTATION, true, allocator_holes},
    {"allocator_pages", "Free pages kept by the allocator", DOC_INFO, AUDIT_FRAGMENTATION, true, allocator_pages},
    {"process_overhead", "The process is much larger than its heap", DOC_INFO, AUDIT_FRAGMENTATION, true,
     process_overhead},
    {"peak", "Memory was far higher once", DOC_INFO, AUDIT_FRAGMENTATION, true, peak},
    {"info_overhead", "Keys take more than values", DOC_INFO, AUDIT_OVERHEAD, true, info_overhead},
    {"clients", "Clients' buffers are above 10 MB", DOC_WARNING, AUDIT_BUFFERS, true, clients},
    {"client_average", "Clients hold much each", DOC_WARNING, AUDIT_BUFFERS, true, client_average},
    {"replicas", "Replicas' buffers are large", DOC_WARNING, AUDIT_BUFFERS, true, replicas},
    {"replication_backlog", "The replication backlog is large", DOC_INFO, AUDIT_BUFFERS, true, backlog},
    {"aof_buffer", "The AOF buffer is large", DOC_WARNING, AUDIT_BUFFERS, true, aof_buffer},
    {"cluster_links", "Buffers to other nodes are large", DOC_WARNING, AUDIT_BUFFERS, true, cluster_links},
    {"full_sync", "A full sync is being loaded", DOC_INFO, AUDIT_BUFFERS, true, full_sync},
    {"scripts", "Too many cached scripts", DOC_WARNING, AUDIT_BUFFERS, true, scripts},
    {"lua", "The script engine is large", DOC_WARNING, AUDIT_BUFFERS, true, lua},
    {"functions", "Function libraries are large", DOC_INFO, AUDIT_BUFFERS, true, functions},
    {"lazyfree", "Deleted objects wait to be freed", DOC_INFO, AUDIT_BUFFERS, true, lazyfree},
    {"rehashing", "A table is being rehashed", DOC_INFO, AUDIT_NO_CHECK, true, rehashing},
    {"snapshot_failed", "The last snapshot could not be written", DOC_WARNING, AUDIT_NO_CHECK, true, snapshot_failed},
    {.id = NULL},
};
