#include "filter.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "nearest.h"

enum { FILTER_MATCH_LIMIT = 1000000 };

struct pattern_list {
    pcre2_code *code[OPTIONS_MAX_TEXTS];
    size_t count;
};

struct filter {
    struct pattern_list match, regex;
    pcre2_match_data *match_data;
    pcre2_match_context *match_context;
    uint64_t dbs[OPTIONS_MAX_TEXTS];
    size_t db_count;
    uint32_t types; /* a bit per enum object_type; 0: all */
    enum filter_expiry expiry;
    const uint8_t *name;
    size_t name_len;
    bool active;
    uint64_t gave_up;
};

/* ---- patterns ------------------------------------------------------------------------------------------------------
 */

static bool compile(struct pattern_list *list, const char *regex, size_t len, const char *given, char *message,
                    size_t size)
{
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)regex, len, PCRE2_DOTALL | PCRE2_NEVER_UTF, &error, &offset, NULL);
    if (code == NULL && error == PCRE2_ERROR_HEAP_FAILED)
        die_out_of_memory();
    if (code == NULL) {
        PCRE2_UCHAR why[120];
        pcre2_get_error_message(error, why, sizeof why);
        snprintf(message, size, "--regex '%.80s': %s at character %zu", given, (const char *)why, (size_t)offset + 1);
        return false;
    }
    /* Without JIT for this processor the interpreter gives the same answers. */
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    list->code[list->count++] = code;
    return true;
}

static bool compile_globs(struct pattern_list *list, const struct text_list *globs, char *message, size_t size)
{
    char *regex = xmalloc(GLOB_MAX_PATTERN * 40);
    bool compiled = true;
    for (size_t i = 0; i < globs->count && compiled; i++) {
        size_t len = glob_to_regex(globs->text[i], regex, GLOB_MAX_PATTERN * 40);
        if (len == 0) {
            snprintf(message, size, "--match: the pattern is too long");
            compiled = false;
        } else {
            compiled = compile(list, regex, len, globs->text[i], message, size);
        }
    }
    free(regex);
    return compiled;
}

static bool compile_regexes(struct pattern_list *list, const struct text_list *texts, char *message, size_t size)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (!compile(list, texts->text[i], strlen(texts->text[i]), texts->text[i], message, size))
            return false;
    }
    return true;
}

static bool any_matches(struct filter *filter, const struct pattern_list *list, const struct filter_key *key)
{
    for (size_t i = 0; i < list->count; i++) {
        int result =
            pcre2_match(list->code[i], key->name, key->name_len, 0, 0, filter->match_data, filter->match_context);
        if (result >= 0)
            return true;
        filter->gave_up += result != PCRE2_ERROR_NOMATCH;
    }
    return false;
}

/* ---- lists of words ------------------------------------------------------------------------------------------------
 */

/* Copies the next word of a comma-separated list; false at its end. */
static bool next_word(const char **list, char *word, size_t size)
{
    if (*list == NULL)
        return false;
    size_t len = strcspn(*list, ",");
    snprintf(word, size, "%.*s", (int)(len < size ? len : size - 1), *list);
    *list = (*list)[len] == ',' ? *list + len + 1 : NULL;
    return true;
}

static bool add_type(struct filter *filter, const char *word, char *message, size_t size)
{
    struct nearest nearest;
    nearest_init(&nearest, word);
    for (unsigned type = 0; type < OBJECT_TYPE_COUNT; type++) {
        const char *name = object_type_name((enum object_type)type);
        if (strcmp(name, word) == 0) {
            filter->types |= UINT32_C(1) << type;
            return true;
        }
        nearest_offer(&nearest, name);
    }
    char hint[120];
    snprintf(message, size, "--type: there is no type '%.40s'%s", word, nearest_hint(&nearest, "", hint, sizeof hint));
    return false;
}

static bool add_db(struct filter *filter, const char *word, char *message, size_t size)
{
    uint64_t db;
    if (filter->db_count == OPTIONS_MAX_TEXTS || !options_parse_count(word, &db)) {
        snprintf(message, size, "--db: '%.40s' given, a database number expected", word);
        return false;
    }
    filter->dbs[filter->db_count++] = db;
    return true;
}

static bool add_words(struct filter *filter, const struct text_list *texts,
                      bool (*add)(struct filter *, const char *, char *, size_t), char *message, size_t size)
{
    char word[48];
    for (size_t i = 0; i < texts->count; i++) {
        const char *rest = texts->text[i];
        while (next_word(&rest, word, sizeof word)) {
            if (!add(filter, word, message, size))
                return false;
        }
    }
    return true;
}

/* ---- filter --------------------------------------------------------------------------------------------------------
 */

struct filter *filter_new(const struct filter_options *options, char *message, size_t message_size)
{
    struct filter *filter = xcalloc(1, sizeof *filter);
    filter->expiry = (enum filter_expiry)options->expiry;
    filter->name = options->name;
    filter->name_len = options->name_len;
    filter->match_data = pcre2_match_data_create(1, NULL);
    filter->match_context = pcre2_match_context_create(NULL);
    if (filter->match_data == NULL || filter->match_context == NULL)
        die_out_of_memory();
    pcre2_set_match_limit(filter->match_context, FILTER_MATCH_LIMIT);
    if (!compile_globs(&filter->match, &options->match, message, message_size) ||
        !compile_regexes(&filter->regex, &options->regex, message, message_size) ||
        !add_words(filter, &options->type, add_type, message, message_size) ||
        !add_words(filter, &options->db, add_db, message, message_size)) {
        filter_free(filter);
        return NULL;
    }
    filter->active = filter->name != NULL || filter->match.count + filter->regex.count + filter->db_count != 0 ||
                     filter->types != 0 || filter->expiry != FILTER_EXPIRY_ANY || options->min_size != 0;
    return filter;
}

static void free_patterns(struct pattern_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        pcre2_code_free(list->code[i]);
}

void filter_free(struct filter *filter)
{
    if (filter == NULL)
        return;
    free_patterns(&filter->match);
    free_patterns(&filter->regex);
    pcre2_match_data_free(filter->match_data);
    pcre2_match_context_free(filter->match_context);
    free(filter);
}

bool filter_is_active(const struct filter *filter)
{
    return filter->active;
}

uint64_t filter_gave_up(const struct filter *filter)
{
    return filter->gave_up;
}

void filter_add_gave_up(struct filter *filter, const struct filter *other)
{
    filter->gave_up += other->gave_up;
}

static bool accepts_db(const struct filter *filter, uint64_t db)
{
    for (size_t i = 0; i < filter->db_count; i++) {
        if (filter->dbs[i] == db)
            return true;
    }
    return filter->db_count == 0;
}

static bool accepts_expiry(const struct filter *filter, const struct filter_key *key)
{
    switch (filter->expiry) {
    case FILTER_EXPIRY_HAS:
        return key->has_expiry;
    case FILTER_EXPIRY_NONE:
        return !key->has_expiry;
    case FILTER_EXPIRY_EXPIRED:
        return key->is_expired;
    case FILTER_EXPIRY_ANY:
        break;
    }
    return true;
}

bool filter_accepts(struct filter *filter, const struct filter_key *key)
{
    if (filter->types != 0 && (filter->types >> key->type & 1) == 0)
        return false;
    if (filter->name != NULL &&
        (filter->name_len != key->name_len || memcmp(filter->name, key->name, key->name_len) != 0))
        return false;
    return accepts_db(filter, key->db) && accepts_expiry(filter, key) &&
           (filter->match.count == 0 || any_matches(filter, &filter->match, key)) &&
           (filter->regex.count == 0 || any_matches(filter, &filter->regex, key));
}
