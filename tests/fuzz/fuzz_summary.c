/* Any bytes as a summary: read or refused with a line; what was read can be merged, written as a report, and written as
 * a summary that reads as the same. Version and checksum are made right, so that the fuzzer gets past them. */
#include <isa-l/crc64.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "render.h"
#include "summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int fine)
{
    if (!fine)
        abort();
}

static struct gathered *parse(const uint8_t *bytes, size_t len, const bool *wanted)
{
    char message[SUMMARY_MESSAGE_BYTES] = "";
    const struct gather gather = {.wanted = wanted, .top = SUMMARY_TOP};
    struct gathered *gathered = summary_parse(bytes, len, &gather, message);
    need((gathered != NULL) == (message[0] == '\0'));
    return gathered;
}

static void write_report(const struct gathered *gathered)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct document *document = document_new("fuzz", 1);
    gathered_write_files(gathered, document);
    collection_finish(gathered->collection, document);
    need(out != NULL && renderer_by_name("json")->render(document, &(struct render_options){.width = 80}, out));
    document_free(document);
    fclose(out);
    free(text);
}

/* A summary of what was read reads as the same. */
static void write_again(const struct gathered *gathered, const bool *wanted)
{
    struct archive once, twice;
    archive_init_writer(&once);
    archive_init_writer(&twice);
    summary_write(gathered, &once);
    struct gathered *again = parse(once.bytes, once.len, wanted);
    need(again != NULL);
    summary_write(again, &twice);
    need(once.len == twice.len && memcmp(once.bytes, twice.bytes, once.len) == 0);
    gathered_free(again);
    archive_release(&once);
    archive_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool *wanted = gathered_sections(true);
    const struct gather gather = {.wanted = wanted, .top = 10};
    /* A copy of just this size: reading beyond it is found. */
    uint8_t *bytes = malloc(size + 8);
    need(bytes != NULL);
    if (size != 0)
        memcpy(bytes, data, size);
    if (size >= 12)
        memcpy(bytes + 8, (uint8_t[]){SUMMARY_VERSION, 0, 0, 0}, 4);
    if (size >= 8) {
        uint64_t crc = crc64_ecma_refl(0, bytes, size - 8);
        for (int i = 0; i < 8; i++)
            bytes[size - 8 + (size_t)i] = (uint8_t)(crc >> 8 * i);
    }
    struct gathered *gathered = parse(bytes, size, wanted);
    if (gathered != NULL && gathered->collection != NULL) {
        struct gathered *merged = gathered_new();
        gathered_end(gathered);
        gathered_merge(merged, gathered, &gather);
        gathered_merge(merged, gathered, &gather);
        gathered_end(merged);
        write_report(merged);
        write_again(gathered, wanted);
        gathered_free(merged);
    }
    gathered_free(gathered);
    free(bytes);
    free(wanted);
    return 0;
}
