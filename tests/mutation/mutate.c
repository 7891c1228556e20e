/* Damages snapshots at random and runs the program on them: it must end with a documented status, within seconds and
 * within bounded memory, and print nothing that a terminal obeys.
 *
 *   mutate [--seed N] [--rounds N] [--first N] SNAPSHOT...
 *
 * Round i of a seed is the same whatever ran before it: --seed N --first I --rounds 1 repeats it, and leaves its bytes
 * in mutation.rdb. Without --seed the environment's RDBMETER_SEED, else the clock; it is printed. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "in_process.h"
#include "wrap.h"

/* The sanitizers keep freed memory for a while, and shadows of all. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum {
    BATCH = 50,            /* rounds that share a process */
    ROUND_SECONDS_MAX = 2, /* of processor time: the machine may be busy */
    RSS_KB_MAX = (SANITIZED ? 1024 : 192) * 1024,
    MUTATIONS_MAX = 6
};

struct snapshots {
    struct rdb_writer *bytes;
    size_t count;
};

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t limit)
{
    return limit ? (size_t)(next(state) % limit) : 0;
}

/* ---- ways to damage -------------------------------------------------------------------------------------------------
 */

typedef void mutation(struct rdb_writer *bytes, const struct rdb_writer *other, uint64_t *random);

static void flip_bits(struct rdb_writer *bytes, const struct rdb_writer *other, uint64_t *random)
{
    (void)other;
    for (size_t left = 1 + below(random, 8); left && bytes->len; left--)
        damage_flip(bytes, below(random, bytes->len), (uint8_t)(1U << below(random, 8)));
}

/* A piece of another snapshot over a piece of this one, often of another length. */
static void splice(struct rdb_writer *bytes, const struct rdb_writer *other, uint64_t *random)
{
    size_t from = below(random, other->len), at = below(random, bytes->len);
    size_t len = below(random, 300), removed = next(random) % 2 ? len : below(random, 300);
    len = len < other->len - from ? len : other->len - from;
    removed = removed < bytes->len - at ? removed : bytes->len - at;
    damage_splice(bytes, at, removed, other->data + from, len);
}

static void truncate_bytes(struct rdb_writer *bytes, const struct rdb_writer *other, uint64_t *random)
{
    (void)other;
    damage_truncate(bytes, below(random, bytes->len + 1));
}

/* Lengths as the format writes them, claiming too much, too little, or in a form that is not the shortest. */
static void edit_length(struct rdb_writer *bytes, const struct rdb_writer *other, uint64_t *random)
{
    static const uint64_t lens[] = {0,
                                    1,
                                    63,
                                    64,
                                    16383,
                                    65535,
                                    1 << 20,
                                    INT32_MAX,
                                    UINT32_MAX,
                                    UINT64_C(1) << 32,
                                    UINT64_C(1) << 48,
                                    INT64_MAX,
                                    UINT64_MAX};
    struct rdb_writer len;
    (void)other;
    rdb_writer_init(&len);
    uint64_t value = lens[below(random, sizeof lens / sizeof *lens)];
    if (next(random) % 4 == 0)
        put_u8(&len, 0xC3); /* a compressed string of that many bytes */
    put_len_form(&len, value + below(random, 3), (enum len_form)below(random, 4));
    size_t at = below(random, bytes->len), removed = next(random) % 2 ? len.len : 1;
    removed = removed < bytes->len - at ? removed : bytes->len - at;
    damage_splice(bytes, at, removed, len.data, len.len);
    rdb_writer_release(&len);
}

/* A byte that means something to the format: a type, an opcode, a marker of a packed form. */
static void set_byte(struct rdb_writer *bytes, const struct rdb_writer *other, uint64_t *random)
{
    (void)other;
    uint8_t value = (uint8_t)(next(random) % 2 ? below(random, 40) : 0xE0 + below(random, 32));
    if (bytes->len)
        damage_set(bytes, below(random, bytes->len), &value, 1);
}

static void repeat_piece(struct rdb_writer *bytes, const struct rdb_writer *other, uint64_t *random)
{
    uint8_t piece[256];
    (void)other;
    size_t at = below(random, bytes->len), len = below(random, sizeof piece);
    len = len < bytes->len - at ? len : bytes->len - at;
    if (len)
        memcpy(piece, bytes->data + at, len);
    for (size_t times = 1 + below(random, 20); times; times--)
        damage_splice(bytes, at, 0, piece, len);
}

static mutation *const mutations[] = {flip_bits,   flip_bits,   splice,   splice,      truncate_bytes,
                                      edit_length, edit_length, set_byte, repeat_piece};

static wrap_function *const wrappings[] = {wrap_gzip,     wrap_gzip_members,       wrap_zstd,   wrap_lz4,
                                           wrap_vcs_zstd, wrap_replication_length, wrap_vcs_lz4};

static void copy_of(struct rdb_writer *bytes, const struct rdb_writer *from)
{
    rdb_writer_init(bytes);
    put_bytes(bytes, from->data, from->len);
}

/* Every tenth snapshot is damaged inside its wrapping and every tenth around it. */
static void make_input(struct rdb_writer *bytes, const struct snapshots *snapshots, uint64_t *random)
{
    const struct rdb_writer *first = &snapshots->bytes[below(random, snapshots->count)];
    const struct rdb_writer *other = &snapshots->bytes[below(random, snapshots->count)];
    unsigned wrapped = (unsigned)below(random, 20);
    struct rdb_writer plain;
    copy_of(&plain, first);
    rdb_writer_init(bytes);
    if (wrapped < 2)
        wrappings[below(random, sizeof wrappings / sizeof *wrappings)](bytes, plain.data, plain.len);
    else
        put_bytes(bytes, plain.data, plain.len);
    for (size_t left = 1 + below(random, MUTATIONS_MAX); left; left--)
        mutations[below(random, sizeof mutations / sizeof *mutations)](bytes, other, random);
    if (wrapped >= 2 && next(random) % 4 && bytes->len >= 8)
        damage_fix_checksum(bytes);
    if (wrapped >= 2 && wrapped < 4) {
        rdb_writer_release(&plain);
        plain = *bytes;
        rdb_writer_init(bytes);
        wrappings[below(random, sizeof wrappings / sizeof *wrappings)](bytes, plain.data, plain.len);
    }
    rdb_writer_release(&plain);
}

/* ---- a round --------------------------------------------------------------------------------------------------------
 */

static const struct in_process_run runs[] = {
    {"report", {"IN", "EVERY"}},
    {"report", {"IN", "-fjson", "--top=100"}},
    {"keys", {"IN"}},
    {"verify", {"IN", "--deep"}},
    {"upgrade", {"IN", "-fmarkdown"}},
    {"doctor", {"IN"}},
    {"report", {"IN", "-o*.html", "-o*.csv", "--section=types"}},
};
enum { RUN_COUNT = sizeof runs / sizeof *runs, NO_CSV = RUN_COUNT - 1 };

static double seconds_used(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool fail(uint64_t round, const struct in_process_run *run, const char *what)
{
    fprintf(stderr, "round %" PRIu64 ", %s: %s\n", round, run->command, what);
    return false;
}

static void keep(const struct rdb_writer *bytes)
{
    FILE *file = fopen("mutation.rdb", "wb");
    if (file == NULL || fwrite(bytes->data, 1, bytes->len, file) != bytes->len)
        perror("mutation.rdb");
    if (file != NULL)
        fclose(file);
}

static bool round_is_fine(const struct snapshots *snapshots, uint64_t seed, uint64_t round, bool alone)
{
    uint64_t random = seed ^ round * UINT64_C(0xD1B54A32D192ED03);
    struct rdb_writer bytes;
    struct in_process_output output;
    make_input(&bytes, snapshots, &random);
    if (alone)
        keep(&bytes);
    size_t which = below(&random, RUN_COUNT);
    const struct in_process_run *run = &runs[which];
    double start = seconds_used();
    enum exit_status status = in_process(run, bytes.data, bytes.len, &output);
    double took = seconds_used() - start;
    const char *unprintable = in_process_unprintable(&output);
    free(output.text);
    rdb_writer_release(&bytes);
    if (unprintable != NULL)
        return fail(round, run, unprintable);
    if (took > ROUND_SECONDS_MAX)
        return fail(round, run, "it took too long");
    bool missed = status == EXIT_STATUS_USAGE && which == NO_CSV;
    if (status != EXIT_STATUS_DONE && status != EXIT_STATUS_DAMAGED && status != EXIT_STATUS_UNUSABLE && !missed &&
        !(status == EXIT_STATUS_BREACH && strcmp(run->command, "doctor") == 0))
        return fail(round, run, "a status that it cannot have");
    return true;
}

/* In a process of its own; what it printed is on standard error. */
static bool rounds_are_fine(const struct snapshots *snapshots, uint64_t seed, uint64_t first, uint64_t rounds)
{
    pid_t child = fork();
    if (child == 0) {
        bool fine = true;
        for (uint64_t i = first; i < first + rounds && fine; i++)
            fine = round_is_fine(snapshots, seed, i, rounds == 1);
        exit(fine ? 0 : 99);
    }
    struct rusage usage;
    int status;
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("mutate");
        exit(EXIT_FAILURE);
    }
    if (usage.ru_maxrss > RSS_KB_MAX)
        fprintf(stderr, "%ld kB of memory\n", usage.ru_maxrss);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 && usage.ru_maxrss <= RSS_KB_MAX;
}

static bool batch_is_fine(const struct snapshots *snapshots, uint64_t seed, uint64_t first, uint64_t rounds)
{
    if (rounds_are_fine(snapshots, seed, first, rounds))
        return true;
    for (uint64_t i = first; i < first + rounds; i++) {
        if (!rounds_are_fine(snapshots, seed, i, 1)) {
            fprintf(stderr, "it can be repeated: --seed %" PRIu64 " --first %" PRIu64 " --rounds 1\n", seed, i);
            return false;
        }
    }
    fprintf(stderr, "rounds %" PRIu64 " to %" PRIu64 " of seed %" PRIu64 " fail together, not one by one\n", first,
            first + rounds - 1, seed);
    return false;
}

/* ---- the command line -----------------------------------------------------------------------------------------------
 */

static void load(struct rdb_writer *bytes, const char *path)
{
    uint8_t buffer[65536];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    rdb_writer_init(bytes);
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;)
        put_bytes(bytes, buffer, n);
    fclose(file);
}

static uint64_t default_seed(void)
{
    const char *text = getenv("RDBMETER_SEED");
    return text != NULL ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
}

int main(int argc, char **argv)
{
    uint64_t seed = default_seed(), rounds = 1000, first = 0;
    struct {
        const char *name;
        uint64_t *value;
    } numbers[] = {{"--seed", &seed}, {"--rounds", &rounds}, {"--first", &first}};
    struct snapshots snapshots = {.bytes = calloc((size_t)argc, sizeof *snapshots.bytes)};
    for (int i = 1; i < argc; i++) {
        bool taken = false;
        for (size_t n = 0; n < sizeof numbers / sizeof *numbers && !taken && i + 1 < argc; n++)
            if ((taken = strcmp(argv[i], numbers[n].name) == 0))
                *numbers[n].value = strtoull(argv[++i], NULL, 10);
        if (!taken)
            load(&snapshots.bytes[snapshots.count++], argv[i]);
    }
    printf("seed %" PRIu64 ": rounds %" PRIu64 " to %" PRIu64 " over %zu snapshots\n", seed, first, first + rounds - 1,
           snapshots.count);
    fflush(stdout);
    bool fine = snapshots.count > 0;
    for (uint64_t at = first; at < first + rounds && fine; at += BATCH)
        fine = batch_is_fine(&snapshots, seed, at, first + rounds - at < BATCH ? first + rounds - at : BATCH);
    for (size_t i = 0; i < snapshots.count; i++)
        rdb_writer_release(&snapshots.bytes[i]);
    free(snapshots.bytes);
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
