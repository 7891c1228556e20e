/* What grouping small keys would give, pattern by pattern. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alternative_sections.h"
#include "grouping.h"
#include "inventory.h"
#include "memory.h"
#include "model/packed_hash.h"

static const struct doc_column columns[] = {
    ALTERNATIVE_COLUMNS,
    {"keys", "Keys", DOC_COUNT, 0},
    {"hashes", "Hashes", DOC_COUNT, 0},
    {"before_bytes", "Bytes", DOC_BYTES, 0},
    {"after_bytes", "As hashes", DOC_BYTES, 0},
    {"saved_bytes", "Saves", DOC_DELTA, 0},
    {"share", "Of all", DOC_SHARE, DOC_COLUMN_OPTIONAL},
    {"expiring", "With TTL", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"keeps_expiry", "Keeps TTL", DOC_BOOL, DOC_COLUMN_OPTIONAL},
    {"left", "Left as they are", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"example_key", "Such as", DOC_NAME, DOC_COLUMN_OPTIONAL},
    {"example_hash", "Becomes hash", DOC_NAME, 0},
    {"example_field", "Field", DOC_NAME, 0},
    {"digits", "Digits", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"off_by_bytes", "Off by at most", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"bucket_digits", "Of the CRC", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"without_ttl_bytes", "Without TTL", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"numbers_are_ids", "Long numbers are ids", DOC_BOOL, DOC_COLUMN_OPTIONAL},
};

struct item {
    const struct alternative_row *row;
    const struct grouping_result *result;
};

static int most_saved_first(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->result->saved != y->result->saved)
        return x->result->saved < y->result->saved ? 1 : -1;
    if (x->row->db != y->row->db)
        return x->row->db < y->row->db ? -1 : 1;
    return memcmp(x->row->pattern, y->row->pattern, KEY_PATTERN_MAX);
}

static size_t sorted_items(const struct alternatives *alternatives, const struct grouping_result *result,
                           struct item *item)
{
    size_t count = 0;
    for (uint32_t i = 0; i < alternatives->count; i++)
        if (alternatives->row[i].sum[ALTERNATIVE_GROUPED].keys > 1 && !result[i].is_too_many)
            item[count++] = (struct item){&alternatives->row[i], &result[i]};
    qsort(item, count, sizeof(*item), most_saved_first);
    return count;
}

enum { FIELD_MORE = 4 }; /* ":..." */

struct split_name {
    uint8_t hash[KEY_PATTERN_MAX], field[KEY_PATTERN_MAX + FIELD_MORE];
    unsigned hash_len, field_len;
};

/* In the name of the hash an id gives way to a # and the first digits of its CRC-32. */
static void split_at_id(const struct alternative_row *row, unsigned at, unsigned digits, struct split_name *split)
{
    char bucket[GROUPING_BUCKET_DIGITS + 2];
    unsigned end = row->grouping.at + row->grouping.len;
    snprintf(bucket, sizeof(bucket), "#%0*x", GROUPING_BUCKET_DIGITS,
             (unsigned)grouping_bucket(row->grouping.name + at, end - at));
    memcpy(split->hash + at, bucket, digits + 1);
    memcpy(split->hash + at + digits + 1, row->grouping.name + end, row->grouping.name_len - end);
    split->hash_len = row->grouping.name_len - (end - at) + digits + 1;
}

/* Whether the example is split as an id: it is one, or a number that is taken for one. */
static bool is_split_as_id(const struct item *item)
{
    const struct alternative_row *row = item->row;
    unsigned long_at = row->grouping.at + row->grouping.len - row->grouping.id_at;
    return row->grouping.is_id || (item->result->has_as_ids && long_at >= GROUPING_SHORTEST_ID);
}

/* The example's hash and its field; of a hash the field goes in front of its fields. */
static void split_example(const struct item *item, struct split_name *split)
{
    const struct alternative_row *row = item->row;
    bool as_id = is_split_as_id(item);
    unsigned at = as_id ? row->grouping.id_at : row->grouping.at;
    memcpy(split->hash, row->grouping.name, row->grouping.name_len);
    split->hash_len = row->grouping.name_len;
    split->field_len = row->grouping.at + row->grouping.len - at;
    memcpy(split->field, row->grouping.name + at, split->field_len);
    if (as_id)
        split_at_id(row, at, item->result->bucket_digits, split);
    else
        memset(split->hash + row->grouping.at, 'x', row->grouping.len);
    if (row->type != OBJECT_STRING) {
        memcpy(split->field + split->field_len, ":...", FIELD_MORE);
        split->field_len += FIELD_MORE;
    }
}

static void write_item(struct doc_table *table, const struct item *item, uint64_t all_bytes)
{
    const struct alternative_row *row = item->row;
    const struct alternative_sum *sum = &row->sum[ALTERNATIVE_GROUPED];
    struct split_name split;
    split_example(item, &split);
    const struct doc_value cells[] = {
        ALTERNATIVE_CELLS(row),
        doc_count(sum->keys),
        doc_count(item->result->hashes),
        doc_bytes(sum->before),
        doc_bytes(item->result->after),
        doc_delta(item->result->saved),
        item->result->saved > 0 ? doc_share((double)item->result->saved, (double)all_bytes) : doc_none(),
        doc_count(row->grouping.expiring),
        doc_bool(!item->result->loses_expiry),
        doc_count(row->grouping.left),
        doc_name_of(DOC_THEIR_EXAMPLE, row->grouping.name, row->grouping.name_len, row->grouping.name_len),
        doc_name_of(DOC_THEIR_EXAMPLE, split.hash, split.hash_len, split.hash_len),
        doc_name_of(DOC_THEIR_EXAMPLE, split.field, split.field_len, split.field_len),
        item->result->has_numbers ? doc_count(row->grouping.digits) : doc_none(),
        item->result->is_estimate ? doc_bytes(item->result->off_by) : doc_none(),
        item->result->bucket_digits ? doc_count(item->result->bucket_digits) : doc_none(),
        item->result->timed_hashes ? doc_bytes(item->result->after_untimed) : doc_none(),
        doc_bool(item->result->has_as_ids),
    };
    table_row(table, cells);
}

/* What becomes of the keys' expiries, for an action; nothing where there are none. */
static void describe_expiries(const struct item *item, bool are_tables, char *text, size_t size)
{
    const struct grouping_result *result = item->result;
    char tables[60] = "";
    text[0] = '\0';
    if (result->timed_hashes == 0)
        return;
    if (are_tables)
        snprintf(tables, sizeof(tables), ", %" PRIu64 " of them tables,", result->timed_hashes);
    snprintf(text, size,
             "Expiries go on as those of fields (HPEXPIREAT): with them the hashes%s take %" PRIu64
             " bytes, packed and without them %" PRIu64 ". ",
             tables, result->after, result->after_untimed);
}

enum { DIGITS_MAX = 32 };

/* "last 2 digits", "first digit". */
static const char *digits_text(const char *which, unsigned count, const char *kind, char text[DIGITS_MAX])
{
    if (count == 1)
        snprintf(text, DIGITS_MAX, "%s %sdigit", which, kind);
    else
        snprintf(text, DIGITS_MAX, "%s %u %sdigits", which, count, kind);
    return text;
}

/* Names of one pattern may end in ids and in numbers. */
static void describe_rule(const struct item *item, char *text, size_t size)
{
    const struct alternative_row *row = item->row;
    const char *place =
        row->type == OBJECT_STRING ? "the field" : "with a colon the beginning of each of the hash's fields";
    char ids[200] = "", numbers[160] = "", digits[DIGITS_MAX];
    if (item->result->bucket_digits != 0)
        snprintf(ids, sizeof(ids),
                 "the id becomes %s, and in the name its place is taken by # and the %s of its CRC-32 (gzip's)", place,
                 digits_text("first", item->result->bucket_digits, "hexadecimal ", digits));
    if (item->result->has_numbers)
        snprintf(numbers, sizeof(numbers), "%s %s of the number %s %s, and x in the name", *ids ? "there the" : "the",
                 digits_text("last", row->grouping.digits, "", digits),
                 row->grouping.digits == 1 ? "becomes" : "become", place);
    const char *where = item->result->has_as_ids ? "; numbers of fewer than eight characters are none: "
                                                 : "; where it is only digits, ";
    snprintf(text, size, "%s%s%s", ids, *ids && *numbers ? where : "", numbers);
}

static void write_action(const struct item *item, size_t number, bool are_tables, struct document *document)
{
    const struct alternative_row *row = item->row;
    char id[32], title[160], why[1200], rule[420], expiries[240], pattern[ALTERNATIVE_NAME_SIZE];
    bool all_packed = !are_tables || item->result->timed_hashes == 0;
    uint64_t keys = row->sum[ALTERNATIVE_GROUPED].keys;
    snprintf(id, sizeof(id), "grouping_%zu", number);
    snprintf(title, sizeof(title), "Keep %s in hashes", alternative_pattern(row, document, pattern));
    describe_rule(item, rule, sizeof(rule));
    describe_expiries(item, are_tables, expiries, sizeof(expiries));
    snprintf(why, sizeof(why),
             "%" PRIu64 " keys would be %" PRIu64 " %shashes of about %" PRIu64 " fields: %s. This changes the "
             "application: HSET and HGET with hash and field instead of %s. %sSection grouping has an example.",
             keys, item->result->hashes, all_packed ? "packed " : "", row->grouping.fields / item->result->hashes, rule,
             row->type == OBJECT_STRING ? "SET and GET" : "the hash alone", expiries);
    document_action(document, id, title, why, (uint64_t)item->result->saved, NULL);
}

/* Hashes that are read as a whole should save two fifths of their bytes to be worth their fields' longer names. */
static bool is_worth_an_action(const struct item *item, uint64_t worth_bytes)
{
    const struct alternative_sum *sum = &item->row->sum[ALTERNATIVE_GROUPED];
    return grouping_is_clean(item->row, item->result) && (uint64_t)item->result->saved >= worth_bytes &&
           (item->row->type == OBJECT_STRING || (uint64_t)item->result->saved >= sum->before / 5 * 2);
}

/* What the TTLs of keys come to as those of fields, and the form of the hash that has them. */
static void note_expiries(struct doc_section *section, const struct collect_context *context,
                          const struct grouping_result *result)
{
    bool packs = model_packs_expiries(context->plan, 0), are_tables = model_table_expiries(context->plan, 0) != 0;
    uint64_t hashes = 0, bytes = 0, untimed = 0;
    for (uint32_t i = 0; i < context->alternatives->count; i++) {
        bool counts = result[i].timed_hashes != 0;
        hashes += counts ? result[i].timed_hashes : 0;
        bytes += counts ? result[i].after : 0;
        untimed += counts ? result[i].after_untimed : 0;
    }
    if (packs)
        section_note(section, DOC_INFO,
                     "A key that becomes a field loses its own type and eviction. Its TTL goes on as that of a field: "
                     "the hash stays packed (listpackex), with an expiry for each of its fields. What the server's "
                     "index of such hashes by their first expiry takes is not in these bytes.");
    else if (are_tables)
        section_note(section, DOC_INFO,
                     "A key that becomes a field loses its own type and eviction. Its TTL goes on as that of a field: "
                     "a hash with at least one is a table (hashtable), which takes more than the same fields packed. "
                     "Hashes that have a TTL and more than %u fields are left as they are.",
                     model_table_expiries(context->plan, 0) / GROUPING_HASHES);
    else
        section_note(section, DOC_INFO,
                     "A key that becomes a field loses its own TTL, type and eviction: this server has no TTLs of "
                     "fields (Redis 7.4 and later, Valkey 9.0 and later).");
    if (hashes != 0)
        section_note(section, DOC_INFO,
                     "%" PRIu64 " hashes would have TTLs of fields; the patterns with such take %" PRIu64
                     " bytes as hashes, without any TTL %" PRIu64 " (without_ttl_bytes).",
                     hashes, bytes, untimed);
}

static void write_notes(struct doc_section *section, const struct collect_context *context,
                        const struct grouping_result *result)
{
    const struct alternatives *alternatives = context->alternatives;
    unsigned estimates = 0;
    bool has_as_ids = false;
    for (uint32_t i = 0; i < alternatives->count; i++) {
        estimates += result[i].is_estimate;
        has_as_ids |= result[i].has_as_ids;
    }
    section_note(section, DOC_INFO,
                 "Bytes and savings are exact for the rule of the example, the tables of the database included: the "
                 "hashes stay under the limits in force for packed ones. Keys with longer values, and names that do "
                 "not end in a number or an id, are left as they are.");
    if (has_as_ids)
        section_note(section, DOC_INFO,
                     "Numbers, dates and addresses of %d characters and more are taken for ids where the pattern has "
                     "ids with letters, too, or where that saves more (numbers_are_ids).",
                     GROUPING_SHORTEST_ID);
    note_expiries(section, context, result);
    if (estimates != 0)
        section_note(section, DOC_INFO,
                     "Of %u patterns a summary holds a sample of the hashes: their number and their bytes are "
                     "estimates, and with a probability of 95 %% off_by_bytes is how far the bytes are off at most.",
                     estimates);
    alternatives_note_bounds(alternatives, section);
}

void grouping_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                     struct document *document)
{
    (void)self;
    const struct alternatives *alternatives = context->alternatives;
    const struct grouping_result *result = grouping_results(context);
    struct item *item = memory_new(alternatives->count, sizeof(*item));
    size_t count = sorted_items(alternatives, result, item);
    struct doc_section *section = document_section(document, collector->id, collector->title);
    if (count == 0) {
        section_note(section, DOC_GOOD,
                     "There are no small strings or hashes whose names differ by a number or an id.");
    } else {
        struct inventory_totals totals;
        inventory_totals(context->inventory, OBJECT_TYPE_COUNT, &totals);
        struct doc_table *table = section_table(section, "patterns", collector->title, columns,
                                                sizeof(columns) / sizeof(*columns), DOC_CHART_NONE);
        table_print_at_most(table, context->top);
        for (size_t i = 0; i < count && i < ALTERNATIVE_MAX_TABLE; i++) {
            write_item(table, &item[i], totals.bytes);
            if (is_worth_an_action(&item[i], alternatives_worth(context)))
                write_action(&item[i], i + 1, model_table_expiries(context->plan, 0) != 0, document);
        }
        write_notes(section, context, result);
    }
    free(item);
}
