/* Rules about the data: from the snapshot alone, and from comparing it with INFO. What the sections of the report
 * recommend by themselves (their actions) is not repeated here. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit.h"
#include "collect/groups.h"
#include "collect/top_list.h"
#include "collect/words.h"
#include "file_facts.h"

#define WORDS(member, ...) snprintf(member, sizeof member, __VA_ARGS__)

enum { LARGE_KEY = 10 << 20, MANY_ELEMENTS = 1000000, COLD_MAX = 350 };

static bool damaged(const struct audit *audit, struct finding *finding)
{
    const struct file_facts *file = audit->collect->file;
    if (!file->partial && file->damaged_keys == 0 && file->checksum != CHECKSUM_MISMATCH)
        return false;
    if (file->partial)
        WORDS(finding->evidence, "Not all of it could be read: %.300s.", file->partial_reason);
    else if (file->damaged_keys)
        WORDS(finding->evidence, "%" PRIu64 " %s.", file->damaged_keys,
              words_for(file->damaged_keys, "key has a damaged value", "keys have damaged values"));
    else
        WORDS(finding->evidence, "Its checksum is wrong.");
    WORDS(finding->remedy, "Take another snapshot; rdbmeter verify says what is wrong with this one. All that follows "
                           "is about what could be read.");
    return true;
}

/* ---- overhead ------------------------------------------------------------------------------------------------------
 */

/* Whether the changes that the report knows would together take a twentieth off the overhead. Keys that have to be what
 * they are, such as counters with a TTL on a server whose fields have none, are no fault. */
static bool can_be_lowered(const struct audit *audit)
{
    enum { WORTH_DIVISOR = 20 };
    return audit_column_sum(audit, "savings", "together_bytes") >= (double)audit->overhead_bytes / WORTH_DIVISOR;
}

static bool overhead(const struct audit *audit, struct finding *finding)
{
    static const struct {
        enum cost_part part;
        const char *what, *help;
    } causes[] = {
        {COST_ELEMENT, "entries of tables", "limits that keep more objects packed save them"},
        {COST_ENTRY, "entries and headers of keys", "small keys cost less as fields of a hash"},
        {COST_TABLE, "tables and nodes of values", "limits that keep more objects packed save them"},
        {COST_ROUNDING, "rounding by the allocator", "other lengths of values have less of it"},
        {COST_EXPIRES, "expiries", "a hash with one TTL needs one for all its fields"},
    };
    static const char no_help[] = "no setting and no other form of these keys, of those that the report knows, would "
                                  "take a twentieth of it off this server";
    char bytes[AUDIT_BYTES_MAX], data[AUDIT_BYTES_MAX], most[AUDIT_BYTES_MAX];
    double share = audit_percent(audit->overhead_bytes, audit->data_bytes);
    if (audit->data_bytes < AUDIT_SMALL_DATA || share <= 50)
        return false;
    size_t first = 0;
    for (size_t i = 1; i < sizeof causes / sizeof *causes; i++)
        if (audit->totals.part[causes[i].part] > audit->totals.part[causes[first].part])
            first = i;
    finding->bytes = audit->overhead_bytes;
    WORDS(finding->evidence, "%s of %s (%.0f%%) are neither names nor values.",
          audit_bytes(audit->overhead_bytes, bytes), audit_bytes(audit->data_bytes, data), share);
    bool is_fault = can_be_lowered(audit);
    finding->severity = is_fault ? DOC_WARNING : DOC_INFO;
    WORDS(finding->remedy, "Most of it, %s, are %s: %s.", audit_bytes(audit->totals.part[causes[first].part], most),
          causes[first].what, is_fault ? causes[first].help : no_help);
    return true;
}

/* ---- large keys ----------------------------------------------------------------------------------------------------
 */

/* Above 10 MB, a million elements, or a hundredth of the data and ten times the average. A key of a small data set has
 * easily a hundredth; so has each of a few dozen keys that are alike. */
static bool is_large(const struct audit *audit, const struct top_item *item)
{
    enum { SHARE_DIVISOR = 100, TIMES_AVERAGE = 10 };
    uint64_t average = audit->totals.bytes / (audit->totals.keys ? audit->totals.keys : 1);
    return item->bytes > LARGE_KEY || (item->type != OBJECT_STRING && item->elements > MANY_ELEMENTS) ||
           (item->bytes > AUDIT_SMALL_DATA && item->bytes > audit->data_bytes / SHARE_DIVISOR &&
            item->bytes / TIMES_AVERAGE > average);
}

static bool large_keys(const struct audit *audit, struct finding *finding)
{
    enum { SHOWN = 4 };
    char name[AUDIT_NAME_MAX + 1], bytes[AUDIT_BYTES_MAX], list[300] = "";
    const struct top_list *top = collection_state(audit->collect, "top_keys");
    size_t count = 0, len = 0;
    const struct top_item **item = top ? top_list_sorted(top) : NULL;
    for (size_t i = 0; item && i < top->count; i++) {
        if (!is_large(audit, item[i]))
            continue;
        finding->bytes += item[i]->bytes;
        if (count++ >= SHOWN)
            continue;
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%s (%s, %s)", count > 1 ? ", " : "",
                                audit_name(audit, item[i]->name, item[i]->name_len, name),
                                object_type_name(item[i]->type), audit_bytes(item[i]->bytes, bytes));
    }
    free(item);
    if (count == 0)
        return false;
    WORDS(finding->evidence,
          "%zu %s above 10 MB, a million elements, or 1%% of the data and ten times the average: %s%s.", count,
          count == 1 ? "key is" : "keys are", list, count > SHOWN ? ", ..." : "");
    WORDS(finding->remedy, "A key lives in one slot and is handled by one thread. Split it by user or by time, or "
                           "bound it (LTRIM, XADD MAXLEN); UNLINK frees it, DEL blocks.");
    return true;
}

/* ---- expiry --------------------------------------------------------------------------------------------------------
 */

/* Patterns of which most keys expire and others never do: what a code path forgot. The same rule as the table of the
 * section groups. */
static bool forgotten_ttl(const struct audit *audit, struct finding *finding)
{
    const struct group_table *table = collection_state(audit->collect, "groups");
    const struct group *worst = NULL;
    uint64_t keys = 0, expiry_bytes = 0;
    char name[AUDIT_NAME_MAX + 1], bytes[AUDIT_BYTES_MAX];
    for (size_t i = 0; table && i < table->count; i++) {
        const struct group *group = &table->group[i];
        if (!group_forgot_ttl(group, audit->totals.bytes))
            continue;
        keys += group->no_ttl_keys;
        finding->bytes += group->no_ttl_bytes;
        expiry_bytes += group->expiry_bytes;
        if (worst == NULL || group->no_ttl_bytes > worst->no_ttl_bytes)
            worst = group;
    }
    if (worst == NULL)
        return false;
    const struct group_name *pattern = &table->name[worst - table->group];
    WORDS(finding->evidence,
          "%" PRIu64 " %s, %s, without a TTL although most others of the pattern have one; most of that is %s.", keys,
          words_for(keys, "key", "keys"), audit_bytes(finding->bytes, bytes),
          audit_name(audit, pattern->text, pattern->len, name));
    WORDS(finding->remedy,
          "Some code path forgets EXPIRE, and what it writes stays for ever. Find it, then give these keys a TTL: that "
          "takes %s more, and what their table grows by (section ttl), until they expire.",
          audit_bytes(expiry_bytes, bytes));
    return true;
}

/* Patterns without a TTL of which at least half of the keys were not used for long, the heaviest first: their names. */
static void list_cold(const struct audit *audit, char list[COLD_MAX])
{
    enum { SHOWN = 6, LONG_BIN = 21 }; /* bin 21: 2^20 seconds, 12 days, and more */
    const struct group_table *table = collection_state(audit->collect, "groups");
    uint32_t *order = table && table->idle ? group_table_sorted(table) : NULL;
    char name[AUDIT_NAME_MAX + 1], bytes[AUDIT_BYTES_MAX];
    size_t count = 0;
    *list = '\0';
    for (size_t i = 0; order && i < table->count && count < SHOWN; i++) {
        const struct group *group = &table->group[order[i]];
        const struct group_name *pattern = &table->name[order[i]];
        uint64_t unused = 0;
        for (int bin = LONG_BIN; bin < GROUP_IDLE_BINS; bin++)
            unused += table->idle[order[i]].keys[bin];
        if (unused < group->keys / 2 + 1 || group->no_ttl_keys < group->keys / 2 + 1)
            continue;
        audit_append(list, COLD_MAX, "%s%s (%s)",
                     count++ ? ", " : " Without a TTL: ", audit_name(audit, pattern->text, pattern->len, name),
                     audit_bytes(group->bytes, bytes));
    }
    if (count)
        audit_append(list, COLD_MAX, ".");
    free(order);
}

static bool cold(const struct audit *audit, struct finding *finding)
{
    char list[COLD_MAX];
    struct inventory_sum idle[IDLE_COUNT];
    char bytes[AUDIT_BYTES_MAX];
    uint64_t keys = 0;
    inventory_idle(audit->collect->inventory, idle);
    for (int i = IDLE_MONTH + 1; i < IDLE_COUNT; i++) {
        keys += idle[i].keys;
        finding->bytes += idle[i].bytes;
    }
    if (finding->bytes == 0 || finding->bytes < audit->data_bytes / 10)
        return false;
    list_cold(audit, list);
    WORDS(finding->evidence, "%" PRIu64 " %s, %s (%.0f%%), not used for 30 days.%s", keys,
          words_for(keys, "key", "keys"), audit_bytes(finding->bytes, bytes),
          audit_percent(finding->bytes, audit->data_bytes), list);
    WORDS(finding->remedy, "Give them a TTL, or move them to where space is cheap. The section groups of the report "
                           "has the idle times by pattern.");
    return true;
}

static bool expired(const struct audit *audit, struct finding *finding)
{
    char bytes[AUDIT_BYTES_MAX];
    const struct inventory_sum *sum = &audit->ttl[TTL_EXPIRED];
    if (sum->bytes == 0 || sum->bytes < audit->data_bytes / 20)
        return false;
    finding->bytes = sum->bytes;
    WORDS(finding->evidence, "%" PRIu64 " %s, %s, expired and still there.", sum->keys,
          words_for(sum->keys, "key", "keys"), audit_bytes(sum->bytes, bytes));
    WORDS(finding->remedy, "Active expiry is behind, or this is a replica's snapshot. A higher active-expire-effort "
                           "removes them sooner.");
    return true;
}

/* ---- the snapshot beside INFO --------------------------------------------------------------------------------------
 */

static bool other_moment(const struct audit *audit, struct finding *finding)
{
    uint64_t theirs = 0, ours = audit->collect->file->keys, expired = audit->ttl[TTL_EXPIRED].keys;
    if (audit->info == NULL || !audit->info->has_keyspace)
        return false;
    for (size_t i = 0; i < audit->info->database_count; i++)
        theirs += audit->info->database[i].keys;
    /* A server that has loaded the file has dropped those that had expired. */
    uint64_t fewest = ours > expired ? ours - expired : 0;
    uint64_t apart = theirs > ours ? theirs - ours : theirs < fewest ? fewest - theirs : 0;
    if (apart <= ours / 20 + 100)
        return false;
    WORDS(finding->evidence, "INFO counts %" PRIu64 " keys, the snapshot %" PRIu64 ".", theirs, ours);
    WORDS(finding->remedy, "They are of different moments or servers: what compares them says little.");
    return true;
}

/* Only where --allocator says something else than the saved outputs: they are followed without it. */
static bool other_allocator(const struct audit *audit, struct finding *finding)
{
    const struct allocator *ours = plan_view(audit->collect->plan, 0)->allocator;
    const char *theirs = audit_allocator(audit->inputs);
    if (theirs == NULL || allocator_by_name(theirs) == ours)
        return false;
    WORDS(finding->evidence, "The server runs on %s, the costs here are those of %s.", theirs, ours->name);
    WORDS(finding->remedy, "For exact numbers: --allocator %s.", theirs);
    return true;
}

const struct audit_rule audit_data_rules[] = {
    {"damaged", "The snapshot is damaged", DOC_CRITICAL, AUDIT_NO_CHECK, false, damaged},
    {"overhead", "More than half of the data is overhead", DOC_WARNING, AUDIT_OVERHEAD, false, overhead},
    {"large_keys", "Some keys are large", DOC_WARNING, AUDIT_LARGE_KEYS, false, large_keys},
    {"forgotten_ttl", "Keys that somebody forgot to expire", DOC_WARNING, AUDIT_EXPIRY, false, forgotten_ttl},
    {"cold", "Data that nobody uses", DOC_WARNING, AUDIT_EXPIRY, false, cold},
    {"expired", "Expired keys take room", DOC_INFO, AUDIT_EXPIRY, false, expired},
    {"other_moment", "INFO is not of this snapshot", DOC_INFO, AUDIT_NO_CHECK, true, other_moment},
    {"other_allocator", "The server has another allocator", DOC_INFO, AUDIT_NO_CHECK, false, other_allocator},
    {.id = NULL},
};
