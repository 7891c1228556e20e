#include "tape.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"

enum { SEGMENT_BYTES = 256 << 10, SEGMENTS_READ = 4, SEGMENTS_A_READER = 5, PARTS_A_READER = 8 };

/* Neighbouring bytes, of one part or several. */
struct segment {
    struct segment *next;
    uint64_t offset;
    size_t len;
    unsigned users; /* pieces, and one while it is not dealt out to its end */
    uint8_t bytes[SEGMENT_BYTES];
};

/* What a part has of a segment. */
struct piece {
    struct piece *next;
    struct segment *segment;
    size_t begin, end;
};

struct part {
    struct tape *tape;
    struct part *next;
    struct tape_part start;
    struct piece *first, *last;
    uint64_t at, end; /* of a plain file: what is to be read of it */
    bool is_whole;    /* its end is known */
};

struct tape {
    struct rdb_source *inner;
    size_t window_bytes;
    int fd; /* of a plain file; else -1 */
    /* The reading thread's own: */
    struct segment *first, *last; /* read, and not dealt out to their end */
    uint64_t dealt, read;         /* offsets */
    uint64_t db;                  /* of the records behind the last cut */
    struct part *open;            /* what is dealt out goes into it; NULL: a new one */
    uint64_t parts;
    bool begun;
    /* Under the lock: */
    pthread_mutex_t lock;
    pthread_cond_t more, room;
    struct segment *unused;
    unsigned segments, most_segments;
    struct part *first_part, *last_part; /* that nobody has taken */
    unsigned waiting_parts, most_parts;
    bool ended, stopped;
};

struct tape *tape_new(unsigned readers, size_t window_bytes)
{
    struct tape *tape = xcalloc(1, sizeof *tape);
    size_t windows = (window_bytes + SEGMENT_BYTES - 1) / SEGMENT_BYTES;
    tape->window_bytes = window_bytes;
    tape->fd = -1;
    tape->most_parts = PARTS_A_READER * readers;
    tape->most_segments = (unsigned)(windows + SEGMENTS_READ + SEGMENTS_A_READER * readers);
    pthread_mutex_init(&tape->lock, NULL);
    pthread_cond_init(&tape->more, NULL);
    pthread_cond_init(&tape->room, NULL);
    return tape;
}

static void free_segments(struct segment *segment)
{
    while (segment != NULL) {
        struct segment *next = segment->next;
        free(segment);
        segment = next;
    }
}

/* ---- segments; the lock is held ------------------------------------------------------------------------------------
 */

static void leave(struct tape *tape, struct segment *segment)
{
    if (--segment->users != 0)
        return;
    segment->next = tape->unused;
    tape->unused = segment;
    pthread_cond_signal(&tape->room);
}

static struct segment *unused_segment(struct tape *tape)
{
    while (tape->unused == NULL && tape->segments == tape->most_segments && !tape->stopped)
        pthread_cond_wait(&tape->room, &tape->lock);
    if (tape->stopped)
        return NULL;
    struct segment *segment = tape->unused;
    if (segment != NULL) {
        tape->unused = segment->next;
    } else {
        segment = xmalloc(sizeof *segment);
        tape->segments++;
    }
    segment->next = NULL;
    segment->len = 0;
    segment->users = 1;
    return segment;
}

/* ---- parts; the lock is held ---------------------------------------------------------------------------------------
 */

static struct part *open_part(struct tape *tape)
{
    struct part *part = xcalloc(1, sizeof *part);
    part->tape = tape;
    part->start = (struct tape_part){tape->parts++, tape->dealt, tape->db};
    part->at = tape->dealt;
    tape->waiting_parts++;
    *(tape->last_part != NULL ? &tape->last_part->next : &tape->first_part) = part;
    tape->last_part = part;
    return part;
}

static void add_piece(struct part *part, struct segment *segment, size_t begin, size_t end)
{
    struct piece *piece = xmalloc(sizeof *piece);
    *piece = (struct piece){NULL, segment, begin, end};
    segment->users++;
    *(part->last != NULL ? &part->last->next : &part->first) = piece;
    part->last = piece;
}

/* Everything read before `offset` goes into the open part, or into none before the first part has begun. */
static void deal(struct tape *tape, uint64_t offset)
{
    if (tape->fd >= 0) {
        tape->open = tape->begun && tape->open == NULL ? open_part(tape) : tape->open;
        tape->dealt = offset;
        return;
    }
    for (struct segment *segment; tape->dealt < offset && (segment = tape->first) != NULL;) {
        uint64_t end = segment->offset + segment->len;
        uint64_t upto = end < offset ? end : offset;
        if (tape->begun) {
            if (tape->open == NULL)
                tape->open = open_part(tape);
            add_piece(tape->open, segment, (size_t)(tape->dealt - segment->offset), (size_t)(upto - segment->offset));
        }
        tape->dealt = upto;
        if (upto == end && segment->len == SEGMENT_BYTES) {
            tape->first = segment->next;
            tape->last = tape->first != NULL ? tape->last : NULL;
            leave(tape, segment);
        }
    }
    pthread_cond_broadcast(&tape->more);
}

static void drop_first_piece(struct part *part)
{
    struct piece *piece = part->first;
    part->first = piece->next;
    part->last = part->first != NULL ? part->last : NULL;
    leave(part->tape, piece->segment);
    free(piece);
}

/* ---- the reading thread --------------------------------------------------------------------------------------------
 */

/* The segment that the next bytes go into. NULL: stopped. */
static struct segment *segment_to_fill(struct tape *tape)
{
    struct segment *last = tape->last;
    if (last != NULL && last->len < SEGMENT_BYTES)
        return last;
    pthread_mutex_lock(&tape->lock);
    /* Parts begin and end no farther back than the parser's window reaches. */
    if (tape->read > tape->window_bytes)
        deal(tape, tape->read - tape->window_bytes);
    struct segment *segment = unused_segment(tape);
    pthread_mutex_unlock(&tape->lock);
    if (segment == NULL)
        return NULL;
    segment->offset = tape->read;
    *(tape->last != NULL ? &tape->last->next : &tape->first) = segment;
    return tape->last = segment;
}

static enum rdb_status fail_stopped(const struct tape *tape, struct rdb_error *error)
{
    *error = (struct rdb_error){.status = RDB_STOPPED, .offset = tape->read, .message = "stopped"};
    return RDB_STOPPED;
}

static enum rdb_status read_along(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct tape *tape = self;
    pthread_mutex_lock(&tape->lock);
    while (tape->waiting_parts > tape->most_parts && !tape->stopped)
        pthread_cond_wait(&tape->room, &tape->lock);
    bool is_stopped = tape->stopped;
    pthread_mutex_unlock(&tape->lock);
    *got = 0;
    return is_stopped ? fail_stopped(tape, error) : tape->inner->read(tape->inner->self, buffer, capacity, got, error);
}

static enum rdb_status read_onto(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct tape *tape = self;
    struct segment *segment = segment_to_fill(tape);
    *got = 0;
    if (segment == NULL)
        return fail_stopped(tape, error);
    size_t room = SEGMENT_BYTES - segment->len;
    uint8_t *at = segment->bytes + segment->len;
    enum rdb_status status = tape->inner->read(tape->inner->self, at, capacity < room ? capacity : room, got, error);
    if (status != RDB_OK)
        return status;
    memcpy(buffer, at, *got);
    segment->len += *got;
    tape->read += *got;
    return RDB_OK;
}

struct rdb_source tape_source(struct tape *tape, struct rdb_source *inner, int fd)
{
    tape->inner = inner;
    tape->fd = fd;
    return (struct rdb_source){.self = tape, .read = fd >= 0 ? read_along : read_onto};
}

bool tape_begin(struct tape *tape, uint64_t offset, uint64_t db)
{
    pthread_mutex_lock(&tape->lock);
    bool is_there = tape->dealt <= offset;
    if (is_there)
        deal(tape, offset);
    tape->begun = is_there;
    tape->db = db;
    pthread_mutex_unlock(&tape->lock);
    return is_there;
}

void tape_cut(struct tape *tape, uint64_t offset, uint64_t db)
{
    pthread_mutex_lock(&tape->lock);
    deal(tape, offset);
    if (tape->open != NULL) {
        tape->open->end = offset;
        tape->open->is_whole = true;
    }
    tape->open = NULL;
    tape->db = db;
    pthread_cond_broadcast(&tape->more);
    pthread_mutex_unlock(&tape->lock);
}

void tape_end(struct tape *tape)
{
    pthread_mutex_lock(&tape->lock);
    tape->begun = false;
    tape->ended = true;
    pthread_cond_broadcast(&tape->more);
    pthread_mutex_unlock(&tape->lock);
}

/* ---- any thread ----------------------------------------------------------------------------------------------------
 */

void tape_stop(struct tape *tape)
{
    pthread_mutex_lock(&tape->lock);
    tape->stopped = true;
    pthread_cond_broadcast(&tape->more);
    pthread_cond_broadcast(&tape->room);
    pthread_mutex_unlock(&tape->lock);
}

/* The first piece, once there is one; NULL at the end of the part. */
static struct piece *first_piece(struct part *part)
{
    struct tape *tape = part->tape;
    while (part->first == NULL && !part->is_whole && !tape->stopped)
        pthread_cond_wait(&tape->more, &tape->lock);
    return tape->stopped ? NULL : part->first;
}

static enum rdb_status read_part(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct part *part = self;
    (void)error;
    *got = 0;
    pthread_mutex_lock(&part->tape->lock);
    struct piece *piece = first_piece(part);
    pthread_mutex_unlock(&part->tape->lock);
    if (piece == NULL)
        return RDB_OK;
    size_t len = piece->end - piece->begin;
    *got = len < capacity ? len : capacity;
    memcpy(buffer, piece->segment->bytes + piece->begin, *got);
    piece->begin += *got;
    if (piece->begin < piece->end)
        return RDB_OK;
    pthread_mutex_lock(&part->tape->lock);
    drop_first_piece(part);
    pthread_mutex_unlock(&part->tape->lock);
    return RDB_OK;
}

/* Likewise, of a plain file. */
static enum rdb_status read_file_part(void *self, uint8_t *buffer, size_t capacity, size_t *got,
                                      struct rdb_error *error)
{
    struct part *part = self;
    struct tape *tape = part->tape;
    pthread_mutex_lock(&tape->lock);
    while (!part->is_whole && !tape->stopped)
        pthread_cond_wait(&tape->more, &tape->lock);
    uint64_t end = part->is_whole ? part->end : part->at;
    pthread_mutex_unlock(&tape->lock);
    *got = 0;
    if (end == part->at)
        return RDB_OK;
    ssize_t len =
        pread(tape->fd, buffer, end - part->at < capacity ? (size_t)(end - part->at) : capacity, (off_t)part->at);
    *got = len > 0 ? (size_t)len : 0;
    part->at += *got;
    if (len >= 0)
        return RDB_OK;
    *error = (struct rdb_error){.status = RDB_ERR_READ, .offset = part->at, .message = "reading a part failed"};
    return RDB_ERR_READ;
}

static void free_part(struct part *part)
{
    while (part->first != NULL)
        drop_first_piece(part);
    free(part);
}

/* Of a part that is not whole the reading thread still has a hand: that one is left to tape_free. */
static void close_part(void *self)
{
    struct part *part = self;
    struct tape *tape = part->tape;
    pthread_mutex_lock(&tape->lock);
    if (part->is_whole) {
        free_part(part);
    } else {
        part->next = tape->first_part;
        tape->first_part = part;
        tape->last_part = tape->last_part != NULL ? tape->last_part : part;
    }
    pthread_mutex_unlock(&tape->lock);
}

bool tape_next(struct tape *tape, struct tape_part *start, struct rdb_source *source)
{
    pthread_mutex_lock(&tape->lock);
    while (tape->first_part == NULL && !tape->ended && !tape->stopped)
        pthread_cond_wait(&tape->more, &tape->lock);
    struct part *part = tape->stopped ? NULL : tape->first_part;
    if (part != NULL) {
        tape->first_part = part->next;
        tape->last_part = tape->first_part != NULL ? tape->last_part : NULL;
        tape->waiting_parts--;
        if (tape->waiting_parts == tape->most_parts / 2) /* not for each: waking a thread takes as long as many keys */
            pthread_cond_signal(&tape->room);
    }
    pthread_mutex_unlock(&tape->lock);
    if (part == NULL)
        return false;
    *start = part->start;
    *source =
        (struct rdb_source){.self = part, .read = tape->fd >= 0 ? read_file_part : read_part, .close = close_part};
    return true;
}

void tape_free(struct tape *tape)
{
    if (tape == NULL)
        return;
    while (tape->first_part != NULL) {
        struct part *next = tape->first_part->next;
        free_part(tape->first_part);
        tape->first_part = next;
    }
    if (tape->fd >= 0)
        close(tape->fd);
    free_segments(tape->first);
    free_segments(tape->unused);
    pthread_cond_destroy(&tape->more);
    pthread_cond_destroy(&tape->room);
    pthread_mutex_destroy(&tape->lock);
    free(tape);
}
