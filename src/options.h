/* Command-line options as data. A row says everything about an option; parsing, --help, "did you mean", the man page
 * and the completions derive from it. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an option's argument is read, and the type of the member at `offset` that takes it. */
enum option_kind {
    OPTION_FLAG,   /* bool; takes no argument */
    OPTION_TEXT,   /* const char * */
    OPTION_TEXTS,  /* struct text_list: the option may be repeated */
    OPTION_COUNT,  /* uint64_t */
    OPTION_BYTES,  /* uint64_t: 1500, 10kb, 64mb, as in redis.conf */
    OPTION_TIME,   /* struct option_time */
    OPTION_CHOICE, /* unsigned: index into `choices` */
};

enum { OPTIONS_MAX_TEXTS = 64, OPTIONS_MESSAGE_BYTES = 400 };

struct text_list {
    const char *text[OPTIONS_MAX_TEXTS];
    size_t count;
};

/* Words that are no options, such as the shards of a cluster: as many as the caller has room for. */
struct operand_list {
    const char **text; /* the caller's, `capacity` of them */
    size_t count, capacity;
};

struct option_time {
    int64_t ms; /* since 1970, UTC */
    bool given;
};

struct option {
    const char *name;           /* without "--" */
    const char *argument;       /* its name in the help; NULL for a flag */
    const char *help;           /* one sentence, lower case, no full stop */
    const char *const *choices; /* OPTION_CHOICE: the words, ended by NULL */
    size_t offset;              /* of the member in the struct of values */
    enum option_kind kind;
    char letter; /* short form, 0 for none */
};

/* Rows that commands share; a command's options are a list of groups ended by NULL. */
struct option_group {
    const char *title;
    const struct option *rows;
    size_t count;
};

/* Reads argv[0..argc) into `values` (already holding the defaults) and the other words into `operands`. "--name=value",
 * "--name value", "-n value", "-nvalue" and "--" are understood; options and operands may be mixed. All texts are
 * borrowed from argv. Returns false and one line in `message` when something cannot be understood. */
bool options_parse(const struct option_group *const *groups, void *values, struct operand_list *operands, int argc,
                   const char *const *argv, char message[OPTIONS_MESSAGE_BYTES]);

/* "1500", "10k" (1000s), "10kb" (1024s), up to "gb", in any case: redis.conf's notation. */
bool options_parse_bytes(const char *text, uint64_t *bytes);
/* Seconds since 1970 with up to three decimals, or "2026-11-20", "2026-11-20T07:36:00", "...:00.123Z" (UTC). */
bool options_parse_time(const char *text, int64_t *ms);
/* A decimal number without sign. */
bool options_parse_count(const char *text, uint64_t *count);

#endif
