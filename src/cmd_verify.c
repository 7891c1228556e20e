#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "complain.h"
#include "document_output.h"
#include "privacy.h"
#include "snapshot.h"

struct verify_command {
    struct file_facts file;
    const struct redactor *redactor; /* NULL: names are shown */
    bool has_header, is_deep;
    uint8_t key[SNAPSHOT_KEY_SHOWN]; /* first bytes of the name of the key being read */
    size_t key_held;
    uint64_t key_len;
    bool key_open;
    uint64_t types[RDB_TYPE_OTHER + 1];
};

/* ---- reading -------------------------------------------------------------------------------------------------------
 */

/* Names are short: a word at a time, and the last one once more, instead of a call or a byte at a time. */
static inline void keep_start(uint8_t *to, const uint8_t *from, size_t len)
{
    enum { STEP = 8 };
    if (len < STEP) {
        for (size_t i = 0; i < len; i++)
            to[i] = from[i];
        return;
    }
    for (size_t at = 0; at + STEP < len; at += STEP)
        memcpy(to + at, from + at, STEP);
    memcpy(to + len - STEP, from + len - STEP, STEP);
}

static inline void count_key(struct verify_command *verify, const struct rdb_key *key)
{
    verify->types[key->type]++;
    verify->file.keys++;
    verify->file.expires += key->has_expiry;
}

static void on_key(struct verify_command *verify, const struct rdb_key *key)
{
    const uint8_t *bytes = key->name.bytes;
    verify->key_held = key->name.bytes_len;
    if (key->name.form != RDB_STRING_RAW || verify->key_held > sizeof verify->key)
        verify->key_held = rdb_string_bytes(&key->name, sizeof verify->key, &bytes);
    verify->key_len = key->name.len;
    verify->key_open = true;
    keep_start(verify->key, bytes, verify->key_held);
    count_key(verify, key);
}

/* Packed values are opened, which checks their lengths; what is stored element by element is checked when it is skipped
 * too. */
static inline bool may_be_packed(const struct rdb_key *key)
{
    return key->count == 0 && key->type != RDB_TYPE_STRING;
}

static const char *open_key(const struct verify_command *verify, char text[SNAPSHOT_KEY_SHOWN])
{
    text[0] = '\0';
    if (verify->key_open)
        snapshot_show_key(text, verify->redactor, verify->key, verify->key_held, verify->key_len);
    return text;
}

static __attribute__((noinline)) void on_file_event(struct verify_command *verify, const struct rdb_event *event)
{
    char key[SNAPSHOT_KEY_SHOWN];
    verify->has_header = true;
    file_facts_event(&verify->file, event, open_key(verify, key));
}

static enum rdb_status verify_sink(void *context, const struct rdb_event *event)
{
    struct verify_command *verify = context;
    if (event->kind > RDB_EVENT_KEY && event->kind < RDB_EVENT_KEY_END)
        return RDB_OK;
    if (event->kind == RDB_EVENT_STRING_KEY) {
        count_key(verify, &event->key);
    } else if (event->kind == RDB_EVENT_KEY) {
        on_key(verify, &event->key);
        return verify->is_deep || may_be_packed(&event->key) ? RDB_OK : RDB_SKIP;
    } else if (event->kind == RDB_EVENT_KEY_END) {
        verify->file.damaged_keys += event->key_end.damaged;
        verify->key_open = false;
    } else {
        on_file_event(verify, event);
    }
    return RDB_OK;
}

/* ---- the document --------------------------------------------------------------------------------------------------
 */

static const char *verdict_of(const struct file_facts *file)
{
    if (file->partial)
        return "damaged: it could not be read to its end";
    if (file->damaged_keys != 0 || file->checksum == CHECKSUM_MISMATCH)
        return "damaged";
    if (file->trailing_bytes != 0 && !file->trailing_is_aof)
        return "complete, but something follows it";
    if (file->finding_count != 0)
        return "complete, with findings";
    return file->checksum == CHECKSUM_SKIPPED ? "sound in structure" : "sound";
}

static const char *checksum_words(enum checksum_verdict verdict)
{
    static const char *const words[] = {
        [CHECKSUM_OK] = "right",
        [CHECKSUM_MISMATCH] = "wrong",
        [CHECKSUM_NOT_COMPUTED] = "none: its writer had checksums off",
        [CHECKSUM_ABSENT] = "none: before version 5 there is none",
        [CHECKSUM_SKIPPED] = "not checked",
    };
    return words[verdict];
}

static void add_facts(struct doc_section *section, const struct file_facts *file, bool deep)
{
    char version[32];
    snprintf(version, sizeof version, "%s %u", file->family == SERVER_VALKEY ? "VALKEY" : "REDIS", file->rdb_version);
    section_fact(section, "verdict", "Verdict", doc_text(verdict_of(file)));
    section_fact(section, "file", "File", doc_name(file->path, strlen(file->path), strlen(file->path)));
    section_fact(section, "wrapping", "Wrapping", file->wrapping[0] != '\0' ? doc_text(file->wrapping) : doc_none());
    section_fact(section, "format", "Format", doc_text(version));
    size_t version_len = strlen(file->server_version);
    section_fact(section, "server_version", "Written by",
                 version_len != 0 ? doc_name(file->server_version, version_len, version_len) : doc_none());
    section_fact(section, "snapshot_bytes", "Bytes read", doc_bytes(file->snapshot_bytes));
    section_fact(section, "databases", "Databases", doc_count(file->databases));
    section_fact(section, "keys", "Keys", doc_count(file->keys));
    section_fact(section, "expires", "Keys with an expiry", doc_count(file->expires));
    section_fact(section, "functions", "Function libraries", doc_count(file->functions));
    section_fact(section, "damaged_keys", "Damaged values", doc_count(file->damaged_keys));
    section_fact(section, "checksum", "Checksum",
                 doc_text(file->partial ? "not reached" : checksum_words(file->checksum)));
    section_fact(section, "trailing_bytes", "Bytes behind the end", doc_bytes(file->trailing_bytes));
    section_fact(section, "depth", "Packed values",
                 doc_text(deep ? "every one walked" : "lengths only (--deep walks)"));
}

static void add_types(struct doc_section *section, const struct verify_command *verify)
{
    static const struct doc_column columns[] = {{"type", "Type", DOC_TEXT, DOC_COLUMN_KEY},
                                                {"keys", "Keys", DOC_COUNT, 0}};
    struct doc_table *table =
        section_table(section, "types", "Keys by type", columns, sizeof columns / sizeof *columns, DOC_CHART_NONE);
    for (unsigned type = 0; type <= RDB_TYPE_OTHER; type++) {
        if (verify->types[type] != 0)
            table_row(table, (struct doc_value[]){doc_text(rdb_type_name((enum rdb_type)type)),
                                                  doc_count(verify->types[type])});
    }
}

static void add_findings(struct document *document, const struct file_facts *file)
{
    static const struct doc_column columns[] = {{"offset", "Byte", DOC_COUNT, DOC_COLUMN_KEY},
                                                {"key", "Key", DOC_TEXT, 0},
                                                {"finding", "Finding", DOC_TEXT, DOC_COLUMN_WIDE}};
    if (file->finding_count == 0)
        return;
    struct doc_section *section = document_section(document, "findings", "Findings");
    struct doc_table *table =
        section_table(section, "findings", "Findings", columns, sizeof columns / sizeof *columns, DOC_CHART_NONE);
    uint64_t shown = file->finding_count < FILE_MAX_FINDINGS ? file->finding_count : FILE_MAX_FINDINGS;
    for (uint64_t i = 0; i < shown; i++) {
        const struct file_finding *finding = &file->findings[i];
        table_row(table, (struct doc_value[]){doc_count(finding->offset),
                                              finding->key[0] != '\0' ? doc_text(finding->key) : doc_none(),
                                              doc_text(finding->message)});
    }
    if (shown < file->finding_count)
        section_note(section, DOC_INFO, "These are the first %d of %llu findings.", (int)FILE_MAX_FINDINGS,
                     (unsigned long long)file->finding_count);
}

static enum exit_status write_verdict(const struct verify_command *verify, const struct cli_options *options,
                                      struct document_outputs *outputs)
{
    struct document *document = document_of_program(options);
    if (verify->file.partial)
        document_set_partial(document, verify->file.partial_reason);
    struct doc_section *section = document_section(document, "verify", "Snapshot");
    add_facts(section, &verify->file, options->input.deep);
    add_types(section, verify);
    add_findings(document, &verify->file);
    enum exit_status status = document_outputs_write(outputs, document);
    document_free(document);
    return status;
}

static enum exit_status verify_snapshot(struct verify_command *verify, const struct cli_options *options,
                                        const struct environment *environment, struct document_outputs *outputs)
{
    struct rdb_error error;
    char key[SNAPSHOT_KEY_SHOWN];
    file_facts_init(&verify->file, options->operands.text[0]);
    verify->redactor = privacy_redactor(options);
    enum rdb_status status = snapshot_parse(options, environment, &verify->file, verify_sink, verify, &error);
    if (!verify->has_header)
        return snapshot_complain_unread(&verify->file, &error);
    enum exit_status failed = EXIT_STATUS_DONE;
    if (status != RDB_OK)
        failed = snapshot_note_failure(&verify->file, &error, open_key(verify, key));
    enum exit_status written = write_verdict(verify, options, outputs);
    return exit_status_worst(failed, exit_status_worst(written, snapshot_complain(&verify->file)));
}

enum exit_status cmd_verify(const struct cli_options *options, const struct environment *environment)
{
    struct document_outputs outputs;
    enum exit_status status = document_outputs_open(&outputs, &options->output, environment);
    if (status != EXIT_STATUS_DONE)
        return status;
    struct verify_command *verify = xcalloc(1, sizeof *verify);
    verify->is_deep = options->input.deep;
    status = verify_snapshot(verify, options, environment, &outputs);
    document_outputs_abandon(&outputs);
    free(verify);
    return status;
}
