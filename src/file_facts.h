/* What a snapshot says of itself, gathered while it is parsed. */
#ifndef FILE_FACTS_H
#define FILE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/server.h"
#include "redact.h"

struct rdb_event;
struct rdb_source_info;

enum checksum_verdict { CHECKSUM_OK, CHECKSUM_MISMATCH, CHECKSUM_NOT_COMPUTED, CHECKSUM_ABSENT, CHECKSUM_SKIPPED };

struct file_finding {
    uint64_t offset;
    char key[64]; /* escaped, shortened; "" when it concerns no key */
    char message[200];
};

enum { FILE_MAX_FINDINGS = 100 };

struct file_facts {
    const char *path;
    char wrapping[64];       /* "gzip, AOF preamble"; "" for a plain snapshot */
    uint64_t size_bytes;     /* of the outermost file; 0 when it is a pipe */
    uint64_t snapshot_bytes; /* unwrapped, as far as it was read */
    uint64_t trailing_bytes;
    bool trailing_is_aof;       /* an AOF with an RDB preamble: the commands behind it are not in this report */
    uint64_t incremental_bytes; /* multi-part AOF: not in this report */
    enum server_family family;
    unsigned rdb_version;
    char server_version[32]; /* redis-ver or valkey-ver; "" when the file has none */
    bool is_keydb, is_dragonfly, is_cluster;
    unsigned redis_bits; /* 0 when the file does not say */
    int64_t read_at_ms;  /* --now, else the clock: what the snapshot's age is counted to */
    bool has_ctime, has_used_mem;
    int64_t ctime_ms;
    uint64_t used_mem;
    enum server_match match; /* how view 0's server was chosen; SERVER_EXACT with --target */
    bool target_given;
    enum checksum_verdict checksum;
    uint64_t checksum_stored, checksum_computed;
    uint64_t keys, expires;                   /* as read */
    uint64_t resizedb_keys, resizedb_expires; /* as the file claims, all databases */
    bool has_resizedb;
    uint64_t databases;
    uint64_t databases_seen[16]; /* a bit per number below 1024; higher ones count each time they are selected */
    uint64_t functions, function_bytes;
    uint64_t damaged_keys;
    bool is_filtered;                         /* only keys that pass the command's filters are costed */
    uint64_t filtered_keys;                   /* the other ones, included in `keys` */
    char redact_key[REDACT_FINGERPRINT_SIZE]; /* fingerprint of the key that names are hidden under; "", "several" */
    bool partial;                             /* parsing ended before the end of the file */
    char partial_reason[320];                 /* the error in one line */
    struct file_finding findings[FILE_MAX_FINDINGS]; /* first ones */
    uint64_t finding_count;                          /* all */
    uint64_t files;                                  /* that were merged into it; 0: it is one file's */
};

/* Starts with nothing known of the file at `path` (borrowed). */
void file_facts_init(struct file_facts *facts, const char *path);
/* What opening the source told. */
void file_facts_source(struct file_facts *facts, const struct rdb_source_info *info);
/* Notes an event that is about the file, not about a key. `key` is the name to show with a finding, "" for none. */
void file_facts_event(struct file_facts *facts, const struct rdb_event *event, const char *key);
/* Adds another file's: what they say together. An empty one becomes a copy of it, but for the path. */
void file_facts_merge(struct file_facts *facts, const struct file_facts *other);
struct archive;
/* Writes or reads all but the path, and the first few findings. */
void file_facts_archive(struct file_facts *facts, struct archive *archive);
void file_facts_finding(struct file_facts *facts, uint64_t offset, const char *key, const char *message);

#endif
