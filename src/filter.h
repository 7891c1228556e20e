/* Which keys a command is asked to look at. Options of one kind widen (any pattern may match), different kinds narrow
 * (all must hold). */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/object.h"
#include "options.h"

enum filter_expiry { FILTER_EXPIRY_ANY, FILTER_EXPIRY_HAS, FILTER_EXPIRY_NONE, FILTER_EXPIRY_EXPIRED };

/* As given on the command line. */
struct filter_options {
    struct text_list match; /* Redis globs: * ? [a-z] [^a] \x */
    struct text_list regex; /* PCRE2, found anywhere in the name; bytes, not characters */
    struct text_list type;  /* names, or lists of them separated by commas */
    struct text_list db;    /* numbers, likewise */
    uint64_t min_size;      /* bytes; 0: no limit. Not decided here: a size is known only after costing */
    unsigned expiry;        /* enum filter_expiry */
    const uint8_t *name;    /* exactly this one (name_len bytes); NULL: any */
    size_t name_len;
};

/* What is known of a key before its value is read. */
struct filter_key {
    const uint8_t *name;
    size_t name_len;
    uint64_t db;
    enum object_type type;
    bool has_expiry, is_expired;
};

struct filter;

/* NULL and one line in `message` when an option makes no sense. */
struct filter *filter_new(const struct filter_options *options, char *message, size_t message_size);
void filter_free(struct filter *filter);
/* False when nothing was asked for: every key passes. */
bool filter_is_active(const struct filter *filter);
bool filter_accepts(struct filter *filter, const struct filter_key *key);
/* Names on which a --regex gave up (its match limit); they were not accepted. */
uint64_t filter_gave_up(const struct filter *filter);
/* Counts those of another one too. */
void filter_add_gave_up(struct filter *filter, const struct filter *other);

enum { GLOB_MAX_PATTERN = 4096 };

/* Translates a Redis glob (redis 7.2 src/util.c, stringmatchlen) into a PCRE2 pattern for whole names, matched as bytes
 * with PCRE2_DOTALL, in time linear in the name's length for each "*". Returns its length, or 0 when `size` is too
 * small. */
size_t glob_to_regex(const char *glob, char *regex, size_t size);

/* How the names that a pattern of names stands for (collect/key_pattern.h: "user:*:profile", where each * is anything)
 * meet a glob. `len` is at most GLOB_MAX_NAMES. */
enum glob_meets { GLOB_MEETS_NONE, GLOB_MEETS_SOME, GLOB_MEETS_ALL };
enum { GLOB_MAX_NAMES = 64 };
enum glob_meets glob_meets(const char *glob, const uint8_t *names, size_t len);

#endif
