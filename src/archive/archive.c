#include "archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../exit_status.h"

enum { CHUNK_LENGTH_BYTES = 4 };

void archive_init_writer(struct archive *archive)
{
    *archive = (struct archive){.reads = false};
}

void archive_init_reader(struct archive *archive, const uint8_t *bytes, size_t len)
{
    *archive = (struct archive){.reads = true, .at = bytes, .end = bytes + len};
}

void archive_release(struct archive *archive)
{
    free(archive->bytes);
    *archive = (struct archive){.failed = true};
}

/* Room for `len` more bytes. */
static uint8_t *reserve(struct archive *archive, size_t len)
{
    if (archive->capacity - archive->len < len) {
        archive->capacity = 2 * archive->capacity + len + 256;
        archive->bytes = realloc(archive->bytes, archive->capacity);
        if (archive->bytes == NULL) {
            fputs("rdbmeter: out of memory\n", stderr);
            exit(EXIT_STATUS_UNUSABLE);
        }
    }
    return archive->bytes + archive->len;
}

static void fail(struct archive *archive)
{
    archive->failed = true;
    archive->at = archive->end;
}

static uint64_t read_u64(struct archive *archive)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && archive->at < archive->end; shift += 7) {
        uint8_t byte = *archive->at++;
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    fail(archive);
    return 0;
}

static void write_u64(struct archive *archive, uint64_t value)
{
    uint8_t *at = reserve(archive, 10);
    for (; value >= 0x80; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    archive->len = (size_t)(at - archive->bytes);
}

void archive_u64(struct archive *archive, uint64_t *value)
{
    if (archive->reads)
        *value = read_u64(archive);
    else
        write_u64(archive, *value);
}

void archive_within(struct archive *archive, uint64_t *value, uint64_t maximum)
{
    archive_u64(archive, value);
    if (archive->reads && *value > maximum) {
        *value = 0;
        fail(archive);
    }
}

/* Small numbers of either sign are short: 0, -1, 1, -2, ... */
void archive_i64(struct archive *archive, int64_t *value)
{
    uint64_t folded = (uint64_t)*value << 1 ^ (*value < 0 ? UINT64_MAX : 0);
    archive_u64(archive, &folded);
    if (archive->reads)
        *value = (int64_t)(folded >> 1 ^ (folded & 1 ? UINT64_MAX : 0));
}

void archive_bool(struct archive *archive, bool *value)
{
    uint64_t number = *value;
    archive_within(archive, &number, 1);
    *value = number;
}

void archive_count(struct archive *archive, size_t *count, size_t maximum)
{
    uint64_t number = *count, left = (uint64_t)(archive->end - archive->at);
    if (archive->reads && left < maximum)
        maximum = left;
    archive_within(archive, &number, maximum);
    *count = number;
}

void archive_bytes(struct archive *archive, void *bytes, size_t len)
{
    if (len == 0)
        return;
    if (!archive->reads) {
        memcpy(reserve(archive, len), bytes, len);
        archive->len += len;
    } else if ((size_t)(archive->end - archive->at) < len) {
        memset(bytes, 0, len);
        fail(archive);
    } else {
        memcpy(bytes, archive->at, len);
        archive->at += len;
    }
}

void archive_text(struct archive *archive, char *text, size_t size)
{
    size_t len = archive->reads ? 0 : strlen(text);
    archive_count(archive, &len, size - 1);
    archive_bytes(archive, text, len);
    if (!archive->reads)
        return;
    text[len] = '\0';
    if (strlen(text) != len)
        fail(archive);
}

void archive_array(struct archive *archive, uint64_t *value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        archive_u64(archive, &value[i]);
}

void archive_sparse(struct archive *archive, uint64_t *value, size_t count)
{
    size_t present = 0, at = 0;
    for (size_t i = 0; i < count && !archive->reads; i++)
        present += value[i] != 0;
    if (archive->reads)
        memset(value, 0, count * sizeof(*value));
    archive_count(archive, &present, count);
    for (; present > 0; present--) {
        uint64_t zeros = 0;
        while (!archive->reads && value[at + zeros] == 0)
            zeros++;
        archive_within(archive, &zeros, count - 1 - at);
        if (archive->failed)
            return;
        at += zeros;
        archive_u64(archive, &value[at++]);
        if (at == count && present > 1 && archive->reads) {
            fail(archive);
            return;
        }
    }
}

size_t archive_chunk_begin(struct archive *archive, const char *name)
{
    char text[ARCHIVE_NAME_MAX];
    snprintf(text, sizeof text, "%s", name);
    archive_text(archive, text, sizeof text);
    memset(reserve(archive, CHUNK_LENGTH_BYTES), 0, CHUNK_LENGTH_BYTES);
    archive->len += CHUNK_LENGTH_BYTES;
    return archive->len;
}

void archive_chunk_end(struct archive *archive, size_t begun)
{
    size_t len = archive->len - begun;
    for (unsigned i = 0; i < CHUNK_LENGTH_BYTES; i++)
        archive->bytes[begun - CHUNK_LENGTH_BYTES + i] = (uint8_t)(len >> 8 * i);
}

bool archive_chunk_next(struct archive *archive, char name[ARCHIVE_NAME_MAX], struct archive *chunk)
{
    uint8_t bytes[CHUNK_LENGTH_BYTES] = {0};
    size_t len = 0;
    if (archive->at == archive->end)
        return false;
    archive_text(archive, name, ARCHIVE_NAME_MAX);
    archive_bytes(archive, bytes, sizeof bytes);
    for (unsigned i = 0; i < CHUNK_LENGTH_BYTES; i++)
        len |= (size_t)bytes[i] << 8 * i;
    if (archive->failed || len > (size_t)(archive->end - archive->at)) {
        fail(archive);
        return false;
    }
    archive_init_reader(chunk, archive->at, len);
    archive->at += len;
    return true;
}
