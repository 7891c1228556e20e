/* JSON objects in strings, and what they would be as hashes: a field for each member, strings as their text, all else
 * as its JSON. Recognised by parsing; a document longer than what is looked at (RECORD_VALUE_LOOK) is only counted. Of
 * those that lie far back in a large snapshot some are looked at for all (RECORD_DOCUMENTS_ALL). */
#include <inttypes.h>
#include <stdio.h>

#include "alternative_sections.h"
#include "alternatives.h"
#include "json_object.h"
#include "memory.h"
#include "sampling.h"

static void add_field(void *self, const struct json_text *name, const struct json_text *value)
{
    struct shape_text field = json_text_shape(name), text = json_text_shape(value);
    shape_hash_field(self, &field, &text, 0);
}

void json_strings_add(struct alternatives *alternatives, struct alternative_row *row, const struct record *record)
{
    struct cost cost;
    if (record->value_bytes < record->elements) {
        row->json.too_long += record->value_weight;
        return;
    }
    uint64_t weight = record->value_weight;
    row->json.sampled += weight > 1;
    struct shape *hash = alternatives->shape;
    shape_begin(hash, OBJECT_HASH, ORIGIN_ELEMENTS, 0);
    bool is_object = json_object_read(record->value, record->value_bytes, add_field, hash);
    shape_end(hash, record->stored_bytes);
    if (!is_object || shape_elements(hash) == 0)
        return;
    model_cost(alternatives->plan, 0, NULL, hash, &record->facts, &cost);
    alternative_sum_add(&row->sum[ALTERNATIVE_HASH], record->cost.size_in_bytes, cost.size_in_bytes, weight);
    if (weight > 1) {
        int64_t change = (int64_t)(cost.size_in_bytes - record->cost.size_in_bytes);
        row->json.change += change;
        row->json.squares += (uint64_t)change * (uint64_t)change;
    }
    row->json.fields += weight * shape_elements(hash);
    row->json.larger += cost.size_in_bytes > record->cost.size_in_bytes ? weight : 0;
}

static const struct doc_column columns[] = {
    ALTERNATIVE_COLUMNS,
    {"documents", "Documents", DOC_COUNT, 0},
    {"fields", "Fields each", DOC_NUMBER, DOC_COLUMN_OPTIONAL},
    {"before_bytes", "Bytes", DOC_BYTES, 0},
    {"after_bytes", "As hashes", DOC_BYTES, 0},
    {"saved_bytes", "Saves", DOC_DELTA, 0},
    {"larger", "Would grow", DOC_COUNT, 0},
    {"too_long", "Not looked at", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"off_by_bytes", "Saves: off by at most", DOC_BYTES, DOC_COLUMN_OPTIONAL},
};

/* Of the documents that only some were looked at for. Each was drawn by itself, so how many there are is an estimate,
 * too: the mean of the squares is in the variance's place (Bernoulli sampling: Sarndal, Swensson, Wretman,
 * Model Assisted Survey Sampling, section 3.2). */
static uint64_t off_by(const struct alternative_row *row)
{
    double known = (double)row->json.sampled;
    return sampling_off_by(known, known * RECORD_DOCUMENTS_THEN, (double)row->json.change / known,
                           (double)row->json.squares / known);
}

static void write_row(struct doc_table *table, const struct alternative_row *row)
{
    const struct alternative_sum *sum = &row->sum[ALTERNATIVE_HASH];
    const struct doc_value cells[] = {
        ALTERNATIVE_CELLS(row),
        doc_count(sum->keys),
        doc_number((double)row->json.fields / (double)sum->keys),
        doc_bytes(sum->before),
        doc_bytes(sum->after),
        doc_delta((int64_t)(sum->before - sum->after)),
        doc_count(row->json.larger),
        doc_count(row->json.too_long),
        row->json.sampled ? doc_bytes(off_by(row)) : doc_none(),
    };
    table_row(table, cells);
}

static void write_action(const struct alternative_row *row, size_t number, struct document *document)
{
    char id[32], title[160], why[400], pattern[ALTERNATIVE_NAME_SIZE];
    snprintf(id, sizeof(id), "json_strings_%zu", number);
    snprintf(title, sizeof(title), "Store the documents of %s as hashes", alternative_pattern(row, document, pattern));
    snprintf(why, sizeof(why),
             "%" PRIu64 " strings are JSON objects of about %" PRIu64 " members. As hashes with a field for each "
             "member (HSET) they are smaller, and fields can be read and written one by one. This changes the "
             "application.",
             row->sum[ALTERNATIVE_HASH].keys, row->json.fields / row->sum[ALTERNATIVE_HASH].keys);
    document_action(document, id, title, why, alternative_saved(&row->sum[ALTERNATIVE_HASH]), NULL);
}

static void write_notes(struct doc_section *section, const struct alternatives *alternatives)
{
    bool is_sampled = false;
    for (uint32_t i = 0; i < alternatives->count; i++)
        is_sampled |= alternatives->row[i].json.sampled != 0;
    section_note(section, DOC_INFO,
                 "Every document that was looked at was parsed and costed as a hash: a field for each member, arrays "
                 "and objects inside "
                 "as JSON text. Where the hash is the larger form, the numbers say so.");
    if (is_sampled)
        section_note(
            section, DOC_INFO,
            "Of the documents behind the first %d MB of a snapshot, one in %d was looked at, drawn by the hash "
            "of its key's name: the numbers are estimates, and with a probability of 95 %% off_by_bytes is "
            "how far savings are off at most.",
            RECORD_DOCUMENTS_ALL >> 20, RECORD_DOCUMENTS_THEN);
    alternatives_note_bounds(alternatives, section);
}

void json_strings_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                         struct document *document)
{
    static const struct alternative_table what = {ALTERNATIVE_HASH, columns, sizeof(columns) / sizeof(*columns),
                                                  write_row, write_action};
    size_t count;
    (void)self;
    struct doc_section *section = alternative_table_write(&what, context, collector, document, &count);
    if (count == 0)
        section_note(section, DOC_GOOD, "No string that was looked at is a JSON object.");
    else
        write_notes(section, context->alternatives);
}
