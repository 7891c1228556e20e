#include "lzf_check.h"

/* A control byte below 32: so many bytes and one follow as they are. Else its upper three bits are a length, 7 meaning
 * that a byte more of it follows, and its lower five with one byte more how far to go back (liblzf lzf_d.c). */
enum { LITERALS = 32, LONG_LENGTH = 7 };

static void take_control(struct rdb_lzf_check *check, uint8_t byte)
{
    if (byte < LITERALS) {
        check->literals = byte + 1U;
        return;
    }
    check->control = byte;
    check->length = byte >> 5 == LONG_LENGTH ? 0 : (byte >> 5) + 2U;
}

/* The second or third byte of a step that goes back. */
static void take_reference(struct rdb_lzf_check *check, uint8_t byte)
{
    if (check->length == 0) {
        check->length = LONG_LENGTH + 2U + byte;
        return;
    }
    uint64_t back = ((check->control & (LITERALS - 1U)) << 8 | byte) + 1U;
    check->failed = back > check->made;
    check->made += check->length;
    check->control = 0;
}

void rdb_lzf_check_bytes(struct rdb_lzf_check *check, const uint8_t *bytes, size_t count)
{
    const uint8_t *end = bytes + count;
    while (bytes < end && !check->failed) {
        if (check->literals) {
            size_t present = (size_t)(end - bytes);
            size_t part = present < check->literals ? present : (size_t)check->literals;
            check->literals -= part;
            check->made += part;
            bytes += part;
        } else if (check->control) {
            take_reference(check, *bytes++);
        } else {
            take_control(check, *bytes++);
        }
    }
}

bool rdb_lzf_check_end(const struct rdb_lzf_check *check, uint64_t len)
{
    return !check->failed && check->literals == 0 && check->control == 0 && check->made == len;
}
