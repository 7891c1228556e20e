#include "command.h"

#include <stdint.h>
#include <string.h>

static const struct option_group *const report_groups[] = {&report_options,  &sweep_options,
                                                           &output_options,  &privacy_options,
                                                           &value_options,   &jobs_options,
                                                           &audit_options,   &filter_options,
                                                           &target_options,  &settings_options,
                                                           &time_options,    &input_options,
                                                           &general_options, NULL};
static const struct option_group *const doctor_groups[] = {
    &audit_options,    &output_options, &jobs_options,  &privacy_options, &target_options,
    &settings_options, &time_options,   &input_options, &general_options, NULL};
static const struct option_group *const keys_groups[] = {&name_options,
                                                         &key_form_options,
                                                         &jobs_options,
                                                         &privacy_options,
                                                         &filter_options,
                                                         &target_options,
                                                         &settings_options,
                                                         &time_options,
                                                         &input_options,
                                                         &general_options,
                                                         NULL};
static const struct option_group *const explain_groups[] = {&name_options,   &output_options,   &privacy_options,
                                                            &target_options, &settings_options, &time_options,
                                                            &input_options,  &general_options,  NULL};
static const struct option_group *const upgrade_groups[] = {&output_options, &jobs_options,     &filter_options,
                                                            &target_options, &settings_options, &time_options,
                                                            &input_options,  &general_options,  NULL};
static const struct option_group *const rewrite_groups[] = {
    &rewrite_options,  &name_options, &file_options,  &filter_options,  &target_options,
    &settings_options, &time_options, &input_options, &general_options, NULL};
static const struct option_group *const verify_groups[] = {&deep_options,  &output_options,  &privacy_options,
                                                           &input_options, &general_options, NULL};
static const struct option_group *const check_groups[] = {&policy_options,
                                                          &limit_options,
                                                          &output_options,
                                                          &jobs_options,
                                                          &privacy_options,
                                                          &target_options,
                                                          &settings_options,
                                                          &time_options,
                                                          &input_options,
                                                          &general_options,
                                                          NULL};
static const struct option_group *const policy_groups[] = {&init_options,   &output_options,   &jobs_options,
                                                           &target_options, &settings_options, &time_options,
                                                           &input_options,  &general_options,  NULL};
static const struct option_group *const servers_groups[] = {&output_options, &general_options, NULL};

static const struct option_group *const summarize_groups[] = {&summary_options, &file_options,     &privacy_options,
                                                              &target_options,  &settings_options, &time_options,
                                                              &input_options,   &general_options,  NULL};
static const struct option_group *const merge_groups[] = {&report_options, &output_options, &privacy_options,
                                                          &general_options, NULL};

static const struct option_group *const trend_groups[] = {
    &trend_options,    &top_options,  &output_options, &privacy_options, &target_options,
    &settings_options, &time_options, &input_options,  &general_options, NULL};
static const struct option_group *const diff_groups[] = {&top_options,    &output_options,   &privacy_options,
                                                         &target_options, &settings_options, &time_options,
                                                         &input_options,  &general_options,  NULL};

static const struct command command_rows[] = {
    {"report", "where the memory is and what to change", "FILE...",
     "Reads a snapshot and says what its keys cost in memory: by type and encoding, by cause, the largest keys, and "
     "what other settings would save. FILE is a snapshot (RDB), or - for standard input. Several files are "
     "read side by side and reported together, with a row for each.",
     1, report_groups, cmd_report, SIZE_MAX},
    {"doctor", "what is wrong, and what to do about it", "FILE",
     "Goes through a memory audit's nine checks and says what is wrong, how it knows, and what helps. A saved INFO, "
     "MEMORY MALLOC-STATS and redis.conf decide the checks that a snapshot alone cannot. Exit status 1 when a check "
     "failed.",
     1, doctor_groups, cmd_doctor},
    {"keys", "one row a key: CSV, NDJSON, SQLite", "FILE",
     "Writes one row a key, in file order: database, type, key, size_in_bytes, encoding, num_elements, "
     "len_largest_element, expiry, memory_usage, stored_encoding, idle_seconds, lfu_frequency, slot. size_in_bytes is "
     "what the server's allocator holds for the key, memory_usage what MEMORY USAGE key SAMPLES 0 would print. Keys "
     "that have expired are listed too. A key whose value is damaged has no size.",
     1, keys_groups, cmd_keys},
    {"explain", "the allocations of one key", "FILE KEY",
     "Lists what the server allocates for one key, which adds up to size_in_bytes, and what MEMORY USAGE would print. "
     "KEY is written as `rdbmeter keys` prints it.",
     2, explain_groups, cmd_explain, .keys = 1},
    {"upgrade", "what the same data costs on every server", "FILE",
     "Costs the snapshot on every server line, each with its own allocator and default settings, in one pass.", 1,
     upgrade_groups, cmd_upgrade},
    {"rewrite", "the keys to write anew after a change of settings", "FILE",
     "Lists the hashes, sets and sorted sets that the server holds in another form than it would under the settings "
     "given with --set and --config: existing keys do not follow a CONFIG SET. A restart or a failover converts them "
     "all. With --script writes commands for redis-cli (redis-cli < script) that set the settings and then write the "
     "keys anew one by one with DUMP and RESTORE REPLACE. Each key is one Lua script, which the server runs without "
     "running anybody else's command meanwhile: no write is lost, expiry and idle time are kept, and a key that has "
     "changed its form or is gone is left alone. To a client that WATCHes it, it is a write. In a cluster each node "
     "gets the script of its own snapshot. Names are true ones, as such a script needs them: there is no --redact.",
     1, rewrite_groups, cmd_rewrite},
    {"verify", "check structure and checksum", "FILE",
     "Reads the whole snapshot, checks its structure and its checksum, and says what it found. Exit status 3 when "
     "something is damaged.",
     1, verify_groups, cmd_verify},
    {"diff", "what grew from one snapshot to another", "OLD NEW",
     "Compares two snapshots, or two summaries: growth by pattern, type, encoding and database; keys that grew, "
     "shrank, "
     "appeared and vanished among the heaviest; server and settings. Snapshots are read once more to look keys up that "
     "are among the heaviest of one side only, so that their change is exact.",
     2, diff_groups, cmd_diff},
    {"trend", "history, and when maxmemory is reached", "FILE FILE...",
     "Puts summaries of one server (or its snapshots) in the order of their moments and says how its memory and its "
     "patterns grow, and when maxmemory is reached at this rate, with its uncertainty.",
     2, trend_groups, cmd_trend, SIZE_MAX},
    {"summarize", "a small file that merge, trend and diff read", "FILE",
     "Writes what a report is made of into a summary of less than 1 MB: totals, histograms, limits, the heaviest keys "
     "and patterns. Summaries of the shards of a cluster are merged into one report; those of one server over time "
     "show "
     "where it is going.",
     1, summarize_groups, cmd_summarize},
    {"merge", "one report of many summaries", "FILE...",
     "Reads summaries, in any order, and reports on all keys as if they were in one file, with a row for each file. "
     "-o NAME.rdbm writes a summary of all. A file that is missing or damaged is named, and the exit status is 3.",
     1, merge_groups, cmd_merge, SIZE_MAX},
    {"check", "hold a snapshot against limits, for CI", "FILE",
     "Holds a snapshot against a policy, a JSON file of limits, and says which are broken and by which keys. Exit "
     "status 1 when one is, 3 when the snapshot is damaged, which goes first. --format has junit, github and gitlab "
     "for CI systems; what a run writes with -o FILE.json is the --baseline of the next.",
     1, check_groups, cmd_check},
    {"policy", "what a policy can demand, and a first one", "",
     "Lists the rules that a policy can have. With --init it writes one, with comments, that the given snapshot keeps "
     "to; rdbmeter check --policy takes it. Its patterns are those of the true names, which check looks for: there is "
     "no "
     "--redact.",
     0, policy_groups, cmd_policy},
    {"servers", "the servers whose memory is modelled", "",
     "Lists the server models: the releases each covers, where its numbers come from, and how exact they were against "
     "real servers.",
     0, servers_groups, cmd_servers},
};

const struct command *commands(size_t *count)
{
    *count = sizeof command_rows / sizeof *command_rows;
    return command_rows;
}

const struct command *command_by_name(const char *name)
{
    size_t count;
    const struct command *rows = commands(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}
