#include "cli_options.h"

#define AT(member)  offsetof(struct cli_options, member)
#define GROUP(rows) rows, sizeof(rows) / sizeof *(rows)

enum { TOP_DEFAULT = 20 };

void cli_options_init(struct cli_options *options)
{
    *options = (struct cli_options){.output = {.top = TOP_DEFAULT}};
}

static const char *const expiry_words[] = {"any", "has", "none", "expired", NULL};
static const char *const color_words[] = {"auto", "always", "never", NULL};
/* In the order of key_form.c's rows, which begin behind "auto". */
static const char *const key_form_words[] = {"auto", "csv", "ndjson", "sqlite", NULL};
static const char *const key_format_words[] = {"escaped", "hex", "base64", NULL};

static const struct option general_rows[] = {
    {"help", NULL, "print this help", NULL, AT(help), OPTION_FLAG, 'h'},
    {"version", NULL, "print the version", NULL, AT(version), OPTION_FLAG, 'V'},
};
const struct option_group general_options = {"General", GROUP(general_rows)};

static const struct option input_rows[] = {
    {"no-checksum", NULL, "do not compute the snapshot's checksum", NULL, AT(input.skip_checksum), OPTION_FLAG, 0},
    {"max-memory", "SIZE",
     "take no more memory than this, such as 32mb: tables become smaller where it does not suffice, which is said",
     NULL, AT(input.memory_max), OPTION_BYTES, 0},
    {"quiet", NULL, "show no progress on a terminal", NULL, AT(output.quiet), OPTION_FLAG, 'q'},
};
const struct option_group input_options = {"Reading", GROUP(input_rows)};

static const struct option time_rows[] = {
    {"now", "TIME",
     "the moment against which keys are expired: seconds since 1970 or 2026-11-20T07:36:00Z; without it the moment of "
     "the snapshot, else the clock",
     NULL, AT(input.now), OPTION_TIME, 0},
};
const struct option_group time_options = {"Time", GROUP(time_rows)};

static const struct option deep_rows[] = {
    {"deep", NULL, "also walk every packed value, as a server with sanitize-dump-payload yes", NULL, AT(input.deep),
     OPTION_FLAG, 0},
};
const struct option_group deep_options = {"Depth", GROUP(deep_rows)};

static const struct option target_rows[] = {
    {"target", "SERVER",
     "cost the keys as this server would hold them, such as redis-7.2 (see rdbmeter servers); without it the server "
     "that wrote the file",
     NULL, AT(target.server), OPTION_TEXT, 't'},
    {"allocator", "NAME",
     "the server's allocator: jemalloc-8 (upstream builds and official images), jemalloc-16 (Debian's and Ubuntu's "
     "packages), jemalloc-3.6, libc",
     NULL, AT(target.allocator), OPTION_TEXT, 'a'},
};
const struct option_group target_options = {"Server", GROUP(target_rows)};

static const struct option settings_rows[] = {
    {"set", "NAME=VALUE", "a setting as in redis.conf, such as hash-max-listpack-entries=256; repeatable", NULL,
     AT(target.set), OPTION_TEXTS, 's'},
    {"config", "FILE",
     "take the settings from a redis.conf, or from what redis-cli CONFIG GET '*' printed; --set goes before it", NULL,
     AT(target.config), OPTION_TEXT, 'c'},
};
const struct option_group settings_options = {"Settings", GROUP(settings_rows)};

static const struct option filter_rows[] = {
    {"match", "GLOB", "only keys whose name matches, as SCAN does: * ? [a-z] [^a] \\x; repeatable", NULL,
     AT(filter.match), OPTION_TEXTS, 'm'},
    {"regex", "REGEX", "only keys in whose name this PCRE2 expression is found; repeatable", NULL, AT(filter.regex),
     OPTION_TEXTS, 'r'},
    {"type", "TYPE[,TYPE]", "only keys of these types: string, list, set, zset, hash, stream, ...", NULL,
     AT(filter.type), OPTION_TEXTS, 0},
    {"db", "N[,N]", "only keys of these databases", NULL, AT(filter.db), OPTION_TEXTS, 'n'},
    {"min-size", "BYTES", "only keys that cost at least this much: 1500, 10kb, 64mb", NULL, AT(filter.min_size),
     OPTION_BYTES, 0},
    {"expiry", "any|has|none|expired", "only keys with an expiry, without one, or already expired", expiry_words,
     AT(filter.expiry), OPTION_CHOICE, 0},
};
const struct option_group filter_options = {"Filters", GROUP(filter_rows)};

static const struct option file_rows[] = {
    {"output", "FILE", "write to this file instead of standard output; repeatable where formats differ", NULL,
     AT(output.paths), OPTION_TEXTS, 'o'},
};
const struct option_group file_options = {"Output", GROUP(file_rows)};

static const struct option key_form_rows[] = {
    {"output", "FILE",
     "write to this file instead of standard output, in the form that its extension names: .csv, .ndjson or .jsonl, "
     ".db, .sqlite or .sqlite3",
     NULL, AT(output.paths), OPTION_TEXTS, 'o'},
    {"format", "auto|csv|ndjson|sqlite",
     "rows of CSV, an object a line, or a table `keys` in an SQLite database; auto: by the extension, else csv",
     key_form_words, AT(output.key_form), OPTION_CHOICE, 'f'},
};
const struct option_group key_form_options = {"Output", GROUP(key_form_rows)};

static const struct option output_rows[] = {
    {"output", "FILE", "write to this file, in the format that its extension names; repeatable", NULL, AT(output.paths),
     OPTION_TEXTS, 'o'},
    {"format", "FORMAT", "of standard output, and of files without a telling extension: text, json, csv, ...", NULL,
     AT(output.format), OPTION_TEXT, 'f'},
    {"section", "NAME", "the table that CSV prints: a section's id, or section.table", NULL, AT(output.section),
     OPTION_TEXT, 0},
    {"color", "auto|always|never", "colours; auto: on a terminal, unless NO_COLOR is set", color_words,
     AT(output.color), OPTION_CHOICE, 0},
};
const struct option_group output_options = {"Output", GROUP(output_rows)};

static const struct option report_rows[] = {
    {"top", "N", "rows of the lists of largest keys (default 20; 0 hides them)", NULL, AT(output.top), OPTION_COUNT, 0},
    {"separators", "BYTES",
     "where names are cut into prefixes, such as ':/|.'; without it guessed from the names: of \":/|.;,#@\" those that "
     "a "
     "tenth of the keys have, else of \"_-\"",
     NULL, AT(output.separators), OPTION_TEXT, 0},
    {"depth", "N", "prefixes of N parts at most (default: all within a name's first 64 bytes)", NULL, AT(output.depth),
     OPTION_COUNT, 0},
    {"sections", "NAME[,NAME]", "print these sections only", NULL, AT(output.sections), OPTION_TEXTS, 0},
    {"nodes", "N|RANGES",
     "name the hash slots to move so that a cluster's nodes hold the same bytes: N nodes with equal ranges, or the "
     "slots of each, such as 0-5460,5461-10922,10923-16383; without it each of several files is a node",
     NULL, AT(output.nodes), OPTION_TEXT, 0},
};
const struct option_group report_options = {"Contents", GROUP(report_rows)};

static const struct option sweep_rows[] = {
    {"sweep", "NAME=A[,B]",
     "the values of a setting that are tried, instead of doublings around the one in force; repeatable", NULL,
     AT(output.sweep), OPTION_TEXTS, 0},
};
const struct option_group sweep_options = {"Limits that are tried", GROUP(sweep_rows)};

static const struct option top_rows[] = {
    {"top", "N", "rows of each list (default 20)", NULL, AT(output.top), OPTION_COUNT, 0},
};
const struct option_group top_options = {"Contents", GROUP(top_rows)};

static const struct option summary_rows[] = {
    {"name", "NAME", "what the file is called in the summary, where it comes through a pipe", NULL, AT(file_name),
     OPTION_TEXT, 0},
    {"sections", "NAME[,NAME]", "also gather these sections, which are not in every report: allocator_bins", NULL,
     AT(output.sections), OPTION_TEXTS, 0},
};
const struct option_group summary_options = {"Contents", GROUP(summary_rows)};

static const struct option trend_rows[] = {
    {"maxmemory", "BYTES", "the limit to be reached: 64gb", NULL, AT(maxmemory), OPTION_BYTES, 0},
    {"info", "FILE", "take the limit from what redis-cli INFO printed", NULL, AT(audit.info), OPTION_TEXT, 'i'},
};
const struct option_group trend_options = {"Limit", GROUP(trend_rows)};

static const struct option jobs_rows[] = {
    {"jobs", "N",
     "so many threads for one file, at most 8 (default: as many as there are processors, at most 4), or files at a "
     "time (default: as many as there are processors)",
     NULL, AT(output.jobs), OPTION_COUNT, 'j'},
};
const struct option_group jobs_options = {"Threads", GROUP(jobs_rows)};

static const struct option audit_rows[] = {
    {"info", "FILE", "what redis-cli INFO printed, any sections of it: judged beside the snapshot", NULL,
     AT(audit.info), OPTION_TEXT, 'i'},
    {"malloc-stats", "FILE", "what redis-cli MEMORY MALLOC-STATS printed (jemalloc); says which allocator it is", NULL,
     AT(audit.malloc_stats), OPTION_TEXT, 0},
};
const struct option_group audit_options = {"Saved outputs of the server", GROUP(audit_rows)};

static const struct option rewrite_rows[] = {
    {"script", NULL, "write commands for redis-cli that write the keys anew, instead of a list", NULL, AT(script),
     OPTION_FLAG, 0},
};
const struct option_group rewrite_options = {"Form", GROUP(rewrite_rows)};

static const struct option privacy_rows[] = {
    {"redact", NULL,
     "hide names: the same name always becomes the same letters and digits, separators and the shape of patterns stay; "
     "for filters and operands names are as they are",
     NULL, AT(privacy.redact), OPTION_FLAG, 0},
    {"redact-key", "FILE",
     "hide names under the key that this file holds, so that reports join; without it that of RDBMETER_REDACT_KEY, "
     "else "
     "a random one",
     NULL, AT(privacy.key_path), OPTION_TEXT, 0},
};
const struct option_group privacy_options = {"Privacy", GROUP(privacy_rows)};

static const struct option value_rows[] = {
    {"show-values", NULL,
     "also show members of sets that are in the way of a better encoding; else no byte of a value is", NULL,
     AT(privacy.show_values), OPTION_FLAG, 0},
};
const struct option_group value_options = {"Values", GROUP(value_rows)};

static const struct option policy_rows[] = {
    {"policy", "FILE", "what the snapshot is held against; limits given as options go before it", NULL,
     AT(limits.policy), OPTION_TEXT, 'p'},
    {"baseline", "FILE",
     "what growth is counted from: an earlier snapshot, its summary, or the JSON that report or check wrote of it",
     NULL, AT(limits.baseline), OPTION_TEXT, 'b'},
    {"top", "N", "keys that are named, for each limit that they break (default 20)", NULL, AT(output.top), OPTION_COUNT,
     0},
};
const struct option_group policy_options = {"Policy", GROUP(policy_rows)};

/* One option a rule: its argument by its unit. */
#define LIMIT_BYTES(rule)     "BYTES", AT(limits.limit[rule]), OPTION_TEXT
#define LIMIT_COUNT(rule)     "N", AT(limits.limit[rule]), OPTION_TEXT
#define LIMIT_SHARE(rule)     "SHARE", AT(limits.limit[rule]), OPTION_TEXT
#define LIMIT_DURATION(rule)  "TIME", AT(limits.limit[rule]), OPTION_TEXT
#define LIMIT_ENCODINGS(rule) "NAME[,NAME]", AT(limits.limit[rule]), OPTION_TEXT
#define LIMIT_FLAG(rule)      NULL, AT(limits.flag[rule]), OPTION_FLAG
#define LIMIT_ROW(name, help, argument, offset, kind)                                                                  \
    {                                                                                                                  \
        name, argument, help, NULL, offset, kind, 0                                                                    \
    }
#define LIMIT_ROW_OF(...)                                LIMIT_ROW(__VA_ARGS__)
#define X(id, field, option, unit, stage, measure, help) LIMIT_ROW_OF(option, help, LIMIT_##unit(RULE_##id)),
static const struct option limit_rows[] = {CHECK_RULES(X)};
#undef X
const struct option_group limit_options = {"Limits", GROUP(limit_rows)};

static const struct option init_rows[] = {
    {"init", "FILE", "write a policy that this snapshot keeps to, with a little room", NULL, AT(init), OPTION_TEXT, 0},
};
const struct option_group init_options = {"Starter", GROUP(init_rows)};

static const struct option name_rows[] = {
    {"key-format", "escaped|hex|base64",
     "how names are written, each reversible: printable UTF-8 with \\xHH for the rest, hexadecimal, or base64",
     key_format_words, AT(key_format), OPTION_CHOICE, 'k'},
};
const struct option_group name_options = {"Names", GROUP(name_rows)};
