/* Every value that the command line can set, and the groups of option rows that commands choose from. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "check_rules.h"
#include "filter.h"
#include "memory_budget.h"
#include "options.h"
#include "redact.h"

struct input_options {
    uint64_t memory_max;         /* --max-memory; 0: no bound but each table's own */
    struct memory_budget memory; /* what that leaves to each table: memory_budget_prepare */
    bool skip_checksum;
    bool deep;
    struct option_time now;
};

struct target_options {
    const char *server;    /* --target; NULL: the file says */
    const char *allocator; /* NULL: the server's own */
    const char *config;    /* path of a redis.conf */
    struct text_list set;  /* name=value */
};

struct audit_options {
    const char *info;         /* path of a saved INFO */
    const char *malloc_stats; /* path of a saved MEMORY MALLOC-STATS */
};

struct privacy_options {
    bool redact; /* hide names */
    bool show_values;
    const char *key_path;     /* of what the redactor's key is made from */
    struct redactor redactor; /* where `redact` says so, from privacy_prepare on */
};

/* What check holds a snapshot against. */
struct limit_options {
    const char *policy, *baseline; /* paths */
    const char *limit[RULE_COUNT];
    bool flag[RULE_COUNT]; /* of rules whose unit is one */
};

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct output_options {
    struct text_list paths; /* -o */
    uint64_t jobs;          /* -j; 0: as many as there are processors, of threads for a file or of files at a time */
    const char *format;     /* of standard output, and of files whose extension says nothing */
    struct text_list sections;
    const char *separators; /* of prefixes; NULL: guessed */
    uint64_t depth;         /* of prefixes; 0: all */
    struct text_list sweep; /* --sweep name=a,b,c */
    const char *nodes;      /* --nodes; NULL: each file is one */
    const char *section;    /* the table that CSV prints */
    uint64_t top;
    unsigned color;    /* enum color_choice */
    bool quiet;        /* no progress */
    unsigned key_form; /* for key_form_choose */
};

struct cli_options {
    bool help, version;
    struct input_options input;
    struct target_options target;
    struct filter_options filter;
    struct output_options output;
    struct privacy_options privacy;
    struct audit_options audit;
    bool script; /* rewrite: commands for redis-cli instead of a list */
    struct limit_options limits;
    const char *init;      /* the snapshot that policy --init starts from */
    unsigned key_format;   /* enum name_format of report/render.h */
    const char *file_name; /* summarize: what the file is called in the summary; NULL: its path */
    uint64_t maxmemory;    /* trend: 0: --info says, or nobody */
    struct operand_list operands;
};

/* The defaults. */
void cli_options_init(struct cli_options *options);

extern const struct option_group general_options;  /* --help, --version */
extern const struct option_group input_options;    /* --no-checksum, --quiet */
extern const struct option_group time_options;     /* --now */
extern const struct option_group deep_options;     /* --deep */
extern const struct option_group target_options;   /* --target, --allocator, --set, --config */
extern const struct option_group settings_options; /* --set and --config alone */
extern const struct option_group filter_options;   /* --match, --regex, --type, --db, --min-size, --expiry */
extern const struct option_group output_options;   /* -o, --format, --section, --color */
extern const struct option_group report_options;   /* --top, --separators, --depth, --sections */
extern const struct option_group sweep_options;    /* --sweep */
extern const struct option_group top_options;      /* --top alone */
extern const struct option_group summary_options;  /* --name, --sections */
extern const struct option_group trend_options;    /* --maxmemory, --info */
extern const struct option_group jobs_options;     /* --jobs */
extern const struct option_group audit_options;    /* --info, --malloc-stats */
extern const struct option_group policy_options;   /* --policy, --baseline, --top */
extern const struct option_group limit_options;    /* --max-key-bytes and the other limits of a policy */
extern const struct option_group init_options;     /* --init */
extern const struct option_group file_options;     /* -o alone */
extern const struct option_group key_form_options; /* -o and --format of the table of keys */
extern const struct option_group rewrite_options;  /* --script */
extern const struct option_group privacy_options;  /* --redact, --redact-key */
extern const struct option_group value_options;    /* --show-values */
extern const struct option_group name_options;     /* --key-format */

#endif
