#include "gathered.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"

struct gathered *gathered_new(void)
{
    struct gathered *gathered = xcalloc(1, sizeof *gathered);
    file_facts_init(&gathered->facts, gathered->shown_path);
    return gathered;
}

void gathered_free(struct gathered *gathered)
{
    if (gathered == NULL)
        return;
    collection_free(gathered->collection);
    keyspace_free(gathered->keyspace);
    plan_free(gathered->plan);
    free(gathered->file);
    free(gathered);
}

void gathered_start(struct gathered *gathered, const struct plan_view *views, size_t count, const struct gather *gather,
                    int64_t now_ms)
{
    gathered->plan = plan_new(views, count);
    gathered->keyspace = keyspace_new(gathered->plan);
    gathered->now_ms = now_ms;
    const struct collect_context context = {
        .plan = gathered->plan,
        .now_ms = now_ms,
        .top = gather->top,
        .cuts = gather->cuts,
        .keyspace = gathered->keyspace,
        .file = &gathered->facts,
        .nodes = gather->nodes,
        .points = &gather->points,
    };
    gathered->collection = collection_new(&context, gather->wanted);
}

/* ---- files ---------------------------------------------------------------------------------------------------------
 */

struct gathered_file *gathered_add_file(struct gathered *gathered)
{
    if (gathered->file_count == gathered->file_capacity) {
        size_t capacity = gathered->file_capacity != 0 ? 2 * gathered->file_capacity : 4;
        struct gathered_file *grown = xcalloc(capacity, sizeof *grown);
        if (gathered->file_count != 0)
            memcpy(grown, gathered->file, gathered->file_count * sizeof *grown);
        free(gathered->file);
        gathered->file = grown;
        gathered->file_capacity = capacity;
    }
    struct gathered_file *file = &gathered->file[gathered->file_count++];
    memset(file, 0, sizeof *file);
    return file;
}

void gathered_add_missing(struct gathered *gathered, const char *path, const char *why)
{
    struct gathered_file *file = gathered_add_file(gathered);
    size_t len = strlen(path);
    snprintf(file->path, sizeof file->path, "%s", len < sizeof file->path ? path : path + len + 1 - sizeof file->path);
    snprintf(file->trouble, sizeof file->trouble, "%s", why);
    file->is_missing = true;
}

static int by_path(const void *a, const void *b)
{
    const struct gathered_file *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    if (order != 0)
        return order;
    if (x->ctime_ms != y->ctime_ms)
        return x->ctime_ms < y->ctime_ms ? -1 : 1;
    if (x->keys != y->keys)
        return x->keys < y->keys ? -1 : 1;
    return (x->key_bytes > y->key_bytes) - (x->key_bytes < y->key_bytes);
}

static void say_partial(struct gathered *gathered, size_t troubled, const struct gathered_file *first)
{
    struct file_facts *facts = &gathered->facts;
    char others[40] = "";
    facts->partial = true;
    if (troubled > 1)
        snprintf(others, sizeof others, " (and %zu more)", troubled - 1);
    snprintf(facts->partial_reason, sizeof facts->partial_reason, "%zu of %zu files: %.100s: %.150s%s", troubled,
             gathered->file_count, first->path, first->trouble, others);
}

static void hide_messages(struct gathered *gathered)
{
    struct file_facts *facts = &gathered->facts;
    for (size_t i = 0; i < gathered->file_count; i++)
        if (gathered->file[i].trouble[0] != '\0')
            snprintf(gathered->file[i].trouble, sizeof gathered->file[i].trouble, "damaged or incomplete");
    if (facts->partial)
        snprintf(facts->partial_reason, sizeof facts->partial_reason, "a file could not be read to its end");
    for (size_t i = 0; i < FILE_MAX_FINDINGS; i++)
        facts->findings[i].key[0] = '\0';
}

void gathered_hide_names(struct gathered *gathered, const struct redactor *redactor, bool with_messages)
{
    const struct doc_hider hider = {redact_name, redactor, REDACT_TIMES, REDACT_MORE};
    redactor_fingerprint(redactor, gathered->facts.redact_key);
    collection_hide_names(gathered->collection, &hider);
    if (with_messages)
        hide_messages(gathered);
}

void gathered_end(struct gathered *gathered)
{
    size_t troubled = 0;
    const struct gathered_file *first = NULL;
    if (gathered->file_count != 0)
        qsort(gathered->file, gathered->file_count, sizeof *gathered->file, by_path);
    for (size_t i = 0; i < gathered->file_count; i++) {
        if (gathered->file[i].trouble[0] == '\0')
            continue;
        troubled++;
        if (first == NULL)
            first = &gathered->file[i];
    }
    if (gathered->file_count == 1)
        snprintf(gathered->shown_path, sizeof gathered->shown_path, "%s", gathered->file[0].path);
    else
        snprintf(gathered->shown_path, sizeof gathered->shown_path, "%zu files", gathered->file_count);
    if (first != NULL && (gathered->file_count > 1 || first->is_missing))
        say_partial(gathered, troubled, first);
    if (gathered->collection != NULL)
        collection_set_now(gathered->collection, gathered->now_ms);
}

/* ---- several -------------------------------------------------------------------------------------------------------
 */

static const char *named_of(const struct gathered *gathered)
{
    return gathered->file_count != 0 ? gathered->file[0].path : "nothing";
}

static bool differ(const struct gathered *a, const struct gathered *b, const char *what, const char *text_a,
                   const char *text_b, char message[GATHERED_MESSAGE_BYTES])
{
    snprintf(message, GATHERED_MESSAGE_BYTES, "%.120s and %.120s differ in %s: %.40s and %.40s", named_of(a),
             named_of(b), what, text_a, text_b);
    return false;
}

bool gathered_is_alike(const struct gathered *a, const struct gathered *b, char message[GATHERED_MESSAGE_BYTES])
{
    const struct plan_view *x = plan_view(a->plan, 0), *y = plan_view(b->plan, 0);
    if (x->server != y->server)
        return differ(a, b, "the server that they are costed as (--target)", x->server->id, y->server->id, message);
    if (x->allocator != y->allocator)
        return differ(a, b, "the allocator (--allocator)", x->allocator->name, y->allocator->name, message);
    for (int i = 0; i < SETTING_COUNT; i++) {
        char text_a[48], text_b[48];
        if (x->settings.value[i] == y->settings.value[i])
            continue;
        setting_format((enum setting)i, x->settings.value[i], text_a, sizeof text_a);
        setting_format((enum setting)i, y->settings.value[i], text_b, sizeof text_b);
        return differ(a, b, setting_info((enum setting)i)->name, text_a, text_b, message);
    }
    return true;
}

void gathered_merge(struct gathered *gathered, const struct gathered *other, const struct gather *gather)
{
    if (gathered->plan == NULL) {
        struct plan_view views[PLAN_MAX_VIEWS];
        size_t count = plan_view_count(other->plan);
        for (size_t i = 0; i < count; i++)
            views[i] = *plan_view(other->plan, i);
        gathered_start(gathered, views, count, gather, other->now_ms);
    }
    file_facts_merge(&gathered->facts, &other->facts);
    collection_merge(gathered->collection, other->collection);
    keyspace_merge(gathered->keyspace, other->keyspace);
    if (gathered->now_ms < other->now_ms)
        gathered->now_ms = other->now_ms;
    for (size_t i = 0; i < other->file_count; i++)
        *gathered_add_file(gathered) = other->file[i];
}

/* ---- sections ------------------------------------------------------------------------------------------------------
 */

bool *gathered_sections(bool is_saved)
{
    size_t count;
    const struct collector *rows = collectors(&count);
    bool *wanted = xcalloc(count, sizeof *wanted);
    for (size_t i = 0; i < count; i++)
        wanted[i] = is_saved || rows[i].by_default || rows[i].of_several;
    return wanted;
}

static const struct doc_column columns[] = {
    {"file", "File", DOC_NAME, DOC_COLUMN_KEY | DOC_COLUMN_WIDE},
    {"taken_at", "Taken at", DOC_TIME, DOC_COLUMN_OPTIONAL},
    {"keys", "Keys", DOC_COUNT, 0},
    {"expires", "With TTL", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"dataset_bytes", "Memory of the data", DOC_BYTES, 0},
    {"share", "Share", DOC_SHARE, DOC_COLUMN_BAR},
    {"used_mem", "used_memory", DOC_BYTES, DOC_COLUMN_OPTIONAL},
    {"slots", "Slots", DOC_COUNT, DOC_COLUMN_OPTIONAL},
    {"trouble", "What is wrong", DOC_NAME, 0},
};

static void write_file(struct doc_table *table, const struct gathered_file *file, uint64_t all_bytes)
{
    uint64_t bytes = file->key_bytes + file->table_bytes;
    size_t trouble_len = strlen(file->trouble); /* may name a key */
    const struct doc_value cells[] = {
        doc_name(file->path, strlen(file->path), strlen(file->path)),
        file->has_ctime ? doc_time(file->ctime_ms) : doc_none(),
        file->is_missing ? doc_none() : doc_count(file->keys),
        file->is_missing ? doc_none() : doc_count(file->expires),
        file->is_missing ? doc_none() : doc_bytes(bytes),
        file->is_missing ? doc_none() : doc_share((double)bytes, (double)all_bytes),
        file->has_used_mem ? doc_bytes(file->used_mem) : doc_none(),
        file->slots != 0 ? doc_count(file->slots) : doc_none(),
        trouble_len != 0 ? doc_name_of(DOC_THEIR_EXAMPLE, file->trouble, trouble_len, trouble_len) : doc_none(),
    };
    table_row(table, cells);
}

struct files_sum {
    uint64_t bytes, largest, read, troubled;
};

static struct files_sum sum_of(const struct gathered *gathered)
{
    struct files_sum sum = {0};
    for (size_t i = 0; i < gathered->file_count; i++) {
        const struct gathered_file *file = &gathered->file[i];
        uint64_t bytes = file->key_bytes + file->table_bytes;
        sum.bytes += bytes;
        sum.largest = bytes > sum.largest ? bytes : sum.largest;
        sum.read += !file->is_missing;
        sum.troubled += file->trouble[0] != '\0';
    }
    return sum;
}

void gathered_write_files(const struct gathered *gathered, struct document *document)
{
    struct files_sum sum = sum_of(gathered);
    if (gathered->file_count < 2 && sum.troubled == 0)
        return;
    struct doc_section *section = document_section(document, "files", "Files");
    section_fact(section, "files", "Files", doc_count(gathered->file_count));
    section_fact(section, "read", "Of which something was read", doc_count(sum.read));
    section_fact(section, "bytes", "Data with each one's tables", doc_bytes(sum.bytes));
    if (sum.read != 0 && sum.bytes != 0)
        section_fact(section, "largest_by_mean", "Largest file by their mean",
                     doc_number((double)sum.largest * (double)sum.read / (double)sum.bytes));
    if (sum.troubled != 0)
        section_note(section, DOC_CRITICAL, "%" PRIu64 " of %zu files are damaged, cut short or missing.", sum.troubled,
                     gathered->file_count);
    section_note(section, DOC_INFO,
                 "The other sections are about all keys as if one server held them: its tables are those of so many "
                 "keys, and times are counted from each file's own moment.");
    struct doc_table *table =
        section_table(section, "list", "Files", columns, sizeof columns / sizeof *columns, DOC_CHART_BARS);
    for (size_t i = 0; i < gathered->file_count; i++)
        write_file(table, &gathered->file[i], sum.bytes);
}
