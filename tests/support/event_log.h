/* A sink that writes every event as a line of text, and walks every packed blob. Two parses of the same snapshot give
 * the same text, whatever the sizes of reads and windows: what depends on those (how much of a long string is at hand)
 * is not written. */
#ifndef EVENT_LOG_H
#define EVENT_LOG_H

#include "rdbparse.h"

struct event_log {
    char *text; /* ends with NUL; NULL while nothing was logged */
    size_t len, capacity;
    uint64_t keys, damaged, findings;
    uint64_t joined;   /* keys that came in one event; logged as the three that it stands for */
    bool offsets;      /* begin each line with the event's offset */
    bool skip_values;  /* answer RDB_SKIP to every key */
    bool leave_packed; /* do not walk blobs */
    struct rdb_end end;
};

void event_log_release(struct event_log *log);
/* The sink; its context is a struct event_log. */
enum rdb_status event_log_sink(void *context, const struct rdb_event *event);

/* Parses `len` bytes, read in steps of `step` (0: all at once), into `log`; its last line is the status, and of a
 * failure the message. */
enum rdb_status event_log_parse(struct event_log *log, const void *bytes, size_t len, size_t step,
                                const struct rdb_options *options, struct rdb_error *error);

#endif
