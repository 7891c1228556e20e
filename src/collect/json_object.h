/* Recognises a JSON object and names its members: a tokenizer that checks the grammar (RFC 8259), without a tree. */
#ifndef JSON_OBJECT_H
#define JSON_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/shape.h"

enum { JSON_OBJECT_DEPTH = 64 }; /* deeper documents are not recognised */

/* What a member's name or value is as a field of a hash: of a string its text, of all else its JSON. */
struct json_text {
    const uint8_t *bytes; /* as they stand in the document */
    size_t bytes_len;
    uint64_t len; /* of the text, its escapes replaced */
};

typedef void json_member(void *self, const struct json_text *name, const struct json_text *value);

/* Whether all of the bytes are one object, blanks around it allowed. Calls `member` (may be NULL) for each of its
 * members on the way: also for the first ones of what turns out to be none. */
bool json_object_read(const uint8_t *bytes, size_t len, json_member *member, void *self);

/* The text as a model sees it. */
struct shape_text json_text_shape(const struct json_text *text);

#endif
