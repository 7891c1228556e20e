#include "totals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "file_facts.h"
#include "inventory.h"

void totals_add(void *self, const struct collect_context *context, const struct record *record)
{
    (void)context;
    if (record->type != OBJECT_MODULE)
        ((struct totals *)self)->other_bytes += (1 + record->more) * record->other_bytes;
}

void totals_merge(void *self, const void *other, const struct collect_context *context)
{
    (void)context;
    ((struct totals *)self)->other_bytes += ((const struct totals *)other)->other_bytes;
}

static bool is_comparable(const struct file_facts *file)
{
    return file->has_used_mem && file->used_mem && !file->is_filtered && !file->partial;
}

/* The other common allocator: what the same data would take with it. Where that comes far nearer to what the server
 * said of itself, it is probably the one that it runs on. */
static void write_other_allocator(struct doc_section *section, const struct collect_context *context,
                                  uint64_t other_keys_bytes, uint64_t dataset_bytes)
{
    enum { CLEAR_BYTES = 16 << 20, CLEAR_FACTOR = 4 }; /* what a server holds beside its data does not blur these */
    const struct plan_view *view = plan_view(context->plan, 1);
    struct keyspace_cost keyspace;
    model_keyspace(context->plan, 1, context->keyspace, &keyspace);
    uint64_t other_bytes = other_keys_bytes + keyspace.total_bytes;
    char title[80];
    snprintf(title, sizeof(title), "With %s instead", view->allocator->name);
    section_fact(section, "other_allocator_bytes", title, doc_bytes(other_bytes));
    if (!is_comparable(context->file))
        return;
    int64_t rest = (int64_t)(context->file->used_mem - dataset_bytes);
    int64_t other_rest = (int64_t)(context->file->used_mem - other_bytes);
    if (rest > CLEAR_BYTES && other_rest >= 0 && rest / CLEAR_FACTOR > other_rest)
        section_note(section, DOC_WARNING,
                     "What the server said of itself fits %s (%s) far better than %s: if it runs on that, add "
                     "--allocator %s.",
                     view->allocator->name, view->allocator->title, plan_view(context->plan, 0)->allocator->name,
                     view->allocator->name);
}

/* What the server's own number holds beside the data. */
static void write_reconciliation(struct doc_section *section, const struct file_facts *file, uint64_t dataset_bytes,
                                 uint64_t module_keys)
{
    if (!file->has_used_mem)
        return;
    section_fact(section, "used_mem", "used_memory at that moment", doc_bytes(file->used_mem));
    if (!is_comparable(file))
        return;
    int64_t rest = (int64_t)(file->used_mem - dataset_bytes);
    section_fact(section, "difference_bytes", "used_memory beside the data", doc_delta(rest));
    section_fact(section, "explained", "used_memory that is data",
                 doc_share((double)dataset_bytes, (double)file->used_mem));
    if (module_keys)
        section_note(section, DOC_WARNING, "Module values are in the server's number but not in ours.");
    if (rest < 0)
        section_note(section, DOC_INFO,
                     "The data costs more here than its server held: it ran another release, allocator or settings "
                     "than this report assumes, or held values in encodings that a reload changes.");
    else
        section_note(section, DOC_INFO,
                     "Not data: the server's base memory (about 1 MB), buffers of clients and replicas, scripts, "
                     "and tables that a reload would pack. Fragmentation is not in used_memory but in rss.");
}

static void write_lacking(struct doc_section *section, const struct server_model *server,
                          const struct inventory *inventory)
{
    for (unsigned type = 0; type < OBJECT_TYPE_COUNT; type++) {
        struct inventory_totals totals;
        inventory_totals(inventory, (enum object_type)type, &totals);
        if (totals.keys != 0 && !server_has_type(server, (enum object_type)type))
            section_note(section, DOC_CRITICAL,
                         "%s does not have the type %s: it cannot load the %" PRIu64 " keys of it, which have no cost "
                         "here.",
                         server->title, object_type_name((enum object_type)type), totals.keys);
    }
}

static int heaviest_first(const void *a, const void *b)
{
    const struct inventory_module *x = a, *y = b;
    if (x->stored_bytes != y->stored_bytes)
        return x->stored_bytes < y->stored_bytes ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void write_modules(struct doc_section *section, const struct inventory *inventory, uint64_t module_bytes)
{
    static const struct doc_column columns[] = {
        {"module", "Module type", DOC_NAME, DOC_COLUMN_KEY},
        {"keys", "Keys", DOC_COUNT, 0},
        {"stored_bytes", "Bytes in the file", DOC_BYTES, 0},
    };
    if (inventory->module_count == 0)
        return;
    section_fact(section, "module_bytes", "Module keys, beside all this", doc_bytes(module_bytes));
    section_note(section, DOC_WARNING,
                 "Only a module knows what its values take in memory: they are listed by their bytes in the file and "
                 "are not in the totals.");
    struct doc_table *table = section_table(section, "modules", "Module values", columns, 3, DOC_CHART_NONE);
    struct inventory_module sorted[INVENTORY_MAX_MODULES];
    memcpy(sorted, inventory->module, sizeof(sorted));
    qsort(sorted, inventory->module_count, sizeof(*sorted), heaviest_first);
    for (uint32_t i = 0; i < inventory->module_count; i++) {
        const struct inventory_module *module = &sorted[i];
        size_t len = strlen(module->name);
        const struct doc_value cells[] = {doc_name(module->name, len, len), doc_count(module->keys),
                                          doc_bytes(module->stored_bytes)};
        table_row(table, cells);
    }
}

void totals_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                   struct document *document)
{
    const struct inventory *inventory = context->inventory;
    struct inventory_totals all, modules;
    struct inventory_sum ttl[TTL_COUNT];
    struct keyspace_cost keyspace;
    inventory_totals(inventory, OBJECT_TYPE_COUNT, &all);
    inventory_totals(inventory, OBJECT_MODULE, &modules);
    inventory_ttl(inventory, ttl);
    model_keyspace(context->plan, 0, context->keyspace, &keyspace);
    uint64_t keys = all.keys + modules.keys + inventory->damaged_keys;
    uint64_t dataset_bytes = all.bytes + keyspace.total_bytes;
    struct doc_section *section = document_section(document, collector->id, collector->title);
    section_headline(section, "dataset_bytes", "Memory of the data", doc_bytes(dataset_bytes));
    section_headline(section, "keys", "Keys", doc_count(keys));
    section_fact(section, "expires", "Keys with a TTL", doc_count(all.keys + modules.keys - ttl[TTL_NONE].keys));
    section_fact(section, "keys_bytes", "Keys and values", doc_bytes(all.bytes));
    section_fact(section, "keyspace_bytes", "Beside keys and values", doc_bytes(keyspace.total_bytes));
    section_fact(section, "main_table_bytes", "Tables of keys", doc_bytes(keyspace.main_table_bytes));
    section_fact(section, "expires_table_bytes", "Tables of expiries", doc_bytes(keyspace.expires_table_bytes));
    if (keyspace.field_expiry_bytes)
        section_fact(section, "field_expiry_bytes", "Tables of field expiries", doc_bytes(keyspace.field_expiry_bytes));
    if (keyspace.function_bytes)
        section_fact(section, "function_bytes", "Functions", doc_bytes(keyspace.function_bytes));
    section_fact(section, "memory_usage", "Sum of MEMORY USAGE", doc_bytes(all.memory_usage));
    write_reconciliation(section, context->file, dataset_bytes, modules.keys);
    if (plan_view_count(context->plan) > 1)
        write_other_allocator(section, context, ((const struct totals *)self)->other_bytes, dataset_bytes);
    write_modules(section, inventory, modules.bytes);
    write_lacking(section, plan_view(context->plan, 0)->server, inventory);
}

void totals_archive(void *self, const struct collect_context *context, struct archive *archive)
{
    (void)context;
    archive_u64(archive, &((struct totals *)self)->other_bytes);
}
