/* Writes a snapshot of any size, the same for the same seed, without a server.
 *
 * The keys of a mix come in a fixed order that repeats every SCHEDULE keys, so that the counts of RESIZEDB are known
 * before the first key is written. */
#include "rdbgen.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct request {
    const struct mix *mix;
    uint64_t keys, seed, key_bytes;
    const char *path;
};

static bool write_all(void *context, const uint8_t *data, size_t len)
{
    int fd = *(int *)context;
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            perror("rdbgen");
            return false;
        }
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static void make_schedule(const struct mix *mix, const struct kind *schedule[SCHEDULE])
{
    unsigned at = SCHEDULE;
    for (unsigned i = 1; i < PARTS_MAX && mix->parts[i].kind; i++)
        for (unsigned n = mix->parts[i].weight; n > 0 && at > 0; n--)
            schedule[--at] = mix->parts[i].kind;
    while (at > 0)
        schedule[--at] = mix->parts[0].kind;
}

static const struct kind *kind_of(const struct kind *const schedule[SCHEDULE], uint64_t index)
{
    return schedule[(index * 2654435761U) % SCHEDULE]; /* odd: a permutation of every aligned block */
}

static uint64_t count_expires(const struct kind *const schedule[SCHEDULE], uint64_t keys)
{
    uint64_t block = 0, rest = 0;
    for (uint64_t i = 0; i < SCHEDULE; i++) {
        bool expires = kind_of(schedule, i)->expires;
        block += expires;
        rest += expires && i < keys % SCHEDULE;
    }
    return keys / SCHEDULE * block + rest;
}

static void put_facts(struct rdb_writer *out)
{
    put_magic(out, "REDIS0010");
    put_aux(out, "redis-ver", "7.0.15");
    put_aux(out, "redis-bits", "64");
    put_aux(out, "ctime", "1700000000");
    put_aux(out, "aof-base", "0");
}

static void put_keys(struct generator *generator, const struct request *request)
{
    const struct kind *schedule[SCHEDULE];
    struct rdb_writer *out = &generator->out;
    make_schedule(request->mix, schedule);
    put_select_db(out, 0);
    put_resize_db(out, request->keys, count_expires(schedule, request->keys));
    for (uint64_t i = 0; i < request->keys && !out->failed; i++) {
        const struct kind *kind = kind_of(schedule, i);
        uint64_t random = generator_random(generator->seed, i);
        if (kind->expires)
            put_expire_ms(out, 1900000000000 + (int64_t)(random >> 32));
        put_u8(out, kind->opcode_type);
        kind->put(generator, i, random);
    }
}

static bool generate(const struct request *request, int fd)
{
    struct generator *generator = malloc(sizeof *generator);
    if (!generator)
        return false;
    generator_init(generator, request->seed, write_all, &fd);
    put_facts(&generator->out);
    if (request->key_bytes) {
        put_select_db(&generator->out, 0);
        put_resize_db(&generator->out, 1, 0);
        put_key(&generator->out, request->mix->huge_type, "huge");
        request->mix->put_huge(generator, request->key_bytes);
    } else {
        put_keys(generator, request);
    }
    put_eof(&generator->out);
    bool fine = rdb_writer_flush(&generator->out);
    generator_release(generator);
    free(generator);
    return fine;
}

static void usage(FILE *to)
{
    fputs("usage: rdbgen --mix MIX (--keys N | --key-bytes BYTES) [--seed S] [-o FILE]\n"
          "Writes a snapshot of N keys, or of one key of about BYTES bytes, to FILE or standard output.\n"
          "Mixes:\n",
          to);
    for (const struct mix *mix = mixes; mix->name; mix++)
        fprintf(to, "  %-12s %s\n", mix->name, mix->about);
}

static bool read_number(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *text != '-';
}

/* Returns -1 to go on, else an exit status. */
static int read_request(int argc, char **argv, struct request *request)
{
    static const struct option options[] = {
        {"mix", required_argument, NULL, 'm'},  {"keys", required_argument, NULL, 'k'},
        {"seed", required_argument, NULL, 's'}, {"key-bytes", required_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},       {0}};
    bool fine = true;
    for (int c; fine && (c = getopt_long(argc, argv, "o:h", options, NULL)) != -1;) {
        switch (c) {
        case 'm':
            fine = (request->mix = mix_find(optarg)) != NULL;
            break;
        case 'k':
            fine = read_number(optarg, &request->keys);
            break;
        case 's':
            fine = read_number(optarg, &request->seed);
            break;
        case 'b':
            fine = read_number(optarg, &request->key_bytes);
            break;
        case 'o':
            request->path = optarg;
            break;
        case 'h':
            usage(stdout);
            return EXIT_SUCCESS;
        default:
            fine = false;
        }
    }
    if (fine && optind == argc && request->mix && (request->keys > 0) != (request->key_bytes > 0))
        return -1;
    usage(stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct request request = {.seed = 1, .path = "-"};
    int status = read_request(argc, argv, &request);
    if (status >= 0)
        return status;
    int fd = STDOUT_FILENO;
    if (strcmp(request.path, "-") != 0)
        fd = open(request.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        perror(request.path);
        return EXIT_FAILURE;
    }
    bool fine = generate(&request, fd);
    if (close(fd) != 0) {
        perror(request.path);
        fine = false;
    }
    return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
