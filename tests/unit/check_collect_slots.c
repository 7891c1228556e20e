#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "collect/slot_moves.h"
#include "collect_random.h"
#include "run_suite.h"

static struct slot_nodes nodes;
static struct slot_sum sum[SLOTS];
static uint16_t order[SLOT_NODES_MAX];

static void read_nodes(const char *text)
{
    char message[SLOT_NODES_MESSAGE] = "";
    ck_assert_msg(slot_nodes_read(&nodes, text, message), "%s: %s", text, message);
    for (size_t i = 0; i < nodes.count; i++)
        order[i] = (uint16_t)i;
}

/* Nothing moves twice, everything from its owner; what is in `after` is what the moves make of it. Returns the bytes of
 * the heaviest node. */
static uint64_t check_moves(const struct slot_move *move, size_t count, const uint64_t *after, uint64_t *moved_bytes)
{
    uint64_t bytes[SLOT_NODES_MAX] = {0}, most = 0;
    uint16_t owner[SLOTS];
    memcpy(owner, nodes.owner, sizeof owner);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(nodes.owner[move[i].slot], move[i].from);
        ck_assert_uint_eq(owner[move[i].slot], move[i].from);
        ck_assert_uint_ne(move[i].to, move[i].from);
        ck_assert_uint_lt(move[i].to, nodes.count);
        owner[move[i].slot] = move[i].to;
        *moved_bytes += sum[move[i].slot].bytes;
    }
    for (int slot = 0; slot < SLOTS; slot++)
        bytes[owner[slot]] += sum[slot].bytes;
    for (size_t i = 0; i < nodes.count; i++) {
        ck_assert_uint_eq(after[i], bytes[i]);
        most = bytes[i] > most ? bytes[i] : most;
    }
    return most;
}

static void fill_random(uint64_t seed, unsigned heavy_one_in)
{
    memset(sum, 0, sizeof sum);
    for (int slot = 0; slot < SLOTS; slot++) {
        sum[slot].keys = next_random(&seed) % 3;
        sum[slot].bytes = sum[slot].keys * (next_random(&seed) % 5000);
        if (heavy_one_in && next_random(&seed) % heavy_one_in == 0)
            sum[slot].bytes += next_random(&seed) % 5000000;
    }
}

START_TEST(moves_level_random_nodes)
{
    static const char *const texts[] = {"1", "2", "3", "7", "100", "1024", "0-9000,9001-9100,9101-16383"};
    struct slot_move *move = malloc(SLOTS * sizeof *move);
    uint64_t after[SLOT_NODES_MAX], seed = (uint64_t)_i;
    read_nodes(texts[_i % 7]);
    fill_random(seed, _i % 2 ? 2000 : 0);
    uint64_t before[SLOT_NODES_MAX] = {0}, all = 0, above = 0, most = 0, moved = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
        before[nodes.owner[slot]] += sum[slot].bytes;
        all += sum[slot].bytes;
    }
    uint64_t mean = all / nodes.count;
    for (size_t i = 0; i < nodes.count; i++) {
        most = before[i] > most ? before[i] : most;
        above += before[i] > mean ? before[i] - mean : 0;
    }
    size_t count = slot_moves_level(sum, &nodes, order, after, move);
    ck_assert_uint_le(check_moves(move, count, after, &moved), most);
    /* Without slots that are heavy beside the mean, all nodes become level, and hardly more moves than lies above. */
    if (_i % 2 == 0 && nodes.count <= 100)
        for (size_t i = 0; i < nodes.count; i++)
            ck_assert(after[i] <= mean + mean / 50 && after[i] + mean / 50 >= mean);
    ck_assert_uint_le(moved, above + all / 50);
    free(move);
    slot_nodes_release(&nodes);
}
END_TEST

START_TEST(a_slot_too_heavy_stays)
{
    struct slot_move move[SLOTS];
    uint64_t after[SLOT_NODES_MAX], moved = 0;
    read_nodes("2");
    memset(sum, 0, sizeof sum);
    sum[5] = (struct slot_sum){1, 1000000, 1};
    for (int slot = 100; slot < 200; slot++)
        sum[slot] = (struct slot_sum){1, 10, 1};
    size_t count = slot_moves_level(sum, &nodes, order, after, move);
    ck_assert_uint_eq(check_moves(move, count, after, &moved), 1000000);
    ck_assert_uint_eq(count, 100);
    ck_assert_uint_eq(after[1], 1000);
    slot_nodes_release(&nodes);
}
END_TEST

static unsigned end_of(unsigned node)
{
    unsigned end = 0;
    for (unsigned slot = 0; slot < SLOTS; slot++)
        end = nodes.owner[slot] == node ? slot : end;
    return end;
}

START_TEST(text_gives_nodes)
{
    read_nodes("3"); /* as redis-cli --cluster create 7.2 deals them out */
    ck_assert_uint_eq(nodes.count, 3);
    ck_assert_str_eq(nodes.name[1], "5461-10922");
    ck_assert_uint_eq(end_of(0), 5460);
    ck_assert_uint_eq(end_of(1), 10922);
    ck_assert_uint_eq(end_of(2), 16383);
    slot_nodes_release(&nodes);
    read_nodes("0-7+9+100-16383,8+10-99");
    ck_assert_uint_eq(nodes.count, 2);
    ck_assert_uint_eq(nodes.owner[8], 1);
    ck_assert_uint_eq(nodes.owner[9], 0);
    ck_assert_uint_eq(nodes.owner[99], 1);
    slot_nodes_release(&nodes);
}
END_TEST

START_TEST(text_that_gives_none)
{
    static const char *const texts[] = {"",         "0",         "1025",        "-3",
                                        "0-16384",  "0-16382",   "a",           "5-4",
                                        "0-16383,", ",0-16383",  "0-99+",       "0-8192,8192-16383",
                                        "0-16383 ", "0-16383,,", "0-1;2-16383", "9999999999999999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char message[SLOT_NODES_MESSAGE] = "";
        ck_assert_msg(!slot_nodes_read(&nodes, texts[i], message), "%s", texts[i]);
        ck_assert_str_ne(message, "");
        slot_nodes_release(&nodes);
    }
}
END_TEST

START_TEST(archives_hold_nodes)
{
    struct archive writer, reader;
    struct slot_nodes other;
    bool in_use[SLOTS];
    read_nodes("0-99+200-299,100-199,300-16383");
    for (size_t i = 0; i < SLOTS; i++)
        in_use[i] = i % 3 != 0;
    archive_init_writer(&writer);
    slot_nodes_archive(&nodes, in_use, &writer);
    ck_assert_uint_lt(writer.len, 100);
    archive_init_reader(&reader, writer.bytes, writer.len);
    slot_nodes_init(&other);
    slot_nodes_archive(&other, in_use, &reader);
    ck_assert(archive_is_read(&reader));
    ck_assert_uint_eq(other.count, 3);
    ck_assert_str_eq(other.name[1], "100-199");
    for (size_t i = 0; i < SLOTS; i++)
        ck_assert_uint_eq(other.owner[i], in_use[i] ? nodes.owner[i] : SLOT_NO_NODE);
    archive_release(&writer);
    slot_nodes_release(&other);
    slot_nodes_release(&nodes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slots");
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, moves_level_random_nodes, 0, 28);
    tcase_add_test(tcase, a_slot_too_heavy_stays);
    tcase_add_test(tcase, text_gives_nodes);
    tcase_add_test(tcase, text_that_gives_none);
    tcase_add_test(tcase, archives_hold_nodes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
