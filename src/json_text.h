/* Small JSON texts that people write: with comments as in C, and with the line of everything. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

struct json_text {
    char *text; /* comments are blanks */
    cJSON *root;
};

/* Reads `len` bytes of any content. On failure writes one line ("line 3: ...") into `message`, and nothing is held. */
bool json_text_parse(struct json_text *json, const char *text, size_t len, char *message, size_t size);
void json_text_release(struct json_text *json);

/* The line on which a value of json->root begins, from 1. */
unsigned json_text_line(const struct json_text *json, const cJSON *value);

/* The values of a text by their order in it, as json_text_line finds them: the offset of value `ordinal` (the root is
 * 0), or the text's length when it has no more than that. */
size_t json_text_offset(const struct json_text *json, size_t ordinal);

#endif
