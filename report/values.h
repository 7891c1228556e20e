/* How a value of each kind is written, for people and for machines. Both need LC_NUMERIC to be "C". */
#ifndef VALUES_H
#define VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "document.h"

/* For people. Sizes are 1024-based with three significant digits, as in redis.conf and used_memory_human; a document
 * says so once, with this sentence. */
#define VALUES_UNIT_NOTE "1 KB = 1024 bytes, as in redis.conf and INFO memory"

enum { VALUE_MAX = 400 }; /* capacity that every printed value fits into */

struct value_kind {
    const char *name; /* stable: JSON Schema, HTML data-kind */
    bool is_text;     /* value.text is in use, the printers below are not */
    bool is_number;   /* aligned to the right, sortable as a number */
    /* Both write at most VALUE_MAX characters and a NUL, and return the length. */
    size_t (*print)(char *out, const struct doc_value *value); /* "12.3 MB" */
    size_t (*plain)(char *out, const struct doc_value *value); /* "12897485"; "" for no value */
    double (*number)(const struct doc_value *value);           /* 0 for what is no number */
};

const struct value_kind *value_kind(enum doc_kind kind);

/* The number behind a value, for bars and colours; 0 for texts. */
double value_number(const struct doc_value *value);

struct severity_words {
    const char *name; /* stable: JSON, HTML class */
    const char *mark; /* word in front of a sentence, "Warning:"; "" for what needs no attention */
};
const struct severity_words *severity_words(enum doc_severity severity);

/* 1234567 as "1,234,567". */
size_t print_grouped(char *out, uint64_t number);

#endif
