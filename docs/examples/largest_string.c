/* Names the longest string value of a snapshot: what a program that uses librdbparse looks like.
 *
 *   cc largest_string.c $(pkg-config --cflags --libs --static rdbparse) -o largest_string
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdbparse.h>

struct longest {
    char current[64], name[64]; /* of the key being read, of the longest so far; shortened */
    uint64_t len;
};

static enum rdb_status on_event(void *context, const struct rdb_event *event)
{
    struct longest *longest = context;
    if (event->kind == RDB_EVENT_KEY) {
        if (event->key.type != RDB_TYPE_STRING)
            return RDB_SKIP; /* the value passes by unread */
        const uint8_t *bytes = NULL;
        size_t len = rdb_string_bytes(&event->key.name, sizeof longest->current - 1, &bytes);
        if (len > 0)
            memcpy(longest->current, bytes, len);
        longest->current[len] = '\0';
    } else if (event->kind == RDB_EVENT_STRING && event->string.len >= longest->len) {
        longest->len = event->string.len;
        memcpy(longest->name, longest->current, sizeof longest->name);
    }
    return RDB_OK;
}

int main(int argc, char **argv)
{
    struct rdb_source source;
    struct rdb_error error = {0};
    struct longest longest = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: largest_string FILE\n");
        return 2;
    }
    enum rdb_status status = rdb_source_open(&source, argv[1], NULL, &error);
    if (status == RDB_OK) {
        status = rdb_parse(&source, NULL, on_event, &longest, &error);
        rdb_source_close(&source);
    }
    if (status != RDB_OK) {
        fprintf(stderr, "%s at byte %" PRIu64 ": %s\n", rdb_status_name(status), error.offset, error.message);
        return 1;
    }
    printf("%s: %" PRIu64 " bytes\n", longest.name, longest.len);
    return 0;
}
