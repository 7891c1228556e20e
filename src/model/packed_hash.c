#include "packed_hash.h"

#include "hash_part.h"
#include "keyspace_part.h"
#include "shape_internal.h"
#include "vset.h"

enum { EXPIRY_ENTRY = 10, NO_EXPIRY_ENTRY = 2 }; /* listpack entries of a Unix time in ms, and of 0 */

bool model_packs_expiries(const struct plan *plan, size_t view)
{
    struct hash_packed_form form;
    hash_packed_form(plan->view[view].view.server->hash, &form);
    return form.packs_expiries;
}

unsigned model_table_expiries(const struct plan *plan, size_t view)
{
    return hash_timed_pair(plan->view[view].view.server->hash) ? VSET_VECTOR_MAX : 0;
}

uint64_t model_packed_entry(const struct plan *plan, size_t view, const struct shape_text *text)
{
    struct hash_packed_form form;
    hash_packed_form(plan->view[view].view.server->hash, &form);
    if (form.is_listpack)
        return listpack_entry(text);
    return ziplist_body(text) + ziplist_previous_bytes(0);
}

static struct cost_context context_of(const struct plan *plan, size_t view, const struct key_facts *key)
{
    const struct planned_view *planned = &plan->view[view];
    return (struct cost_context){.plan = plan,
                                 .view = planned,
                                 .server = planned->view.server,
                                 .classes = planned->classes,
                                 .settings = &planned->view.settings,
                                 .shells = planned->shells,
                                 .key = key};
}

uint64_t model_packed_hash(const struct plan *plan, size_t view, const struct key_facts *key, uint64_t entries,
                           uint64_t fields, uint64_t timed)
{
    struct cost_context c = context_of(plan, view, key);
    struct hash_packed_form form;
    hash_packed_form(c.server->hash, &form);
    struct cost cost;
    struct tally t;
    tally_init(&t, &cost, NULL);
    keyspace_shell(&c, &t, SHELL_WITH_OBJECT);
    uint64_t len = (form.is_listpack ? LISTPACK_FRAME : ZIPLIST_FRAME) + entries;
    if (timed) {
        len += timed * EXPIRY_ENTRY + (fields - timed) * NO_EXPIRY_ENTRY;
        t.held += size_classes_held(c.classes, form.expiring_bytes);
    }
    return t.held + size_classes_held(c.classes, len);
}

uint64_t model_table_pair(const struct plan *plan, size_t view, uint64_t field_len, uint64_t value_len, bool has_expiry)
{
    const struct planned_view *planned = &plan->view[view];
    struct pair_bytes bytes;
    pair_layout_bytes(hash_timed_pair(planned->view.server->hash), planned->classes, field_len, value_len, has_expiry,
                      &bytes);
    return bytes.held;
}

uint64_t model_table_hash(const struct plan *plan, size_t view, const struct key_facts *key, uint64_t pairs,
                          uint64_t fields, uint64_t timed)
{
    struct cost_context c = context_of(plan, view, key);
    struct cost cost;
    struct tally t;
    tally_init(&t, &cost, NULL);
    keyspace_shell(&c, &t, SHELL_WITH_OBJECT);
    hash_timed_table(&c, &t, fields, timed < VSET_VECTOR_MAX ? timed : VSET_VECTOR_MAX, pairs);
    return t.held;
}

uint64_t model_prefixed_entries(const struct plan *plan, size_t view, const struct shape *hash, unsigned more)
{
    struct hash_packed_form form;
    hash_packed_form(plan->view[view].view.server->hash, &form);
    const struct hash_shape *shape = &hash->hash;
    uint64_t texts = hash->elements - shape->integer_fields;
    /* A number in front of which text comes is text: its length, and two bytes around it. */
    uint64_t integers = shape->integer_field_text + shape->integer_fields * (more + 2);
    if (form.is_listpack)
        return shape->packed.listpack + texts * more + integers - shape->integer_field_listpack;
    return shape->packed.ziplist + texts * more + integers - shape->integer_field_ziplist;
}

uint64_t model_prefixed_pairs(const struct plan *plan, const struct shape *hash, unsigned more, bool expire)
{
    const struct kept_pairs *kept = &hash->hash.kept;
    uint64_t count = hash->elements < SHAPE_KEPT_PAIRS ? hash->elements : SHAPE_KEPT_PAIRS, bytes = 0;
    for (uint64_t i = 0; i < count; i++)
        bytes += model_table_pair(plan, 0, kept->field[i] + more, kept->value[i], expire);
    return bytes;
}
