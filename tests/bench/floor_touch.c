/* The second limit: as floor_read, and each record, table element, listpack entry and integer is touched once.
 * Compressed strings are stepped over. For snapshots of RDB 10 and 11 that rdbgen or a server wrote, which it trusts.
 * Usage: floor_touch FILE; prints the number of keys and of elements, and a sum that keeps the compiler honest. */
#include "floor.h"

#include <fcntl.h>

struct touch {
    struct window window;
    uint64_t keys, elements, sum;
};

/* Makes `n` bytes contiguous, and says where. */
static const uint8_t *need_slow(struct window *window, size_t n)
{
    if (n > window->capacity) {
        window->capacity = n + WINDOW_BYTES;
        window->bytes = realloc(window->bytes, window->capacity);
        if (!window->bytes)
            fail("no memory");
    }
    memmove(window->bytes, window->bytes + window->begin, window->end - window->begin);
    window->end -= window->begin;
    window->begin = 0;
    while (window->end < n)
        if (!window_read(window))
            fail("the file ends early");
    return window->bytes;
}

static inline const uint8_t *need(struct window *window, size_t n)
{
    return window->end - window->begin >= n ? window->bytes + window->begin : need_slow(window, n);
}

static inline const uint8_t *take(struct window *window, size_t n)
{
    const uint8_t *bytes = need(window, n);
    window->begin += n;
    return bytes;
}

static void skip(struct window *window, uint64_t n)
{
    while (n > window->end - window->begin) {
        n -= window->end - window->begin;
        window->begin = window->end = 0;
        if (!window_read(window))
            fail("the file ends early");
    }
    window->begin += (size_t)n;
}

static uint64_t big_endian(const uint8_t *bytes, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* A length; *encoding is -1, or the special form of a string. */
static inline uint64_t take_len(struct window *window, int *encoding)
{
    const uint8_t *p = take(window, 1);
    *encoding = -1;
    switch (*p >> 6) {
    case 0:
        return *p;
    case 1: {
        unsigned high = *p & 0x3f;
        return high << 8 | *take(window, 1);
    }
    case 3:
        *encoding = *p & 0x3f;
        return 0;
    default: {
        unsigned width = *p == 0x81 ? 8 : 4;
        return big_endian(take(window, width), width);
    }
    }
}

static uint64_t plain_len(struct window *window)
{
    int encoding;
    return take_len(window, &encoding);
}

/* Bytes that a string of a special form takes behind its first byte. */
static void skip_encoded(struct touch *touch, int encoding)
{
    if (encoding < 3) {
        touch->sum += *take(&touch->window, (size_t)1 << encoding);
        return;
    }
    uint64_t compressed = plain_len(&touch->window);
    touch->sum += plain_len(&touch->window);
    skip(&touch->window, compressed);
}

static inline void touch_string(struct touch *touch)
{
    int encoding;
    uint64_t len = take_len(&touch->window, &encoding);
    touch->sum += len;
    if (encoding >= 0)
        skip_encoded(touch, encoding);
    else if (len <= touch->window.end - touch->window.begin)
        touch->window.begin += (size_t)len;
    else
        skip(&touch->window, len);
}

/* Bytes of an entry's encoding and data, by its first byte; long strings have their own code. */
static inline uint64_t entry_len(const uint8_t *p)
{
    if (*p < 0x80)
        return 1;
    if (*p < 0xc0)
        return 1 + (*p & 0x3f);
    if (*p < 0xe0)
        return 2;
    if (*p < 0xf0)
        return 2 + ((uint64_t)(*p & 0x0f) << 8 | p[1]);
    if (*p == 0xf0)
        return 5 + ((uint64_t)p[1] | (uint64_t)p[2] << 8 | (uint64_t)p[3] << 16 | (uint64_t)p[4] << 24);
    return *p == 0xf4 ? 9 : 2 + (*p - 0xf0);
}

static void touch_listpack(struct touch *touch, const uint8_t *blob)
{
    const uint8_t *p = blob + 6;
    uint64_t entries = 0, sum = 0;
    while (*p != 0xff) {
        uint64_t len = entry_len(p);
        sum += len;
        p += len + (len <= 127 ? 1 : len < 16383 ? 2 : len < 2097151 ? 3 : len < 268435455 ? 4 : 5);
        entries++;
    }
    touch->elements += entries;
    touch->sum += sum;
}

static void touch_intset(struct touch *touch, const uint8_t *blob)
{
    uint32_t count = (uint32_t)blob[4] | (uint32_t)blob[5] << 8 | (uint32_t)blob[6] << 16 | (uint32_t)blob[7] << 24;
    for (uint32_t i = 0; i < count; i++)
        touch->sum += blob[8 + i * (size_t)blob[0]];
    touch->elements += count;
}

static void touch_blob(struct touch *touch, void (*walk)(struct touch *, const uint8_t *))
{
    int encoding;
    uint64_t len = take_len(&touch->window, &encoding);
    if (encoding >= 0)
        skip_encoded(touch, encoding);
    else
        walk(touch, take(&touch->window, (size_t)len));
}

static void touch_table(struct touch *touch, unsigned strings, unsigned tail_bytes)
{
    uint64_t count = plain_len(&touch->window);
    touch->elements += count;
    for (uint64_t i = 0; i < count; i++) {
        for (unsigned s = 0; s < strings; s++)
            touch_string(touch);
        if (tail_bytes)
            touch->sum += *take(&touch->window, tail_bytes);
    }
}

static void touch_quicklist(struct touch *touch)
{
    for (uint64_t nodes = plain_len(&touch->window); nodes > 0; nodes--) {
        enum { PLAIN = 1 };
        if (plain_len(&touch->window) == PLAIN)
            touch_string(touch);
        else
            touch_blob(touch, touch_listpack);
    }
}

static void touch_stream_group(struct touch *touch)
{
    struct window *window = &touch->window;
    touch_string(touch);
    for (unsigned i = 0; i < 3; i++)
        touch->sum += plain_len(window);
    for (uint64_t pending = plain_len(window); pending > 0; pending--) {
        touch->sum += *take(window, 16 + 8);
        touch->sum += plain_len(window);
    }
    for (uint64_t consumers = plain_len(window); consumers > 0; consumers--) {
        touch_string(touch);
        take(window, 8);
        for (uint64_t pending = plain_len(window); pending > 0; pending--)
            touch->sum += *take(window, 16);
    }
}

static void touch_stream(struct touch *touch)
{
    struct window *window = &touch->window;
    for (uint64_t nodes = plain_len(window); nodes > 0; nodes--) {
        touch_string(touch);
        touch_blob(touch, touch_listpack);
    }
    for (unsigned i = 0; i < 8; i++)
        touch->sum += plain_len(window);
    for (uint64_t groups = plain_len(window); groups > 0; groups--)
        touch_stream_group(touch);
}

static void touch_value(struct touch *touch, unsigned type)
{
    switch (type) {
    case 0:
        touch_string(touch);
        break;
    case 1:
    case 2:
        touch_table(touch, 1, 0);
        break;
    case 4:
        touch_table(touch, 2, 0);
        break;
    case 5:
        touch_table(touch, 1, 8);
        break;
    case 11:
        touch_blob(touch, touch_intset);
        break;
    case 16:
    case 17:
    case 20:
        touch_blob(touch, touch_listpack);
        break;
    case 18:
        touch_quicklist(touch);
        break;
    case 19:
        touch_stream(touch);
        break;
    default:
        fail("a type that is not known here");
    }
}

/* False at EOF. */
static int touch_record(struct touch *touch)
{
    struct window *window = &touch->window;
    unsigned opcode = *take(window, 1);
    switch (opcode) {
    case 255:
        return 0;
    case 254:
    case 248:
        touch->sum += plain_len(window);
        break;
    case 252:
        take(window, 8);
        break;
    case 251:
        touch->sum += plain_len(window);
        touch->sum += plain_len(window);
        break;
    case 250:
        touch_string(touch);
        touch_string(touch);
        break;
    case 249:
        take(window, 1);
        break;
    default:
        touch->keys++;
        touch_string(touch);
        touch_value(touch, opcode);
    }
    return 1;
}

int main(int argc, char **argv)
{
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    if (fd < 0)
        fail("usage: floor_touch FILE");
    struct touch touch = {0};
    window_init(&touch.window, fd);
    take(&touch.window, 9);
    while (touch_record(&touch))
        ;
    window_finish(&touch.window);
    printf("keys %llu elements %llu sum %llu\n", (unsigned long long)touch.keys, (unsigned long long)touch.elements,
           (unsigned long long)touch.sum);
    return EXIT_SUCCESS;
}
