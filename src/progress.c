#include "progress.h"

#include <stdio.h>
#include <time.h>

/* Nothing is shown of work shorter than the first; then the line is renewed at the second's pace. */
static const uint64_t first_after_ns = 1000000000, renew_after_ns = 200000000;

static uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void show(struct progress *progress, uint64_t now_ns)
{
    uint64_t done = progress->read_bytes;
    if (progress->total_bytes != 0 && progress->inner.position != NULL)
        done = progress->inner.position(progress->inner.self);
    double seconds = (double)(now_ns - progress->started_ns) / 1e9, rate = (double)done / seconds;
    fprintf(stderr, "\r\033[K%.0f MB, %.0f MB/s", (double)done / 1e6, rate / 1e6);
    if (progress->total_bytes > done && rate > 0)
        fprintf(stderr, ", %.0f %%, %.0f s left", 100.0 * (double)done / (double)progress->total_bytes,
                (double)(progress->total_bytes - done) / rate);
    fflush(stderr);
    progress->shown = true;
    progress->next_ns = now_ns + renew_after_ns;
}

static enum rdb_status progress_read(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct progress *progress = self;
    enum rdb_status status = progress->inner.read(progress->inner.self, buffer, capacity, got, error);
    if (status == RDB_OK) {
        progress->read_bytes += *got;
        uint64_t now_ns = clock_ns();
        if (now_ns >= progress->next_ns)
            show(progress, now_ns);
    }
    return status;
}

static void progress_close(void *self)
{
    struct progress *progress = self;
    if (progress->shown)
        fputs("\r\033[K", stderr);
    rdb_source_close(&progress->inner);
}

struct rdb_source progress_wrap(struct progress *progress, struct rdb_source source, uint64_t total_bytes)
{
    uint64_t now_ns = clock_ns();
    *progress = (struct progress){
        .inner = source,
        .total_bytes = total_bytes,
        .started_ns = now_ns,
        .next_ns = now_ns + first_after_ns,
    };
    return (struct rdb_source){.self = progress, .read = progress_read, .close = progress_close};
}
