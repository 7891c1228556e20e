#include "settings_in_force.h"

#include <inttypes.h>
#include <string.h>

#include "archive/archive.h"
#include "hiding.h"
#include "inventory.h"
#include "name_order.h"
#include "packed_types.h"

/* Of two proofs that say the same the first in order of names, whatever came first. */
static bool is_first(const struct setting_proof *a, const struct setting_proof *b)
{
    int order = name_order(a->name, b->name, a->name_len < b->name_len ? a->name_len : b->name_len);
    if (order != 0)
        return order < 0;
    if (a->name_full_len != b->name_full_len)
        return a->name_full_len < b->name_full_len;
    return a->db < b->db;
}

static void take_proof(struct setting_proof *proof, const struct setting_proof *other)
{
    if (proof->at_least < other->at_least || (proof->at_least == other->at_least && is_first(other, proof)))
        *proof = *other;
}

static void prove(struct setting_proof *proof, uint64_t at_least, const struct record *record)
{
    unsigned len = record->key_bytes < PROOF_NAME_MAX ? record->key_bytes : PROOF_NAME_MAX;
    struct setting_proof own = {.at_least = at_least, .db = record->db, .name_full_len = record->key_len};
    own.name_len = (uint8_t)len;
    memcpy(own.name, record->key, own.name_len);
    take_proof(proof, &own);
}

/* Most keys of a file prove the same as one before, or less. */
static inline bool proves_more(const struct setting_proof *proof, uint64_t at_least, const struct record *record)
{
    if (at_least != proof->at_least)
        return at_least > proof->at_least;
    unsigned len = record->key_bytes < proof->name_len ? record->key_bytes : proof->name_len;
    return at_least != 0 && name_order(proof->name, record->key, len) >= 0;
}

void settings_in_force_add(void *self, const struct collect_context *context, const struct record *record)
{
    struct settings_in_force *proofs = self;
    const struct packed_type *type = packed_type_of(record->type);
    enum shape_origin origin = shape_origin(record->shape);
    if (origin == ORIGIN_ELEMENTS || origin == ORIGIN_FIELD_EXPIRES) {
        const int64_t *value = plan_view(context->plan, 0)->settings.value;
        proofs->within[record->type] += record->elements <= (uint64_t)value[type->entries] &&
                                        record->longest <= (uint64_t)value[type->value] && record->type != OBJECT_SET;
    } else if (origin == ORIGIN_INTSET) {
        if (proves_more(&proofs->proof[SETTING_SET_MAX_INTSET], record->elements, record))
            prove(&proofs->proof[SETTING_SET_MAX_INTSET], record->elements, record);
    } else {
        if (proves_more(&proofs->proof[type->entries], record->elements, record))
            prove(&proofs->proof[type->entries], record->elements, record);
        if (proves_more(&proofs->proof[type->value], record->longest, record))
            prove(&proofs->proof[type->value], record->longest, record);
    }
}

void settings_in_force_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    struct settings_in_force *proofs = self;
    const struct settings_in_force *from = other;
    for (int i = 0; i < SETTING_COUNT; i++)
        take_proof(&proofs->proof[i], &from->proof[i]);
    for (int i = 0; i < OBJECT_TYPE_COUNT; i++)
        proofs->within[i] += from->within[i];
}

void settings_in_force_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    struct settings_in_force *proofs = self;
    for (int i = 0; i < SETTING_COUNT; i++) {
        struct setting_proof *proof = &proofs->proof[i];
        uint64_t name_len = proof->name_len;
        archive_u64(archive, &proof->at_least);
        if (proof->at_least == 0)
            continue;
        archive_u64(archive, &proof->db);
        archive_u64(archive, &proof->name_full_len);
        archive_within(archive, &name_len, PROOF_NAME_MAX);
        proof->name_len = (uint8_t)name_len;
        archive_bytes(archive, proof->name, proof->name_len);
    }
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        if (packed_type_of((enum object_type)type))
            archive_u64(archive, &proofs->within[type]);
}

static const struct doc_column columns[] = {
    {"setting", "Setting", DOC_CODE, DOC_COLUMN_KEY}, {"assumed", "Taken as", DOC_COUNT, 0},
    {"at_least", "Proved: at least", DOC_COUNT, 0},   {"contradicts", "Contradicts", DOC_BOOL, DOC_COLUMN_OPTIONAL},
    {"key", "By", DOC_NAME, DOC_COLUMN_WIDE},         {"database", "DB", DOC_COUNT, DOC_COLUMN_OPTIONAL},
};

/* Returns the number of settings that are proved to have been higher than they are taken for. */
static unsigned write_proofs(struct doc_section *section, const struct collect_context *context,
                             const struct collector *collector, const struct settings_in_force *proofs)
{
    struct doc_table *table = NULL;
    unsigned contradictions = 0;
    for (int i = 0; i < SETTING_COUNT; i++) {
        const struct setting_proof *proof = &proofs->proof[i];
        int64_t assumed = plan_view(context->plan, 0)->settings.value[i];
        if (proof->at_least == 0)
            continue;
        if (!table)
            table = section_table(section, "proofs", collector->title, columns, sizeof(columns) / sizeof(*columns),
                                  DOC_CHART_NONE);
        bool contradicts = assumed >= 0 && proof->at_least > (uint64_t)assumed;
        contradictions += contradicts;
        const struct doc_value cells[] = {
            doc_code(setting_info((enum setting)i)->name),
            doc_count(assumed > 0 ? (uint64_t)assumed : 0),
            doc_count(proof->at_least),
            doc_bool(contradicts),
            doc_name_of(DOC_THEIR_NAME, proof->name, proof->name_len, proof->name_full_len),
            doc_count(proof->db),
        };
        table_row(table, cells);
    }
    return contradictions;
}

static void write_policy(struct doc_section *section, const struct inventory *inventory)
{
    if (inventory->idle_keys)
        section_fact(section, "policy", "maxmemory-policy", doc_text("one of the LRU kind: keys have idle times"));
    else if (inventory->frequency_keys)
        section_fact(section, "policy", "maxmemory-policy", doc_text("one of the LFU kind: keys have counters"));
}

void settings_in_force_finish(const void *self, const struct collect_context *context,
                              const struct collector *collector, struct document *document)
{
    const struct settings_in_force *proofs = self;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    section_fact(section, "server", "Settings taken from", doc_text(plan_view(context->plan, 0)->server->title));
    write_policy(section, context->inventory);
    unsigned contradictions = write_proofs(section, context, collector, proofs);
    if (contradictions)
        section_note(section, DOC_INFO,
                     "%u limits were once higher than they are taken for: a key lies packed in the file that they "
                     "would not let be. Give the server's own with --config or --set for exact numbers.",
                     contradictions);
    for (int type = 0; type < OBJECT_TYPE_COUNT; type++)
        if (proofs->within[type])
            section_note(section, DOC_INFO,
                         "%" PRIu64 " %s are tables in the file although within the limits that are taken to be in "
                         "force: they were larger once, or the limits are lower.",
                         proofs->within[type], packed_type_of((enum object_type)type)->plural);
    section_note(section, DOC_INFO,
                 "What no key proves is taken from --set and --config, else from the defaults that the server is "
                 "compiled with.");
}

void settings_in_force_hide(void *self, const struct doc_hider *hider)
{
    struct settings_in_force *settings = self;
    for (int i = 0; i < SETTING_COUNT; i++) {
        struct setting_proof *proof = &settings->proof[i], own = *proof;
        if (proof->at_least == 0)
            continue;
        proof->name_len = (uint8_t)hiding_name(hider, own.name, own.name_len, proof->name, PROOF_NAME_MAX, NULL);
        proof->name_full_len = proof->name_len + own.name_full_len - own.name_len;
    }
}
