#include "metrics.h"

static const struct metric_row rows[] = {
    {"rdbmeter_complete", NULL, NULL, NULL, "Whether the snapshot was read to its end."},
    {"rdbmeter_snapshot_timestamp_seconds", "overview", "taken_at", NULL, "When the snapshot was taken."},
    {"rdbmeter_snapshot_age_seconds", "overview", "age", NULL, "How old it was when it was read."},
    {"rdbmeter_snapshot_file_bytes", "overview", "file_bytes", NULL, "Size of the snapshot's file."},
    {"rdbmeter_snapshot_damaged_keys", "overview", "damaged_keys", NULL, "Keys whose values are damaged."},
    {"rdbmeter_dataset_bytes", "totals", "dataset_bytes", NULL, "Memory that the data takes."},
    {"rdbmeter_keyspace_bytes", "totals", "keyspace_bytes", NULL, "Of it, what is beside keys and values."},
    {"rdbmeter_used_memory_bytes", "totals", "used_mem", NULL, "used_memory of the server at the snapshot."},
    {"rdbmeter_keys", "totals", "keys", NULL, "Keys."},
    {"rdbmeter_keys_with_ttl", "totals", "expires", NULL, "Keys that expire."},
    {"rdbmeter_no_ttl_ratio", "ttl", "no_ttl_share", NULL, "Bytes of keys that never expire, of all."},
    {"rdbmeter_type_keys", "types", "encodings", "keys", "Keys by type and encoding."},
    {"rdbmeter_type_bytes", "types", "encodings", "bytes", "Bytes by type and encoding."},
    {"rdbmeter_part_bytes", "parts", "causes", "bytes", "Bytes by cause."},
    {"rdbmeter_database_keys", "databases", "list", "keys", "Keys by database."},
    {"rdbmeter_database_bytes", "databases", "list", "bytes", "Bytes of keys by database."},
    {"rdbmeter_expiry_keys", "ttl", "buckets", "keys", "Keys by when they expire."},
    {"rdbmeter_expiry_bytes", "ttl", "buckets", "bytes", "Bytes by when they expire."},
    {"rdbmeter_unpacked_keys", "violations", "reasons", "keys", "Keys kept from being packed, by type and reason."},
    {"rdbmeter_unpacked_saved_bytes", "violations", "reasons", "saved_bytes", "What packing them would save."},
    {"rdbmeter_pattern_keys", "groups", "list", "keys", "Keys by pattern of their names, the heaviest patterns."},
    {"rdbmeter_pattern_bytes", "groups", "list", "bytes", "Bytes by pattern of the names, the heaviest patterns."},
    {"rdbmeter_policy_rules", "check", "rule_count", NULL, "Rules of the policy."},
    {"rdbmeter_policy_failed_rules", "check", "failed", NULL, "Rules of the policy that are broken."},
    {"rdbmeter_policy_rule_kept", "check", "rules", "kept", "Whether a rule of the policy is kept."},
    {"rdbmeter_policy_found", "check", "rules", "found_value", "What was found for a rule, in its unit."},
    {"rdbmeter_policy_limit", "check", "rules", "limit_value", "The limit of a rule, in its unit."},
    {"rdbmeter_policy_pattern_keys", "check", "scopes", "keys", "Keys of a pattern of the policy."},
    {"rdbmeter_policy_pattern_bytes", "check", "scopes", "bytes", "Bytes of a pattern of the policy."},
};

const struct metric_row *metrics(size_t *count)
{
    *count = sizeof rows / sizeof *rows;
    return rows;
}
