/* Long key names, and what shorter ones would save. Two rules, chosen by length:
 *  - up to 64 bytes the words of the name that do not vary are cut to their first letter ("user:profile:17" is
 *    "u:p:17");
 *  - above that (URLs, queries) everything behind the first separator becomes a 128-bit hash in base64, 22 bytes. */
#include <inttypes.h>
#include <stdio.h>

#include "alternative_sections.h"
#include "alternatives.h"
#include "words.h"

enum { HASH_TEXT_BYTES = 22, HEAD_MAX = 24 };

static bool is_letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

unsigned key_names_cut(const struct key_pattern *pattern)
{
    uint64_t of_words = key_pattern_letters(pattern) & ~pattern->folded;
    return (unsigned)__builtin_popcountll(of_words & of_words << 1);
}

/* Bytes of a name up to its first separator, with it. */
static uint64_t head_of(const struct record *record)
{
    for (uint32_t i = 0; i < record->key_bytes && i < HEAD_MAX; i++)
        if (!is_letter(record->key[i]) && (record->key[i] < '0' || record->key[i] > '9'))
            return i + 1;
    return 0;
}

static uint64_t bytes_under(struct alternatives *alternatives, const struct record *record,
                            const struct key_facts *facts)
{
    struct cost cost;
    if (record->type == OBJECT_STRING)
        return alternatives_string_bytes(alternatives, facts, shape_string_text(record->shape));
    model_cost(alternatives->plan, 0, NULL, record->shape, facts, &cost);
    return cost.size_in_bytes;
}

void key_names_add(struct alternatives *alternatives, struct alternative_row *row, const struct record *record)
{
    struct key_facts facts = record->facts;
    if (record->key_len > KEY_PATTERN_MAX)
        facts.name_len = head_of(record) + HASH_TEXT_BYTES;
    else
        facts.name_len -= row->name_cut;
    row->name_bytes += record->key_len;
    alternative_sum_add(&row->sum[ALTERNATIVE_SHORT_NAME], record->cost.size_in_bytes,
                        bytes_under(alternatives, record, &facts), 1);
}

static const struct doc_column columns[] = {
    ALTERNATIVE_COLUMNS,
    {"keys", "Keys", DOC_COUNT, 0},
    {"name_bytes", "Average name", DOC_BYTES, 0},
    {"rule", "Shorter by", DOC_TEXT, 0},
    {"before_bytes", "Bytes", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"after_bytes", "Then", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"saved_bytes", "Saves", DOC_DELTA, 0},
};

static const char *rule_of(const struct alternative_row *row)
{
    uint64_t average = row->name_bytes / row->sum[ALTERNATIVE_SHORT_NAME].keys;
    return average > KEY_PATTERN_MAX ? "a hash of the name" : "first letters";
}

static void write_row(struct doc_table *table, const struct alternative_row *row)
{
    const struct alternative_sum *sum = &row->sum[ALTERNATIVE_SHORT_NAME];
    const struct doc_value cells[] = {
        ALTERNATIVE_CELLS(row),
        doc_count(sum->keys),
        doc_bytes(row->name_bytes / sum->keys),
        doc_text(rule_of(row)),
        doc_bytes(sum->before),
        doc_bytes(sum->after),
        doc_delta((int64_t)(sum->before - sum->after)),
    };
    table_row(table, cells);
}

/* One action for all: which names are worth it is a matter of taste, pattern by pattern. */
static void write_action(uint64_t keys, uint64_t saved_bytes, struct document *document)
{
    char why[500];
    snprintf(why, sizeof(why),
             "%" PRIu64 " %s of %d bytes and more. With the words that do not vary cut to their first "
             "letter, and of names above %d bytes all behind the first separator as a 128-bit hash in base64, they "
             "take that much less. This changes the application. Section key_names has the patterns.",
             keys, words_for(keys, "key has a name", "keys have names"), ALTERNATIVES_LONG_NAME, KEY_PATTERN_MAX);
    document_action(document, "key_names", "Give keys shorter names", why, saved_bytes, NULL);
}

void key_names_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                      struct document *document)
{
    static const struct alternative_table what = {ALTERNATIVE_SHORT_NAME, columns, sizeof(columns) / sizeof(*columns),
                                                  write_row, NULL};
    size_t count;
    uint64_t keys = 0, saved_bytes = 0;
    (void)self;
    struct doc_section *section = alternative_table_write(&what, context, collector, document, &count);
    for (uint32_t i = 0; i < context->alternatives->count; i++) {
        const struct alternative_sum *sum = &context->alternatives->row[i].sum[ALTERNATIVE_SHORT_NAME];
        keys += alternative_saved(sum) ? sum->keys : 0;
        saved_bytes += alternative_saved(sum);
    }
    if (saved_bytes >= alternatives_worth(context))
        write_action(keys, saved_bytes, document);
    if (count == 0)
        section_note(section, DOC_GOOD, "No key has a name of %d bytes or more.", ALTERNATIVES_LONG_NAME);
    else
        alternatives_note_bounds(context->alternatives, section);
}
