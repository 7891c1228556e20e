/* What a policy can demand of a snapshot: one row a rule. The members of a policy file, the options of check, the
 * starter policy and docs/policy.md follow from the rows. */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "document.h"
#include "file_facts.h"
#include "record.h"

/* id, member of a policy, option of check, unit of the limit, what it is held against, function that measures
 * (check_rules.c), what the limit is about.
 * ANY_KEY: each key for itself. SUM: all keys of a scope together; LEAST: likewise, but not below the limit. GROWTH:
 * against a baseline. FILE: the snapshot as a file, not for a pattern. */
#define CHECK_RULES(X)                                                                                                 \
    X(KEY_BYTES, "max_key_bytes", "max-key-bytes", BYTES, ANY_KEY, key_bytes, "size_in_bytes of a key")                \
    X(PACKED_BYTES, "max_packed_bytes", "max-packed-bytes", BYTES, ANY_KEY, packed_bytes,                              \
      "the block of a packed value, which every command on it scans")                                                  \
    X(ELEMENTS, "max_elements", "max-elements", COUNT, ANY_KEY, elements, "elements of a list, set, hash, ...")        \
    X(ELEMENT_BYTES, "max_element_bytes", "max-element-bytes", BYTES, ANY_KEY, element_bytes,                          \
      "an element, field or value; a string's length")                                                                 \
    X(NAME_BYTES, "max_name_bytes", "max-name-bytes", BYTES, ANY_KEY, name_bytes, "the name of a key")                 \
    X(FORBIDDEN, "forbid_encodings", "forbid-encodings", ENCODINGS, ANY_KEY, key_bytes,                                \
      "encodings that no key may have")                                                                                \
    X(REQUIRED, "require_encodings", "require-encodings", ENCODINGS, SUM, missing_encodings,                           \
      "encodings that must occur")                                                                                     \
    X(TOTAL_BYTES, "max_total_bytes", "max-total", BYTES, SUM, total_bytes,                                            \
      "all keys, and of the whole snapshot its tables")                                                                \
    X(MAX_KEYS, "max_keys", "max-keys", COUNT, SUM, keys, "keys")                                                      \
    X(MIN_KEYS, "min_keys", "min-keys", COUNT, LEAST, keys, "keys that there must be at least")                        \
    X(NO_TTL_SHARE, "max_no_ttl_share", "max-no-ttl-share", SHARE, SUM, no_ttl_share,                                  \
      "bytes that never expire, of all")                                                                               \
    X(NO_TTL_BYTES, "max_no_ttl_bytes", "max-no-ttl-bytes", BYTES, SUM, no_ttl_bytes, "bytes that never expire")       \
    X(EXPIRED_BYTES, "max_expired_bytes", "max-expired-bytes", BYTES, SUM, expired_bytes,                              \
      "bytes of keys that have expired")                                                                               \
    X(OVERHEAD_SHARE, "max_overhead_share", "max-overhead-share", SHARE, SUM, overhead_share,                          \
      "bytes that are neither names nor payload, of all")                                                              \
    X(VIOLATIONS, "max_violations", "max-violations", COUNT, SUM, violations,                                          \
      "hashes, sets and sorted sets that limits keep from being packed")                                               \
    X(VIOLATION_BYTES, "max_violation_bytes", "max-violation-bytes", BYTES, SUM, violation_bytes,                      \
      "what those would save if packed")                                                                               \
    X(GROWTH_BYTES, "max_growth_bytes", "max-growth-bytes", BYTES, GROWTH, growth_bytes,                               \
      "bytes more than in the baseline")                                                                               \
    X(GROWTH_SHARE, "max_growth_share", "max-growth-share", SHARE, GROWTH, growth_share,                               \
      "bytes more, of the baseline's")                                                                                 \
    X(KEY_GROWTH_SHARE, "max_key_growth_share", "max-key-growth-share", SHARE, GROWTH, key_growth_share,               \
      "keys more, of the baseline's")                                                                                  \
    X(AGE, "max_age", "max-age", DURATION, FILE, age, "time since the snapshot was taken")                             \
    X(CHECKSUM, "require_checksum", "require-checksum", FLAG, FILE, has_checksum, "a checksum, and the right one")     \
    X(COUNTS, "require_counts", "require-counts", FLAG, FILE, counts_agree,                                            \
      "as many keys and expiries as the file announces, and nothing else inconsistent")

#define X(id, ...) RULE_##id,
enum check_rule { CHECK_RULES(X) RULE_COUNT };
#undef X

enum rule_unit {
    RULE_UNIT_BYTES,    /* 1500, "10mb" */
    RULE_UNIT_COUNT,    /* 1500 */
    RULE_UNIT_SHARE,    /* 0.2, "20%" */
    RULE_UNIT_DURATION, /* seconds, "90m", "26h", "7d" */
    RULE_UNIT_FLAG,     /* true */
    RULE_UNIT_ENCODINGS /* "hashtable", "hash/hashtable"; a list of them */
};
enum rule_stage { RULE_ANY_KEY, RULE_SUM, RULE_LEAST, RULE_GROWTH, RULE_FILE };

enum { RULE_MAX_ENCODINGS = 32 };

struct encoding_wish {
    enum object_type type; /* OBJECT_TYPE_COUNT: any */
    enum object_encoding encoding;
};

/* What a policy demands by one rule. */
struct rule_limit {
    bool given;
    unsigned line;   /* in the policy; 0: from an option */
    uint64_t number; /* bytes, count, milliseconds */
    double share;
    struct encoding_wish wish[RULE_MAX_ENCODINGS];
    unsigned wishes;
};

/* Sums over the keys of a scope. Module keys are counted, but only a module knows their bytes. */
struct check_sums {
    uint64_t keys, bytes; /* bytes: of the whole snapshot with the tables of its databases */
    uint64_t key_bytes;   /* without them */
    uint64_t no_ttl_bytes, expired_bytes;
    uint64_t own_bytes; /* names and payload */
    uint64_t violations, violation_bytes;
    uint64_t encodings[OBJECT_TYPE_COUNT][ENCODING_COUNT]; /* keys */
};

/* Figures of a scope from an earlier run: at least so much, and at most so much more. */
struct check_before {
    bool known;
    uint64_t keys, bytes;
    uint64_t more_keys, more_bytes;
};

/* What a rule at the end is decided by. */
struct rule_input {
    const struct check_sums *sums;
    const struct check_before *before;
    const struct file_facts *file;
    const struct rule_limit *limit;
};

struct rule_row {
    const char *field, *option, *words;
    enum rule_unit unit;
    enum rule_stage stage;
    uint64_t (*measure)(const struct record *record); /* ANY_KEY */
    /* The others: what was found. `*why` is set when nothing can be said: the rule is skipped. */
    struct doc_value (*find)(const struct rule_input *input, const char **why);
};

const struct rule_row *rule_row(enum check_rule rule);
/* How a unit is written, for people: "bytes: 1500, 10mb". */
const char *rule_unit_words(enum rule_unit unit);

/* Reads a limit as written in an option or in a text of a policy. False and one line in `message` when it is none. */
bool rule_limit_read(enum check_rule rule, const char *text, struct rule_limit *limit, char *message, size_t size);
/* The limit as people read it. */
const char *rule_limit_print(enum check_rule rule, const struct rule_limit *limit, char *text, size_t size);
/* The limit as a value of its unit: a number, or none for a list of encodings. */
struct doc_value rule_limit_value(enum check_rule rule, const struct rule_limit *limit);

/* Whether a found value keeps to the limit. */
bool rule_is_kept(enum check_rule rule, const struct rule_limit *limit, const struct doc_value *found);

static inline bool wish_is_for(const struct encoding_wish *wish, enum object_type type, enum object_encoding encoding)
{
    return wish->encoding == encoding && (wish->type == type || wish->type == OBJECT_TYPE_COUNT);
}

#endif
