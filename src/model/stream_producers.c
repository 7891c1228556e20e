#include "stream_producers.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "table_cost.h"

static void sums_init(struct producer_sums *sums, const struct plan *plan)
{
    *sums = (struct producer_sums){0};
    rax_names_init(&sums->tree, plan->classes, plan->allocator_count);
}

static void sums_begin(struct producer_sums *sums)
{
    rax_names_begin(&sums->tree);
    sums->names = (struct rax_sum){0};
    sums->producers = sums->entries = sums->entry_asked = 0;
    sums->tables = sums->table_asked = 0;
    memset(sums->entry_held, 0, sizeof sums->entry_held);
    memset(sums->table_held, 0, sizeof sums->table_held);
}

void stream_producers_init(struct stream_producers *producers, const struct plan *plan)
{
    *producers = (struct stream_producers){.plan = plan};
    sums_init(&producers->all, plan);
    sums_init(&producers->live, plan);
}

void stream_producers_release(struct stream_producers *producers)
{
    rax_names_release(&producers->all.tree);
    rax_names_release(&producers->live.tree);
    free(producers->id);
}

void stream_producers_begin(struct stream_producers *producers)
{
    producers->is_open = false;
    if (producers->all.producers == 0)
        return; /* both are as new */
    sums_begin(&producers->all);
    sums_begin(&producers->live);
}

/* The dict of a producer's ids is not presized (redis 8.6 src/rdb.c rdbLoadStreamIdmpEntries). */
static void add_table(const struct plan *plan, struct producer_sums *sums, uint64_t entries)
{
    struct dict_growth table;
    dict_growth_init(&table, &growth_redis_7_4);
    dict_growth_insert(&table, entries);
    for (unsigned i = 0; i < 2 && table.size[i]; i++) {
        uint64_t bytes = 8 * table.size[i];
        sums->tables++;
        sums->table_asked += bytes;
        for (unsigned a = 0; a < plan->allocator_count; a++)
            sums->table_held[a] += size_classes_held(&plan->classes[a], bytes);
    }
}

static void close_producer(struct stream_producers *producers)
{
    if (!producers->is_open)
        return;
    producers->is_open = false;
    add_table(producers->plan, &producers->all, producers->open_entries);
    if (producers->open_live == 0)
        return;
    producers->live.producers++;
    rax_names_add(&producers->live.tree, producers->id, producers->id_len);
    add_table(producers->plan, &producers->live, producers->open_live);
}

void stream_producers_add(struct stream_producers *producers, const uint8_t *id, uint64_t id_len,
                          uint64_t duration_seconds, int64_t load_time_ms)
{
    close_producer(producers);
    producers->is_open = true;
    producers->open_entries = producers->open_live = 0;
    size_t kept = !id ? 0 : id_len < RAX_NAMES_MAX_NAME ? (size_t)id_len : RAX_NAMES_MAX_NAME;
    producers->id = grow(producers->id, &producers->id_capacity, kept + 1, 1);
    if (kept)
        memcpy(producers->id, id, kept);
    producers->id_len = kept;
    producers->all.producers++;
    rax_names_add(&producers->all.tree, id, id_len);
    uint64_t now = load_time_ms > 0 ? (uint64_t)load_time_ms : 0;
    uint64_t age = duration_seconds < UINT32_MAX ? duration_seconds * 1000 : UINT64_MAX;
    producers->nothing_is_old = now <= age;
    producers->oldest_live_ms = producers->nothing_is_old ? 0 : now - age;
}

static void add_entry(const struct plan *plan, struct producer_sums *sums, uint64_t bytes)
{
    sums->entries++;
    sums->entry_asked += bytes;
    for (unsigned a = 0; a < plan->allocator_count; a++)
        sums->entry_held[a] += size_classes_held(&plan->classes[a], bytes);
}

void stream_producers_iid(struct stream_producers *producers, uint64_t iid_len, uint64_t id_ms)
{
    if (!producers->is_open)
        return;
    producers->open_entries++;
    add_entry(producers->plan, &producers->all, IDMP_ENTRY_BYTES + iid_len);
    if (!producers->nothing_is_old && id_ms <= producers->oldest_live_ms)
        return;
    producers->open_live++;
    add_entry(producers->plan, &producers->live, IDMP_ENTRY_BYTES + iid_len);
}

static void sums_end(struct producer_sums *sums)
{
    if (sums->producers)
        rax_names_end(&sums->tree, &sums->names);
}

void stream_producers_end(struct stream_producers *producers)
{
    close_producer(producers);
    sums_end(&producers->all);
    sums_end(&producers->live);
}
