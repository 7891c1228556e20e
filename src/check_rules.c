#include "check_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/packed_types.h"
#include "nearest.h"
#include "options.h"
#include "values.h"

/* ---- of a key ------------------------------------------------------------------------------------------------------
 */

static uint64_t key_bytes(const struct record *record)
{
    return record->cost.size_in_bytes;
}

/* A packed value is one block, so what its elements take is the block. */
static uint64_t packed_bytes(const struct record *record)
{
    if (!encoding_is_packed(record->cost.encoding))
        return 0;
    return record->cost.part[COST_PAYLOAD] + record->cost.part[COST_ELEMENT];
}

static uint64_t elements(const struct record *record)
{
    return record->type == OBJECT_STRING ? 0 : record->elements;
}

static uint64_t element_bytes(const struct record *record)
{
    return record->longest;
}

static uint64_t name_bytes(const struct record *record)
{
    return record->key_len;
}

/* ---- of all keys ---------------------------------------------------------------------------------------------------
 */

static struct doc_value total_bytes(const struct rule_input *input, const char **why)
{
    (void)why;
    return doc_bytes(input->sums->bytes);
}

static struct doc_value keys(const struct rule_input *input, const char **why)
{
    (void)why;
    return doc_count(input->sums->keys);
}

static struct doc_value no_ttl_share(const struct rule_input *input, const char **why)
{
    (void)why;
    return doc_share((double)input->sums->no_ttl_bytes, (double)input->sums->key_bytes);
}

static struct doc_value no_ttl_bytes(const struct rule_input *input, const char **why)
{
    (void)why;
    return doc_bytes(input->sums->no_ttl_bytes);
}

static struct doc_value expired_bytes(const struct rule_input *input, const char **why)
{
    (void)why;
    return doc_bytes(input->sums->expired_bytes);
}

static struct doc_value overhead_share(const struct rule_input *input, const char **why)
{
    (void)why;
    return doc_share((double)(input->sums->bytes - input->sums->own_bytes), (double)input->sums->bytes);
}

static struct doc_value violations(const struct rule_input *input, const char **why)
{
    (void)why;
    return doc_count(input->sums->violations);
}

static struct doc_value violation_bytes(const struct rule_input *input, const char **why)
{
    (void)why;
    return doc_bytes(input->sums->violation_bytes);
}

/* How many of the wanted encodings no key has. */
static struct doc_value missing_encodings(const struct rule_input *input, const char **why)
{
    (void)why;
    uint64_t missing = 0;
    for (unsigned i = 0; i < input->limit->wishes; i++) {
        const struct encoding_wish *wish = &input->limit->wish[i];
        uint64_t found = 0;
        for (unsigned type = 0; type < OBJECT_TYPE_COUNT; type++)
            if (wish->type == type || wish->type == OBJECT_TYPE_COUNT)
                found += input->sums->encodings[type][wish->encoding];
        missing += found == 0;
    }
    return doc_count(missing);
}

/* ---- against a baseline --------------------------------------------------------------------------------------------
 */

static const char no_baseline[] = "there is no baseline with this figure";

static uint64_t more(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

/* Of a growth that is known within bounds only one that is on the same side of the limit as all others can be said. */
static struct doc_value one_of(enum check_rule rule, const struct rule_input *input, struct doc_value least,
                               struct doc_value most, const char **why)
{
    if (!input->before->known)
        *why = no_baseline;
    else if (!rule_is_kept(rule, input->limit, &most) && rule_is_kept(rule, input->limit, &least))
        *why = "the baseline tells this only within bounds: its snapshot would tell it exactly";
    return rule_is_kept(rule, input->limit, &most) ? most : least;
}

static struct doc_value growth_bytes(const struct rule_input *input, const char **why)
{
    const struct check_before *before = input->before;
    return one_of(RULE_GROWTH_BYTES, input, doc_bytes(more(input->sums->bytes, before->bytes + before->more_bytes)),
                  doc_bytes(more(input->sums->bytes, before->bytes)), why);
}

/* From nothing, any growth is without bound: it is said as the number itself. */
static struct doc_value growth(uint64_t now, uint64_t before)
{
    return doc_share((double)more(now, before), before != 0 ? (double)before : 1);
}

static struct doc_value growth_share(const struct rule_input *input, const char **why)
{
    const struct check_before *before = input->before;
    return one_of(RULE_GROWTH_SHARE, input, growth(input->sums->bytes, before->bytes + before->more_bytes),
                  growth(input->sums->bytes, before->bytes), why);
}

static struct doc_value key_growth_share(const struct rule_input *input, const char **why)
{
    const struct check_before *before = input->before;
    return one_of(RULE_KEY_GROWTH_SHARE, input, growth(input->sums->keys, before->keys + before->more_keys),
                  growth(input->sums->keys, before->keys), why);
}

/* ---- of the file ---------------------------------------------------------------------------------------------------
 */

static struct doc_value age(const struct rule_input *input, const char **why)
{
    int64_t ms = 0;
    if (!input->file->has_ctime)
        *why = "the file does not say when it was taken";
    else if (__builtin_sub_overflow(input->file->read_at_ms, input->file->ctime_ms, &ms))
        ms = INT64_MAX;
    return doc_duration(ms > 0 ? ms : 0);
}

static struct doc_value has_checksum(const struct rule_input *input, const char **why)
{
    if (input->file->checksum == CHECKSUM_SKIPPED && !input->file->partial)
        *why = "--no-checksum: it was not computed";
    return doc_bool(input->file->checksum == CHECKSUM_OK);
}

static struct doc_value counts_agree(const struct rule_input *input, const char **why)
{
    const struct file_facts *file = input->file;
    (void)why;
    bool as_announced =
        !file->has_resizedb || (file->resizedb_keys == file->keys && file->resizedb_expires == file->expires);
    return doc_bool(as_announced && file->finding_count == 0);
}

/* ---- the rows ------------------------------------------------------------------------------------------------------
 */

#define MEASURE_ANY_KEY(function) .measure = function
#define MEASURE_SUM(function)     .find = function
#define MEASURE_LEAST(function)   .find = function
#define MEASURE_GROWTH(function)  .find = function
#define MEASURE_FILE(function)    .find = function
#define X(id, member, option_name, unit_name, stage_name, function, help)                                              \
    [RULE_##id] = {.field = (member),                                                                                  \
                   .option = (option_name),                                                                            \
                   .words = (help),                                                                                    \
                   .unit = RULE_UNIT_##unit_name,                                                                      \
                   .stage = RULE_##stage_name,                                                                         \
                   MEASURE_##stage_name(function)},

static const struct rule_row rows[RULE_COUNT] = {CHECK_RULES(X)};
#undef X

const struct rule_row *rule_row(enum check_rule rule)
{
    return &rows[rule];
}

/* ---- limits --------------------------------------------------------------------------------------------------------
 */

static bool read_bytes(const char *text, struct rule_limit *limit, char *message, size_t size)
{
    if (options_parse_bytes(text, &limit->number))
        return true;
    snprintf(message, size, "'%.40s' is not a number of bytes such as 1500, 10kb or 64mb", text);
    return false;
}

static bool read_count(const char *text, struct rule_limit *limit, char *message, size_t size)
{
    if (options_parse_count(text, &limit->number))
        return true;
    snprintf(message, size, "'%.40s' is not a number", text);
    return false;
}

static bool read_share(const char *text, struct rule_limit *limit, char *message, size_t size)
{
    char *end;
    bool is_decimal = text[0] >= '0' && text[0] <= '9' && strpbrk(text, "xX") == NULL;
    limit->share = strtod(text, &end);
    if (strcmp(end, "%") == 0) {
        limit->share /= 100;
        end++;
    }
    if (is_decimal && *end == '\0' && limit->share >= 0 && limit->share <= 1e9)
        return true;
    snprintf(message, size, "'%.40s' is not a share such as 0.2 or 20%%", text);
    return false;
}

static bool read_duration(const char *text, struct rule_limit *limit, char *message, size_t size)
{
    static const struct {
        const char *suffix;
        uint64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}};
    size_t digits = strspn(text, "0123456789");
    char number[21];
    if (digits > 0 && digits < sizeof number) {
        snprintf(number, sizeof number, "%.*s", (int)digits, text);
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            if (strcmp(text + digits, units[i].suffix) == 0 && options_parse_count(number, &limit->number) &&
                !__builtin_mul_overflow(limit->number, units[i].seconds * 1000, &limit->number) &&
                limit->number <= INT64_MAX)
                return true;
        }
    }
    snprintf(message, size, "'%.40s' is not a duration such as 90m, 26h or 7d", text);
    return false;
}

static bool read_flag(const char *text, struct rule_limit *limit, char *message, size_t size)
{
    limit->number = strcmp(text, "true") == 0;
    if (limit->number == 1 || strcmp(text, "false") == 0)
        return true;
    snprintf(message, size, "'%.40s' is neither true nor false", text);
    return false;
}

/* ---- encodings ------------------------------------------------------------------------------------------------------
 */

/* The number of `word` among `count` names; `count` when it is none, which is then said. */
static unsigned find_name(const char *word, const char *(*name)(unsigned), unsigned count, const char *kind,
                          char *message, size_t size)
{
    struct nearest nearest;
    char hint[80];
    nearest_init(&nearest, word);
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(name(i), word) == 0)
            return i;
        nearest_offer(&nearest, name(i));
    }
    snprintf(message, size, "there is no %s '%.40s'%s", kind, word, nearest_hint(&nearest, "", hint, sizeof hint));
    return count;
}

static const char *type_name(unsigned i)
{
    return object_type_name((enum object_type)i);
}

static const char *encoding_name(unsigned i)
{
    return object_encoding_name((enum object_encoding)i);
}

/* "hashtable" or "hash/hashtable", without blanks. */
static bool read_wish(const char *word, struct rule_limit *limit, char *message, size_t size)
{
    const char *slash = strchr(word, '/');
    unsigned type = OBJECT_TYPE_COUNT;
    if (limit->wishes == RULE_MAX_ENCODINGS) {
        snprintf(message, size, "more than %d encodings", RULE_MAX_ENCODINGS);
        return false;
    }
    if (slash != NULL) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(slash - word < 60 ? slash - word : 60), word);
        type = find_name(name, type_name, OBJECT_TYPE_COUNT, "type", message, size);
        if (type == OBJECT_TYPE_COUNT)
            return false;
        word = slash + 1;
    }
    unsigned encoding = find_name(word, encoding_name, ENCODING_COUNT, "encoding", message, size);
    if (encoding == ENCODING_COUNT)
        return false;
    limit->wish[limit->wishes++] = (struct encoding_wish){(enum object_type)type, (enum object_encoding)encoding};
    return true;
}

static bool read_wishes(const char *text, struct rule_limit *limit, char *message, size_t size)
{
    while (true) {
        char word[128];
        size_t len = strcspn(text, ",");
        snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), text);
        if (!read_wish(word, limit, message, size))
            return false;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}

/* ---- units ----------------------------------------------------------------------------------------------------------
 */

static struct doc_value number_value(const struct rule_limit *limit)
{
    return doc_count(limit->number);
}

static struct doc_value bytes_value(const struct rule_limit *limit)
{
    return doc_bytes(limit->number);
}

static struct doc_value share_value(const struct rule_limit *limit)
{
    return doc_share(limit->share, 1);
}

static struct doc_value duration_value(const struct rule_limit *limit)
{
    return doc_duration((int64_t)limit->number);
}

static struct doc_value flag_value(const struct rule_limit *limit)
{
    return doc_bool(limit->number != 0);
}

static struct doc_value no_value(const struct rule_limit *limit)
{
    (void)limit;
    return doc_none();
}

static const struct {
    const char *words;
    bool (*read)(const char *text, struct rule_limit *limit, char *message, size_t size);
    struct doc_value (*value)(const struct rule_limit *limit);
} units[] = {
    [RULE_UNIT_BYTES] = {"bytes: 1500, \"10mb\"", read_bytes, bytes_value},
    [RULE_UNIT_COUNT] = {"a number", read_count, number_value},
    [RULE_UNIT_SHARE] = {"a share: 0.2, \"20%\"", read_share, share_value},
    [RULE_UNIT_DURATION] = {"seconds, \"26h\", \"7d\"", read_duration, duration_value},
    [RULE_UNIT_FLAG] = {"true", read_flag, flag_value},
    [RULE_UNIT_ENCODINGS] = {"[\"zset/skiplist\"]", read_wishes, no_value},
};

const char *rule_unit_words(enum rule_unit unit)
{
    return units[unit].words;
}

bool rule_limit_read(enum check_rule rule, const char *text, struct rule_limit *limit, char *message, size_t size)
{
    *limit = (struct rule_limit){.given = true, .line = limit->line};
    return units[rows[rule].unit].read(text, limit, message, size);
}

struct doc_value rule_limit_value(enum check_rule rule, const struct rule_limit *limit)
{
    return units[rows[rule].unit].value(limit);
}

const char *rule_limit_print(enum check_rule rule, const struct rule_limit *limit, char *text, size_t size)
{
    size_t used = 0;
    if (rows[rule].unit != RULE_UNIT_ENCODINGS) {
        struct doc_value value = rule_limit_value(rule, limit);
        char whole[VALUE_MAX];
        value_kind(value.kind)->print(whole, &value);
        snprintf(text, size, "%s", whole);
        return text;
    }
    text[0] = '\0';
    for (unsigned i = 0; i < limit->wishes && used < size; i++) {
        const struct encoding_wish *wish = &limit->wish[i];
        bool any = wish->type == OBJECT_TYPE_COUNT;
        used += (size_t)snprintf(text + used, size - used, "%s%s%s%s", i ? ", " : "",
                                 any ? "" : object_type_name(wish->type), any ? "" : "/",
                                 object_encoding_name(wish->encoding));
    }
    return text;
}

/* ---- the verdict ----------------------------------------------------------------------------------------------------
 */

bool rule_is_kept(enum check_rule rule, const struct rule_limit *limit, const struct doc_value *found)
{
    switch (rows[rule].unit) {
    case RULE_UNIT_FLAG:
        return found->truth || limit->number == 0;
    case RULE_UNIT_ENCODINGS: /* keys that have a forbidden one, wanted ones that are missing */
        return found->count == 0;
    case RULE_UNIT_SHARE:
        return found->number <= limit->share;
    case RULE_UNIT_DURATION:
        return found->integer <= (int64_t)limit->number;
    case RULE_UNIT_BYTES:
    case RULE_UNIT_COUNT:
        break;
    }
    return rows[rule].stage == RULE_LEAST ? found->count >= limit->number : found->count <= limit->number;
}
