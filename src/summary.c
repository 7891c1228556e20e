#include "summary.h"

#include <errno.h>
#include <isa-l/crc64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/archive.h"
#include "complain.h"

static const char magic[8] = {'R', 'D', 'B', 'M', 'S', 'U', 'M', '\n'};

enum { CHECKSUM_BYTES = 8 };

/* CRC-64/XZ of all bytes before it. */
static uint64_t crc_of(const uint8_t *bytes, size_t len)
{
    return crc64_ecma_refl(0, bytes, len);
}

uint64_t summary_checksum(const uint8_t *bytes, size_t len)
{
    uint64_t crc = 0;
    for (size_t i = 0; len >= CHECKSUM_BYTES && i < CHECKSUM_BYTES; i++)
        crc |= (uint64_t)bytes[len - CHECKSUM_BYTES + i] << 8 * i;
    return crc;
}

/* ---- chunks --------------------------------------------------------------------------------------------------------
 */

/* Numbers in a summary stand for names: types, encodings, settings. Their lists are part of it, so that a program with
 * other lists does not misread it. */
static void write_names(struct archive *archive)
{
    char text[64];
    uint64_t counts[3] = {OBJECT_TYPE_COUNT, ENCODING_COUNT, SETTING_COUNT};
    archive_array(archive, counts, 3);
    for (int i = 0; i < OBJECT_TYPE_COUNT; i++) {
        snprintf(text, sizeof text, "%s", object_type_name((enum object_type)i));
        archive_text(archive, text, sizeof text);
    }
    for (int i = 0; i < ENCODING_COUNT; i++) {
        snprintf(text, sizeof text, "%s", object_encoding_name((enum object_encoding)i));
        archive_text(archive, text, sizeof text);
    }
    for (int i = 0; i < SETTING_COUNT; i++) {
        snprintf(text, sizeof text, "%s", setting_info((enum setting)i)->name);
        archive_text(archive, text, sizeof text);
    }
}

static bool check_names(const struct archive *chunk)
{
    struct archive own;
    archive_init_writer(&own);
    write_names(&own);
    size_t len = (size_t)(chunk->end - chunk->at);
    bool same = own.len == len && memcmp(own.bytes, chunk->at, len) == 0;
    archive_release(&own);
    return same;
}

struct target_chunk {
    char server[32], allocator[32], other[32]; /* other: of view 1; "" without one */
    struct settings settings;
    int64_t now_ms;
};

static void archive_target(struct target_chunk *target, struct archive *archive)
{
    archive_text(archive, target->server, sizeof target->server);
    archive_text(archive, target->allocator, sizeof target->allocator);
    archive_text(archive, target->other, sizeof target->other);
    for (int i = 0; i < SETTING_COUNT; i++)
        archive_i64(archive, &target->settings.value[i]);
    archive_i64(archive, &target->now_ms);
}

static void write_target(const struct gathered *gathered, struct archive *archive)
{
    const struct plan_view *view = plan_view(gathered->plan, 0);
    struct target_chunk target = {.settings = view->settings, .now_ms = gathered->now_ms};
    snprintf(target.server, sizeof target.server, "%s", view->server->id);
    snprintf(target.allocator, sizeof target.allocator, "%s", view->allocator->name);
    if (plan_view_count(gathered->plan) > 1)
        snprintf(target.other, sizeof target.other, "%s", plan_view(gathered->plan, 1)->allocator->name);
    archive_target(&target, archive);
}

static bool settings_are_valid(const struct settings *settings)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const struct setting_info *info = setting_info((enum setting)i);
        if (settings->value[i] < info->minimum || settings->value[i] > info->maximum)
            return false;
    }
    return true;
}

static bool read_target(struct gathered *gathered, const struct gather *gather, struct archive *chunk)
{
    struct target_chunk target = {.now_ms = 0};
    archive_target(&target, chunk);
    struct plan_view views[2] = {
        {server_by_id(target.server), allocator_by_name(target.allocator), target.settings},
        {server_by_id(target.server), allocator_by_name(target.other), target.settings},
    };
    if (!archive_is_read(chunk) || views[0].server == NULL || views[0].allocator == NULL ||
        strcmp(views[0].server->id, target.server) != 0 || !settings_are_valid(&target.settings) ||
        (target.other[0] != '\0' && views[1].allocator == NULL))
        return false;
    gathered_start(gathered, views, target.other[0] != '\0' ? 2 : 1, gather, target.now_ms);
    return true;
}

static void archive_file(struct gathered_file *file, struct archive *archive)
{
    archive_text(archive, file->path, sizeof file->path);
    archive_text(archive, file->server_version, sizeof file->server_version);
    archive_text(archive, file->trouble, sizeof file->trouble);
    archive_bool(archive, &file->is_missing);
    archive_bool(archive, &file->has_ctime);
    archive_bool(archive, &file->has_used_mem);
    archive_i64(archive, &file->ctime_ms);
    archive_u64(archive, &file->used_mem);
    archive_u64(archive, &file->size_bytes);
    archive_u64(archive, &file->keys);
    archive_u64(archive, &file->expires);
    archive_u64(archive, &file->key_bytes);
    archive_u64(archive, &file->table_bytes);
    archive_u64(archive, &file->slots);
}

static void archive_files(struct gathered *gathered, struct archive *archive)
{
    size_t count = gathered->file_count;
    archive_count(archive, &count, GATHERED_MAX_FILES);
    for (size_t i = 0; i < count && !archive->failed; i++)
        archive_file(archive->reads ? gathered_add_file(gathered) : &gathered->file[i], archive);
}

/* ---- writing -------------------------------------------------------------------------------------------------------
 */

/* Everything but the checksum; returns how long the list of files is. */
static size_t write_chunks(const struct gathered *gathered, struct archive *archive)
{
    struct file_facts *facts = xmalloc(sizeof *facts);
    struct gathered files = {.file = gathered->file, .file_count = gathered->file_count};
    uint8_t head[sizeof magic + 4] = {[sizeof magic] = SUMMARY_VERSION};
    memcpy(head, magic, sizeof magic);
    archive_bytes(archive, head, sizeof head);
    size_t begun = archive_chunk_begin(archive, "names");
    write_names(archive);
    archive_chunk_end(archive, begun);
    begun = archive_chunk_begin(archive, "target");
    write_target(gathered, archive);
    archive_chunk_end(archive, begun);
    begun = archive_chunk_begin(archive, "facts");
    *facts = gathered->facts;
    file_facts_archive(facts, archive);
    archive_chunk_end(archive, begun);
    size_t list = archive->len;
    begun = archive_chunk_begin(archive, "files");
    archive_files(&files, archive);
    archive_chunk_end(archive, begun);
    list = archive->len - list;
    begun = archive_chunk_begin(archive, "keyspace");
    keyspace_archive(gathered->keyspace, archive);
    archive_chunk_end(archive, begun);
    collection_write(gathered->collection, archive);
    free(facts);
    return list;
}

/* Lists have room for what is usual; where all of them are long, each gets less. */
void summary_write(const struct gathered *gathered, struct archive *archive)
{
    enum { ROOM = 1000000, TIGHTEST = 4 };
    uint8_t tail[CHECKSUM_BYTES];
    size_t begun = archive->len, files;
    archive->tighter = 0;
    while (files = write_chunks(gathered, archive),
           archive->len - begun > ROOM + files && archive->tighter < TIGHTEST) {
        archive->len = begun;
        archive->tighter++;
    }
    uint64_t crc = crc_of(archive->bytes, archive->len);
    for (size_t i = 0; i < CHECKSUM_BYTES; i++)
        tail[i] = (uint8_t)(crc >> 8 * i);
    archive_bytes(archive, tail, sizeof tail);
}

enum exit_status summary_save(const struct gathered *gathered, const char *path)
{
    struct output output;
    struct archive archive;
    if (!output_open(&output, path))
        return EXIT_STATUS_UNUSABLE;
    archive_init_writer(&archive);
    summary_write(gathered, &archive);
    if (fwrite(archive.bytes, 1, archive.len, output.stream) != archive.len)
        output.error = errno;
    archive_release(&archive);
    return output_commit(&output) ? EXIT_STATUS_DONE : EXIT_STATUS_UNUSABLE;
}

/* ---- reading -------------------------------------------------------------------------------------------------------
 */

static bool fail(char message[SUMMARY_MESSAGE_BYTES], const char *text, const char *name)
{
    snprintf(message, SUMMARY_MESSAGE_BYTES, text, name);
    return false;
}

/* One chunk. Those of this file come before the collection's, which need the target. */
static bool read_chunk(struct gathered *gathered, const struct gather *gather, const char *name, struct archive *chunk,
                       char message[SUMMARY_MESSAGE_BYTES])
{
    if (strcmp(name, "names") == 0)
        return check_names(chunk) ||
               fail(message, "its %.31s are those of another version of rdbmeter: write it anew", name);
    if (strcmp(name, "target") == 0) {
        if (gathered->plan == NULL && read_target(gathered, gather, chunk))
            return true;
        return fail(message, "its %.31s is not known to this version of rdbmeter", name);
    }
    if (gathered->plan == NULL)
        return fail(message, "chunk %.31s comes before the target", name);
    if (strcmp(name, "facts") == 0)
        file_facts_archive(&gathered->facts, chunk);
    else if (strcmp(name, "files") == 0)
        archive_files(gathered, chunk);
    else if (strcmp(name, "keyspace") == 0)
        keyspace_archive(gathered->keyspace, chunk);
    else if (!collection_read(gathered->collection, name, chunk))
        return true;
    return archive_is_read(chunk) || fail(message, "chunk %.31s cannot be read", name);
}

static bool read_chunks(struct gathered *gathered, const struct gather *gather, struct archive *archive,
                        char message[SUMMARY_MESSAGE_BYTES])
{
    enum { MAX_CHUNKS = 256 };
    char seen[MAX_CHUNKS][ARCHIVE_NAME_MAX];
    struct archive chunk;
    size_t count = 0;
    while (count < MAX_CHUNKS && archive_chunk_next(archive, seen[count], &chunk)) {
        for (size_t i = 0; i < count; i++)
            if (strcmp(seen[i], seen[count]) == 0)
                return fail(message, "chunk %.31s comes twice", seen[count]);
        if (!read_chunk(gathered, gather, seen[count++], &chunk, message))
            return false;
    }
    if (!archive_is_read(archive) || gathered->plan == NULL)
        return fail(message, "it is cut short%.31s", "");
    return true;
}

struct gathered *summary_parse(const uint8_t *bytes, size_t len, const struct gather *gather,
                               char message[SUMMARY_MESSAGE_BYTES])
{
    const size_t head = sizeof magic + 4;
    struct archive archive;
    uint64_t version = 0;
    if (len < head + CHECKSUM_BYTES || memcmp(bytes, magic, sizeof magic) != 0) {
        fail(message, "it is no summary%.31s", "");
        return NULL;
    }
    for (unsigned i = 0; i < 4; i++)
        version |= (uint64_t)bytes[sizeof magic + i] << 8 * i;
    if (version != SUMMARY_VERSION) {
        snprintf(message, SUMMARY_MESSAGE_BYTES, "it has version %u of the format, this program reads %d",
                 (unsigned)version, SUMMARY_VERSION);
        return NULL;
    }
    if (crc_of(bytes, len - CHECKSUM_BYTES) != summary_checksum(bytes, len)) {
        fail(message, "it is damaged: its checksum does not match%.31s", "");
        return NULL;
    }
    struct gathered *gathered = gathered_new();
    archive_init_reader(&archive, bytes + head, len - head - CHECKSUM_BYTES);
    if (read_chunks(gathered, gather, &archive, message)) {
        collection_end_read(gathered->collection);
        return gathered;
    }
    gathered_free(gathered);
    return NULL;
}

bool summary_is(const char *path)
{
    char head[sizeof magic];
    struct stat facts; /* what a pipe has given is gone */
    FILE *stream = stat(path, &facts) == 0 && S_ISREG(facts.st_mode) ? fopen(path, "r") : NULL;
    if (stream == NULL)
        return false;
    bool is = fread(head, 1, sizeof head, stream) == sizeof head && memcmp(head, magic, sizeof head) == 0;
    fclose(stream);
    return is;
}

static bool read_all(FILE *stream, uint8_t **bytes, size_t *len)
{
    size_t capacity = 0, got;
    *bytes = NULL;
    *len = 0;
    do {
        if (*len == capacity) {
            capacity = capacity != 0 ? 2 * capacity : 1 << 16;
            uint8_t *grown = xmalloc(capacity);
            if (*len != 0)
                memcpy(grown, *bytes, *len);
            free(*bytes);
            *bytes = grown;
        }
        got = fread(*bytes + *len, 1, capacity - *len, stream);
        *len += got;
    } while (got != 0 && *len <= SUMMARY_MAX_BYTES);
    return !ferror(stream) && *len <= SUMMARY_MAX_BYTES;
}

uint8_t *summary_load(const char *path, size_t *len)
{
    uint8_t *bytes;
    FILE *stream = fopen(path, "r");
    if (stream == NULL) {
        complain("cannot open '%.300s': %s", path, strerror(errno));
        return NULL;
    }
    bool is_read = read_all(stream, &bytes, len);
    fclose(stream);
    if (is_read)
        return bytes;
    complain("cannot read '%.300s', or it is longer than %d MB", path, SUMMARY_MAX_BYTES >> 20);
    free(bytes);
    return NULL;
}

struct gathered *summary_read(const char *path, const struct gather *gather, enum exit_status *status)
{
    size_t len;
    char message[SUMMARY_MESSAGE_BYTES];
    uint8_t *bytes = summary_load(path, &len);
    *status = EXIT_STATUS_UNUSABLE;
    if (bytes == NULL)
        return NULL;
    struct gathered *gathered = summary_parse(bytes, len, gather, message);
    free(bytes);
    *status = EXIT_STATUS_DAMAGED;
    if (gathered == NULL) {
        complain("%.300s: %s", path, message);
        return NULL;
    }
    *status = EXIT_STATUS_DONE;
    for (size_t i = 0; i < gathered->file_count; i++)
        if (gathered->file[i].trouble[0] != '\0')
            *status = EXIT_STATUS_DAMAGED;
    return gathered;
}
