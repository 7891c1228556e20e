/* Inputs that cost quadratic time where something is searched or moved for each item: four times as many items may take
 * about four times as long. Processor time is what counts, and small times do not. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "in_process.h"
#include "rdb_writer.h"
#include "run_suite.h"

/* Quadratic time would be 16 times as much; caches and tables that double explain the rest over 4. */
enum { ITEMS = 60000, MORE = 4, GROWTH_MAX = 9 };
static const double noise_seconds = 0.15;
/* Tables have bounds, at which time no longer grows: it must not be long then either. Two seconds, and as much again
 * as sanitizers take. */
static const double longest_seconds = 20;

typedef void make(struct rdb_writer *w, uint64_t items);

static void databases(struct rdb_writer *w, uint64_t items)
{
    for (uint64_t i = 0; i < items; i++) {
        put_select_db(w, i * 2654435761U);
        put_string_key(w, "k", "v");
    }
}

static void databases_again_and_again(struct rdb_writer *w, uint64_t items)
{
    for (uint64_t i = 0; i < items; i++) {
        put_select_db(w, i % 7);
        put_resize_db(w, i, i);
    }
}

static void aux_fields(struct rdb_writer *w, uint64_t items)
{
    char name[32];
    for (uint64_t i = 0; i < items; i++) {
        snprintf(name, sizeof name, "aux%llu", (unsigned long long)i);
        put_aux(w, i % 3 ? name : "redis-ver", "7.2.0");
    }
}

static void slot_infos(struct rdb_writer *w, uint64_t items)
{
    for (uint64_t i = 0; i < items; i++)
        put_slot_info(w, i * 7919 % 20000, i, i);
}

static void databases_of_a_cluster(struct rdb_writer *w, uint64_t items)
{
    for (uint64_t i = 0; i < items; i++) {
        put_select_db(w, i);
        put_slot_info(w, i % 16384, 1, 0);
        put_string_key(w, "k", "v");
    }
}

/* Names of many patterns that could be grouped, in all slots. */
static void keys_of_a_cluster(struct rdb_writer *w, uint64_t items)
{
    enum { PATTERNS = 5000 };
    char name[64];
    put_select_db(w, 0);
    put_slot_info(w, 5, 1, 0);
    for (uint64_t i = 0; i < items; i++) {
        unsigned pattern = (unsigned)(i % PATTERNS);
        snprintf(name, sizeof name, "%c%c%cqx:%08x-%u", 'a' + pattern % 26, 'a' + pattern / 26 % 26,
                 'a' + pattern / 676, (uint32_t)i * 2654435761U, (unsigned)i);
        put_string_key(w, name, "value");
    }
}

/* Each with as many keys as its number, so that no two cost the same; and of many patterns. */
static void slots_of_all_sizes(struct rdb_writer *w, uint64_t items)
{
    char name[64];
    put_select_db(w, 0);
    put_slot_info(w, 5, 1, 0);
    for (uint64_t i = 0, slot = 1; i < items; slot++)
        for (uint64_t k = 0; k < slot && i < items; k++, i++) {
            snprintf(name, sizeof name, "%c%c%cqx:{%u}:%u", 'a' + (int)(i % 26), 'a' + (int)(i / 26 % 26),
                     'a' + (int)(i / 676 % 26), (unsigned)slot, (unsigned)k);
            put_string_key(w, name, "value");
        }
}

/* Hashes of which a field expires: each database has an index of them. */
static void put_timed_hash(struct rdb_writer *w, uint64_t number, const char *name)
{
    enum { HASH_WITH_TTLS = 24 };
    put_key(w, HASH_WITH_TTLS, name);
    put_le(w, UINT64_C(1800000000000) + number * 2654435761U % 100000000, 8);
    put_len(w, 1);
    put_len(w, 1);
    put_text(w, "f");
    put_text(w, "v");
}

static void timed_hashes_of_many_databases(struct rdb_writer *w, uint64_t items)
{
    enum { HASHES = 20 };
    char name[32];
    for (uint64_t i = 0; i < items; i++) {
        if (i % HASHES == 0)
            put_select_db(w, i / HASHES);
        snprintf(name, sizeof name, "%u", (unsigned)i);
        put_timed_hash(w, i, name);
    }
}

/* The tables of the database are costed for each pattern, with its index. */
static void timed_hashes_and_patterns(struct rdb_writer *w, uint64_t items)
{
    char name[32];
    put_select_db(w, 0);
    for (uint64_t i = 0; i < items; i++) {
        bool is_hash = i % 2;
        unsigned pattern = (unsigned)(i / 2 % 8000);
        snprintf(name, sizeof name, "%c%c%cq%c:%u", 'a' + pattern % 26, 'a' + pattern / 26 % 26, 'a' + pattern / 676,
                 is_hash ? 'h' : 's', (unsigned)(i / 16000));
        if (is_hash)
            put_timed_hash(w, i, name);
        else
            put_string_key(w, name, "value");
    }
}

static void functions(struct rdb_writer *w, uint64_t items)
{
    for (uint64_t i = 0; i < items; i++)
        put_function(w, "#!lua name=x");
}

/* Names that share long beginnings, no two of one pattern. */
static void deep_names(struct rdb_writer *w, uint64_t items)
{
    char name[80];
    for (uint64_t i = 0; i < items; i++) {
        int len = snprintf(name, sizeof name, "a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:");
        for (uint64_t rest = i; rest || len < 44; rest /= 26)
            name[len++] = (char)('a' + rest % 26);
        name[len] = '\0';
        put_string_key(w, name, "v");
    }
}

static void empty_things(struct rdb_writer *w, uint64_t items)
{
    for (uint64_t i = 0; i < items; i++) {
        put_key(w, (unsigned)(1 + i % 4), "");
        put_len(w, 0);
    }
}

static void stream_of(struct rdb_writer *w, struct stream_sample sample)
{
    put_key(w, sample.type, "s");
    put_stream_sample(w, &sample);
}

static void groups(struct rdb_writer *w, uint64_t items)
{
    stream_of(w, (struct stream_sample){.type = 21, .nodes = 1, .entries_per_node = 1, .groups = items});
}

static void consumers(struct rdb_writer *w, uint64_t items)
{
    stream_of(w,
              (struct stream_sample){.type = 21, .nodes = 1, .entries_per_node = 1, .groups = 1, .consumers = items});
}

static void pending(struct rdb_writer *w, uint64_t items)
{
    stream_of(w, (struct stream_sample){
                     .type = 21, .nodes = 1, .entries_per_node = 1, .groups = 1, .consumers = 1, .pending = items});
}

/* A stream whose nodes lie one bit apart from another: paths of a radix tree that split at every byte. */
static void radix(struct rdb_writer *w, uint64_t items)
{
    struct stream_sample sample = {.type = 21, .nodes = items, .entries_per_node = 1};
    struct packed_builder node;
    put_key(w, 21, "s");
    put_len(w, items);
    packed_init(&node);
    stream_sample_node(&node, &sample);
    for (uint64_t i = 0; i < items; i++) {
        put_id_string(w, i * UINT64_C(0x9E3779B97F4A7C15), i * UINT64_C(0xD1B54A32D192ED03));
        put_packed(w, &node);
    }
    packed_release(&node);
    put_stream_sample_rest(w, &sample);
}

static void templates(struct rdb_writer *w, uint64_t items)
{
    enum { HASH_TEMPLATE = 0xF2 };
    for (uint64_t i = 0; i < items; i++) {
        put_u8(w, HASH_TEMPLATE);
        put_len(w, (items - i) << 40);
        put_len(w, 1);
        put_text(w, "f");
    }
}

static const struct trap {
    const char *name, *magic;
    make *make;
} traps[] = {
    {"databases", "REDIS0011", databases},
    {"databases again and again", "REDIS0011", databases_again_and_again},
    {"aux fields", "REDIS0011", aux_fields},
    {"slot infos", "REDIS0012", slot_infos},
    {"databases of a cluster", "REDIS0012", databases_of_a_cluster},
    {"keys of a cluster", "REDIS0012", keys_of_a_cluster},
    {"slots of all sizes", "REDIS0012", slots_of_all_sizes},
    {"timed hashes of many databases", "REDIS0012", timed_hashes_of_many_databases},
    {"timed hashes and patterns", "REDIS0012", timed_hashes_and_patterns},
    {"functions", "REDIS0011", functions},
    {"deep names", "REDIS0011", deep_names},
    {"empty things", "REDIS0011", empty_things},
    {"groups", "REDIS0011", groups},
    {"consumers", "REDIS0011", consumers},
    {"pending", "REDIS0011", pending},
    {"radix", "REDIS0011", radix},
    {"templates", "REDIS0015", templates},
};
enum { TRAPS = sizeof traps / sizeof *traps };

static const struct in_process_run runs[] = {
    {"report", {"IN", "EVERY"}},
    {"report", {"IN", "--target", "redis-6.2"}},
    {"report", {"IN", "--target", "valkey-9.0"}},
    {"report", {"IN", "--target", "redis-8.8", "--sections", "groups,ttl,slots", "--top", "100000", "-fjson"}},
    {"keys", {"IN"}},
    {"verify", {"IN", "--deep"}},
    {"upgrade", {"IN"}},
};
enum { RUNS = sizeof runs / sizeof *runs };

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds_of(const struct trap *trap, const struct in_process_run *run, uint64_t items)
{
    struct rdb_writer w;
    struct in_process_output output;
    rdb_writer_init(&w);
    put_magic(&w, trap->magic);
    trap->make(&w, items);
    put_eof(&w);
    double start = processor_seconds();
    enum exit_status status = in_process(run, w.data, w.len, &output);
    double took = processor_seconds() - start;
    ck_assert_msg(status == EXIT_STATUS_DONE || status == EXIT_STATUS_DAMAGED, "%s: status %d", trap->name,
                  (int)status);
    free(output.text);
    rdb_writer_release(&w);
    return took;
}

START_TEST(time_is_linear)
{
    const struct trap *trap = &traps[_i];
    for (size_t r = 0; r < RUNS; r++) {
        double few = seconds_of(trap, &runs[r], ITEMS), many = seconds_of(trap, &runs[r], MORE * ITEMS);
        ck_assert_msg(many <= GROWTH_MAX * few + noise_seconds, "%s, %s: %.3f s for %d, %.3f s for %d", trap->name,
                      runs[r].command, few, ITEMS, many, MORE * ITEMS);
        ck_assert_msg(many <= longest_seconds, "%s, %s: %.3f s", trap->name, runs[r].command, many);
    }
}
END_TEST

int main(void)
{
    return run_loop("traps", time_is_linear, TRAPS);
}
