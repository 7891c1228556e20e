/* A summary: what was gathered, as a small file (docs/summary-format.md). */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "gathered.h"
#include "output.h"

enum { SUMMARY_VERSION = 12, SUMMARY_TOP = 1000, SUMMARY_MAX_BYTES = 64 << 20, SUMMARY_MESSAGE_BYTES = 200 };

/* Whether a regular file begins as a summary does. */
bool summary_is(const char *path);
/* NULL after a complaint. The status tells whether one of its files is damaged. */
struct gathered *summary_read(const char *path, const struct gather *gather, enum exit_status *status);
/* Likewise from memory, any bytes; NULL with a message. */
struct gathered *summary_parse(const uint8_t *bytes, size_t len, const struct gather *gather,
                               char message[SUMMARY_MESSAGE_BYTES]);
/* All bytes of a file; NULL after a complaint. The caller frees them. */
uint8_t *summary_load(const char *path, size_t *len);
/* What a summary is told apart by: its checksum. */
uint64_t summary_checksum(const uint8_t *bytes, size_t len);
/* Appends the summary of what was gathered. */
struct archive;
void summary_write(const struct gathered *gathered, struct archive *archive);
/* Writes it to `path` (NULL: standard output). */
enum exit_status summary_save(const struct gathered *gathered, const char *path);

#endif
