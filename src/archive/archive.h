/* An archive writes the state of something into a buffer, or reads it back. A state has one function for both ways,
 * which names its members in order: what is written and what is read cannot come apart.
 *
 * Numbers are varints: seven bits a byte, lowest first, the high bit set in all but the last. When reading, every
 * number is a claim: an archive that ends early, or holds a number beyond what its place allows, has `failed`; from
 * then on it gives zeros, so that a reader may go on to its end and ask once. */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive {
    bool reads, failed;
    const uint8_t *at, *end; /* what is left to read; borrowed */
    uint8_t *bytes;          /* what was written; owned */
    size_t len, capacity;
    unsigned tighter; /* writing: how many times the room of lists is halved, so that all of it fits */
};

void archive_init_writer(struct archive *archive);
void archive_init_reader(struct archive *archive, const uint8_t *bytes, size_t len);
void archive_release(struct archive *archive);

void archive_u64(struct archive *archive, uint64_t *value);
/* Likewise, where no value may be larger than `maximum`. */
void archive_within(struct archive *archive, uint64_t *value, uint64_t maximum);
void archive_i64(struct archive *archive, int64_t *value);
void archive_bool(struct archive *archive, bool *value);
/* A number of things that follow: at most `maximum`, and each takes a byte at least. */
void archive_count(struct archive *archive, size_t *count, size_t maximum);
void archive_bytes(struct archive *archive, void *bytes, size_t len);
/* A text of at most size - 1 bytes; its NUL is not written. */
void archive_text(struct archive *archive, char *text, size_t size);
void archive_array(struct archive *archive, uint64_t *value, size_t count);
/* Likewise, where most are zero: the number of others, and before each how many zeros are skipped. */
void archive_sparse(struct archive *archive, uint64_t *value, size_t count);

/* A named part with its length before it, so that readers can skip it. Writing: what archive_chunk_begin gives goes to
 * archive_chunk_end. */
size_t archive_chunk_begin(struct archive *archive, const char *name);
void archive_chunk_end(struct archive *archive, size_t begun);
/* Reading: the next one, its content in `chunk`. false at the end, or when it does not fit (then `failed`). */
enum { ARCHIVE_NAME_MAX = 32 };
bool archive_chunk_next(struct archive *archive, char name[ARCHIVE_NAME_MAX], struct archive *chunk);

/* The room of a list that usually has so many bytes. */
static inline size_t archive_room(const struct archive *archive, size_t usual)
{
    return usual >> archive->tighter;
}

/* Whether all was read, and nothing else was there. */
static inline bool archive_is_read(const struct archive *archive)
{
    return !archive->failed && archive->at == archive->end;
}

#endif
