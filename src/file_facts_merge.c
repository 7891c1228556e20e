#include <stdio.h>
#include <string.h>

#include "archive/archive.h"
#include "file_facts.h"

enum { FILE_MAX_ARCHIVED_FINDINGS = 8 };

/* How little each verdict leaves to rely on. */
static const unsigned char doubt[] = {[CHECKSUM_OK] = 0,
                                      [CHECKSUM_ABSENT] = 1,
                                      [CHECKSUM_NOT_COMPUTED] = 2,
                                      [CHECKSUM_SKIPPED] = 3,
                                      [CHECKSUM_MISMATCH] = 4};

static void merge_text(char *text, const char *other, size_t size)
{
    if (strcmp(text, other) != 0)
        snprintf(text, size, "%s", "");
}

static void merge_moment(struct file_facts *facts, const struct file_facts *other)
{
    if (facts->read_at_ms < other->read_at_ms)
        facts->read_at_ms = other->read_at_ms;
    if (facts->ctime_ms < other->ctime_ms)
        facts->ctime_ms = other->ctime_ms;
    facts->has_ctime &= other->has_ctime;
    facts->has_used_mem &= other->has_used_mem;
    facts->used_mem += other->used_mem;
}

static void merge_databases(struct file_facts *facts, const struct file_facts *other)
{
    size_t words = sizeof facts->databases_seen / sizeof *facts->databases_seen;
    facts->databases += other->databases;
    for (size_t i = 0; i < words; i++) {
        facts->databases -= (uint64_t)__builtin_popcountll(facts->databases_seen[i] & other->databases_seen[i]);
        facts->databases_seen[i] |= other->databases_seen[i];
    }
}

static void merge_counts(struct file_facts *facts, const struct file_facts *other)
{
    /* Of what comes through a pipe it is not known, and then not of all together. */
    facts->size_bytes = facts->size_bytes != 0 && other->size_bytes != 0 ? facts->size_bytes + other->size_bytes : 0;
    facts->snapshot_bytes += other->snapshot_bytes;
    facts->trailing_bytes += other->trailing_bytes;
    facts->incremental_bytes += other->incremental_bytes;
    facts->keys += other->keys;
    facts->expires += other->expires;
    facts->resizedb_keys += other->resizedb_keys;
    facts->resizedb_expires += other->resizedb_expires;
    facts->functions += other->functions;
    facts->function_bytes += other->function_bytes;
    facts->damaged_keys += other->damaged_keys;
    facts->filtered_keys += other->filtered_keys;
}

static void merge_flags(struct file_facts *facts, const struct file_facts *other)
{
    facts->trailing_is_aof |= other->trailing_is_aof;
    facts->is_keydb |= other->is_keydb;
    facts->is_dragonfly |= other->is_dragonfly;
    facts->is_cluster |= other->is_cluster;
    facts->target_given |= other->target_given;
    facts->has_resizedb |= other->has_resizedb;
    facts->is_filtered |= other->is_filtered;
    facts->partial |= other->partial;
    if (facts->match < other->match)
        facts->match = other->match;
    if (doubt[facts->checksum] < doubt[other->checksum])
        facts->checksum = other->checksum;
    if (facts->rdb_version < other->rdb_version)
        facts->rdb_version = other->rdb_version;
    if (facts->redis_bits != other->redis_bits)
        facts->redis_bits = 0;
}

static void merge_findings(struct file_facts *facts, const struct file_facts *other)
{
    uint64_t all = facts->finding_count + other->finding_count;
    for (uint64_t i = 0; i < other->finding_count && i < FILE_MAX_FINDINGS; i++)
        file_facts_finding(facts, other->findings[i].offset, other->findings[i].key, other->findings[i].message);
    facts->finding_count = all;
}

void file_facts_merge(struct file_facts *facts, const struct file_facts *other)
{
    const char *path = facts->path;
    if (facts->files == 0) {
        *facts = *other;
        facts->path = path;
        facts->files = other->files != 0 ? other->files : 1;
        return;
    }
    merge_text(facts->wrapping, other->wrapping, sizeof facts->wrapping);
    merge_text(facts->server_version, other->server_version, sizeof facts->server_version);
    merge_text(facts->partial_reason, other->partial_reason, sizeof facts->partial_reason);
    if (strcmp(facts->redact_key, other->redact_key) != 0)
        snprintf(facts->redact_key, sizeof facts->redact_key, "several");
    merge_moment(facts, other);
    merge_databases(facts, other);
    merge_counts(facts, other);
    merge_flags(facts, other);
    merge_findings(facts, other);
    facts->files += other->files != 0 ? other->files : 1;
}

/* ---- archives ------------------------------------------------------------------------------------------------------
 */

static void archive_flags(struct file_facts *facts, struct archive *archive)
{
    bool *const flags[] = {&facts->trailing_is_aof, &facts->is_keydb,     &facts->is_dragonfly, &facts->is_cluster,
                           &facts->has_ctime,       &facts->has_used_mem, &facts->target_given, &facts->has_resizedb,
                           &facts->is_filtered,     &facts->partial};
    uint64_t family = facts->family, match = facts->match, checksum = facts->checksum;
    uint64_t version = facts->rdb_version, bits = facts->redis_bits;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        archive_bool(archive, flags[i]);
    archive_within(archive, &family, SERVER_VALKEY);
    archive_within(archive, &match, SERVER_BY_VERSION);
    archive_within(archive, &checksum, CHECKSUM_SKIPPED);
    archive_within(archive, &version, UINT32_MAX);
    archive_within(archive, &bits, 64);
    facts->family = (enum server_family)family;
    facts->match = (enum server_match)match;
    facts->checksum = (enum checksum_verdict)checksum;
    facts->rdb_version = (unsigned)version;
    facts->redis_bits = (unsigned)bits;
}

static void archive_counts(struct file_facts *facts, struct archive *archive)
{
    uint64_t *const counts[] = {
        &facts->size_bytes, &facts->snapshot_bytes,  &facts->trailing_bytes,    &facts->incremental_bytes,
        &facts->used_mem,   &facts->checksum_stored, &facts->checksum_computed, &facts->keys,
        &facts->expires,    &facts->resizedb_keys,   &facts->resizedb_expires,  &facts->databases,
        &facts->functions,  &facts->function_bytes,  &facts->damaged_keys,      &facts->filtered_keys,
        &facts->files};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        archive_u64(archive, counts[i]);
    archive_array(archive, facts->databases_seen, sizeof facts->databases_seen / sizeof *facts->databases_seen);
    archive_i64(archive, &facts->read_at_ms);
    archive_i64(archive, &facts->ctime_ms);
}

void file_facts_archive(struct file_facts *facts, struct archive *archive)
{
    uint64_t findings =
        facts->finding_count < FILE_MAX_ARCHIVED_FINDINGS ? facts->finding_count : FILE_MAX_ARCHIVED_FINDINGS;
    archive_text(archive, facts->wrapping, sizeof facts->wrapping);
    archive_text(archive, facts->server_version, sizeof facts->server_version);
    archive_text(archive, facts->partial_reason, sizeof facts->partial_reason);
    archive_text(archive, facts->redact_key, sizeof facts->redact_key);
    archive_flags(facts, archive);
    archive_counts(facts, archive);
    archive_within(archive, &findings, FILE_MAX_ARCHIVED_FINDINGS);
    for (uint64_t i = 0; i < findings; i++) {
        archive_u64(archive, &facts->findings[i].offset);
        archive_text(archive, facts->findings[i].key, sizeof facts->findings[i].key);
        archive_text(archive, facts->findings[i].message, sizeof facts->findings[i].message);
    }
    facts->finding_count = archive->reads ? findings : facts->finding_count;
}
