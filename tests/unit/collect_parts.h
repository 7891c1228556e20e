/* Whole collections: all sections over some records, and the report that they write. */
#ifndef COLLECT_PARTS_H
#define COLLECT_PARTS_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "collect/collector.h"
#include "file_facts.h"
#include "render.h"

struct part {
    struct keyspace *keyspace;
    struct collection *collection;
};

/* `wanted`: collector.h, collection_new. */
static inline struct part part_of(const struct plan *plan, const struct file_facts *file, int64_t now_ms,
                                  struct collect_limits limits, const bool *wanted)
{
    struct part part = {.keyspace = keyspace_new(plan)};
    struct collect_context context = {
        .plan = plan, .now_ms = now_ms, .top = 15, .keyspace = part.keyspace, .file = file, .limits = limits};
    part.collection = collection_new(&context, wanted);
    return part;
}

/* With every section. */
static inline struct part part_new(const struct plan *plan, const struct file_facts *file, int64_t now_ms,
                                   struct collect_limits limits)
{
    size_t count;
    (void)collectors(&count);
    bool *wanted = malloc(count * sizeof *wanted);
    for (size_t i = 0; i < count; i++)
        wanted[i] = true;
    struct part part = part_of(plan, file, now_ms, limits, wanted);
    free(wanted);
    return part;
}

static inline void part_free(struct part *part)
{
    collection_free(part->collection);
    keyspace_free(part->keyspace);
}

static inline void part_add(struct part *part, struct record *record)
{
    collection_add(part->collection, record);
    keyspace_add(part->keyspace, record->db, &record->facts, record->shape, -1);
}

/* The caller frees it. */
static inline char *part_json(const struct part *part)
{
    char *json = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&json, &size);
    struct document *document = document_new("test", 1);
    collection_finish(part->collection, document);
    ck_assert(renderer_by_name("json")->render(document, &(struct render_options){0}, out));
    document_free(document);
    fclose(out);
    return json;
}

/* Both write the same report. */
static inline void check_same_report(const struct part *part, const struct part *expected)
{
    enum { BEFORE = 60 };
    char *wanted = part_json(expected), *written = part_json(part);
    ck_assert_uint_gt(strlen(wanted), 10000);
    size_t same = 0;
    while (wanted[same] && written[same] == wanted[same])
        same++;
    size_t from = same < BEFORE ? 0 : same - BEFORE;
    ck_assert_msg(!wanted[same] && !written[same], "%.120s\nbut expected is\n%.120s", written + from, wanted + from);
    free(wanted);
    free(written);
}

#endif
