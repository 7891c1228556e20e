#include "node_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "packed_size.h"

enum {
    LISTPACK_HEADER = LISTPACK_FRAME - 1,
    ZIPLIST_HEADER = ZIPLIST_FRAME - 1,
    COUNT_UNKNOWN = UINT16_MAX,
    END = 0xff,
    INTEGER_TEXT = 24
};

static const size_t header_bytes[NODE_FORMS] = {LISTPACK_HEADER, ZIPLIST_HEADER, 0};

void node_bytes_release(struct node_bytes *node)
{
    free(node->bytes);
}

/* Room for so many bytes more; NULL when the node gets too large to be kept. */
static uint8_t *room_for(struct node_bytes *node, uint64_t more)
{
    if (!node->is_whole || more > NODE_BYTES_MAX - node->len) {
        node->is_whole = false;
        return NULL;
    }
    node->bytes = grow(node->bytes, &node->capacity, node->len + (size_t)more, 1);
    return node->bytes + node->len;
}

void node_bytes_begin(struct node_bytes *node, enum node_form form)
{
    node->form = form;
    node->is_whole = true;
    node->len = 0;
    node->count = node->previous = 0;
    memset(room_for(node, ZIPLIST_HEADER), 0, ZIPLIST_HEADER);
    node->len = header_bytes[form];
}

static uint8_t *put_little(uint8_t *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        *to++ = (uint8_t)(value >> 8 * i);
    return to;
}

static uint8_t *put_big(uint8_t *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = bytes; i-- > 0;)
        *to++ = (uint8_t)(value >> 8 * i);
    return to;
}

/* ---- listpack ------------------------------------------------------------------------------------------------------
 */

static uint8_t *put_listpack_integer(uint8_t *to, int64_t v, unsigned body)
{
    static const uint8_t code[] = {[3] = 0xf1, [4] = 0xf2, [5] = 0xf3, [9] = 0xf4};
    if (body == 1)
        return put_little(to, (uint64_t)v, 1);
    if (body == 2)
        return put_big(to, ((uint64_t)v & 0x1fff) | 0xc000, 2);
    *to++ = code[body];
    return put_little(to, (uint64_t)v, body - 1);
}

static uint8_t *put_listpack_length(uint8_t *to, uint64_t len)
{
    if (len < 64)
        return put_little(to, 0x80 | len, 1);
    if (len < 4096)
        return put_big(to, 0xe000 | len, 2);
    *to++ = 0xf0;
    return put_little(to, len, 4);
}

/* Seven bits a byte, the last of them first; all bytes but the first have the highest bit. */
static uint8_t *put_back_length(uint8_t *to, uint64_t body)
{
    unsigned bytes = listpack_back_bytes(body);
    for (unsigned i = 0; i < bytes; i++)
        to[bytes - 1 - i] = (uint8_t)((body >> 7 * i & 0x7f) | (i + 1 < bytes ? 0x80 : 0));
    return to + bytes;
}

static uint8_t *put_listpack(uint8_t *to, const struct shape_text *text, const uint8_t *bytes)
{
    uint8_t *from = to;
    if (text->is_integer) {
        to = put_listpack_integer(to, text->integer, listpack_integer_entry(text->integer) - 1);
    } else {
        to = put_listpack_length(to, text->len);
        if (text->len)
            memcpy(to, bytes, text->len);
        to += text->len;
    }
    return put_back_length(to, (uint64_t)(to - from));
}

/* ---- ziplist -------------------------------------------------------------------------------------------------------
 */

static uint8_t *put_ziplist_integer(uint8_t *to, int64_t v, unsigned body)
{
    static const uint8_t code[] = {[2] = 0xfe, [3] = 0xc0, [4] = 0xf0, [5] = 0xd0, [9] = 0xe0};
    if (body == 1)
        return put_little(to, 0xf1 + (uint64_t)v, 1);
    *to++ = code[body];
    return put_little(to, (uint64_t)v, body - 1);
}

static uint8_t *put_ziplist_length(uint8_t *to, uint64_t len)
{
    if (len < 64)
        return put_little(to, len, 1);
    if (len < 16384)
        return put_big(to, 0x4000 | len, 2);
    *to++ = 0x80;
    return put_big(to, len, 4);
}

static uint8_t *put_ziplist(uint8_t *to, uint64_t previous, const struct shape_text *text, const uint8_t *bytes)
{
    if (ziplist_previous_bytes(previous) == 1) {
        *to++ = (uint8_t)previous;
    } else {
        *to++ = 0xfe;
        to = put_little(to, previous, 4);
    }
    if (text->is_integer)
        return put_ziplist_integer(to, text->integer, ziplist_integer_body(text->integer));
    to = put_ziplist_length(to, text->len);
    if (text->len)
        memcpy(to, bytes, text->len);
    return to + text->len;
}

/* ---- nodes ---------------------------------------------------------------------------------------------------------
 */

static void add_entry(struct node_bytes *node, const struct shape_text *text, const uint8_t *bytes)
{
    enum { AROUND_MAX = 16 }; /* lengths before and behind a text; a whole integer entry */
    uint8_t *at = room_for(node, (text->is_integer ? 0 : text->len) + AROUND_MAX);
    if (!at)
        return;
    bool is_listpack = node->form == NODE_LISTPACK;
    uint8_t *end = is_listpack ? put_listpack(at, text, bytes) : put_ziplist(at, node->previous, text, bytes);
    node->previous = (uint64_t)(end - at);
    node->len += (size_t)(end - at);
}

static void add_plain(struct node_bytes *node, const struct shape_text *text, const uint8_t *bytes)
{
    uint8_t *at = room_for(node, text->len);
    if (at && text->len)
        memcpy(at, bytes, text->len);
    node->len += at ? (size_t)text->len : 0;
}

void node_bytes_add(struct node_bytes *node, const struct shape_text *text, const uint8_t *bytes, size_t known)
{
    char digits[INTEGER_TEXT];
    node->count++;
    if (node->form == NODE_PLAIN && text->is_integer) {
        known = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)text->integer);
        bytes = (const uint8_t *)digits;
    }
    bool is_number = text->is_integer && node->form != NODE_PLAIN;
    if (!is_number && text->len && (bytes == NULL || known < text->len)) {
        node->is_whole = false;
        return;
    }
    if (node->form == NODE_PLAIN)
        add_plain(node, text, bytes);
    else
        add_entry(node, text, bytes);
}

void node_bytes_end(struct node_bytes *node)
{
    uint64_t count = node->count < COUNT_UNKNOWN ? node->count : COUNT_UNKNOWN;
    if (node->form == NODE_PLAIN)
        return;
    uint8_t *at = room_for(node, 1);
    if (!at)
        return;
    *at = END;
    node->len++;
    uint8_t *to = put_little(node->bytes, node->len, 4);
    if (node->form == NODE_ZIPLIST) /* where the last entry starts */
        to = put_little(to, node->count ? node->len - 1 - node->previous : ZIPLIST_HEADER, 4);
    put_little(to, count, 2);
}
