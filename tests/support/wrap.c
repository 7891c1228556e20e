#include "wrap.h"

#include <lz4frame.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

/* A test cannot go on without its input. */
static void need(bool fine, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "wrap: %s failed\n", what);
    abort();
}

static void put_skippable(struct rdb_writer *out, unsigned nibble, size_t len)
{
    put_le(out, 0x184d2a50 + nibble, 4);
    put_le(out, len, 4);
    for (size_t i = 0; i < len; i++)
        put_u8(out, 'R');
}

/* Calls `one` on three unequal parts. */
static void in_three(wrap_function *one, struct rdb_writer *out, const uint8_t *bytes, size_t len, size_t skippable)
{
    const size_t cuts[] = {0, len / 7, len / 2 + 1 < len ? len / 2 + 1 : len, len};
    for (unsigned i = 0; i < 3; i++) {
        if (skippable)
            put_skippable(out, i, skippable + i);
        one(out, bytes + cuts[i], cuts[i + 1] - cuts[i]);
    }
    if (skippable)
        put_skippable(out, 15, 0);
}

void wrap_plain(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    put_bytes(out, bytes, len);
}

/* ---- gzip ---------------------------------------------------------------------------------------------------------
 */

struct gzip_out {
    z_stream stream;
    struct rdb_writer *out;
};

static void gzip_start(struct gzip_out *gzip, struct rdb_writer *out)
{
    *gzip = (struct gzip_out){.out = out};
    need(deflateInit2(&gzip->stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflateInit2");
}

static void gzip_add(struct gzip_out *gzip, const void *bytes, size_t len, int flush)
{
    gzip->stream.next_in = (Bytef *)(uintptr_t)bytes;
    gzip->stream.avail_in = (uInt)len;
    do {
        enum { ROOM = 64 * 1024 };
        rdb_writer_reserve(gzip->out, ROOM);
        gzip->stream.next_out = gzip->out->data + gzip->out->len;
        gzip->stream.avail_out = ROOM;
        need(deflate(&gzip->stream, flush) != Z_STREAM_ERROR, "deflate");
        gzip->out->len += ROOM - gzip->stream.avail_out;
    } while (gzip->stream.avail_out == 0);
}

void wrap_gzip(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    struct gzip_out gzip;
    gzip_start(&gzip, out);
    gzip_add(&gzip, bytes, len, Z_FINISH);
    deflateEnd(&gzip.stream);
}

void wrap_gzip_members(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    in_three(wrap_gzip, out, bytes, len, 0);
    put_le(out, 0, 7);
}

void wrap_gzip_repeated(struct rdb_writer *out, const char *head, int fill, uint64_t len)
{
    static const size_t part = 1 << 20;
    char *bytes = malloc(part);
    need(bytes, "malloc");
    memset(bytes, fill, part);
    struct gzip_out gzip;
    gzip_start(&gzip, out);
    gzip_add(&gzip, head, strlen(head), Z_NO_FLUSH);
    for (; len > 0; len -= len < part ? len : part)
        gzip_add(&gzip, bytes, len < part ? (size_t)len : part, Z_NO_FLUSH);
    gzip_add(&gzip, "", 0, Z_FINISH);
    deflateEnd(&gzip.stream);
    free(bytes);
}

/* ---- zstd ---------------------------------------------------------------------------------------------------------
 */

void wrap_zstd(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    need(context, "ZSTD_createCCtx");
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    rdb_writer_reserve(out, ZSTD_compressBound(len));
    size_t n = ZSTD_compress2(context, out->data + out->len, ZSTD_compressBound(len), bytes, len);
    need(!ZSTD_isError(n), "ZSTD_compress2");
    out->len += n;
    ZSTD_freeCCtx(context);
}

void wrap_zstd_frames(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    in_three(wrap_zstd, out, bytes, len, 700);
}

static void zstd_add(ZSTD_CCtx *context, struct rdb_writer *out, const void *bytes, size_t len, ZSTD_EndDirective end)
{
    ZSTD_inBuffer in = {.src = bytes, .size = len};
    size_t left;
    do {
        enum { ROOM = 64 * 1024 };
        rdb_writer_reserve(out, ROOM);
        ZSTD_outBuffer to = {.dst = out->data + out->len, .size = ROOM};
        left = ZSTD_compressStream2(context, &to, &in, end);
        need(!ZSTD_isError(left), "ZSTD_compressStream2");
        out->len += to.pos;
    } while (in.pos < in.size || (end == ZSTD_e_end && left > 0));
}

void wrap_zstd_repeated(struct rdb_writer *out, const char *head, int fill, uint64_t len, unsigned window_log)
{
    static const size_t part = 1 << 20;
    char *bytes = malloc(part);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    need(bytes && context, "malloc");
    memset(bytes, fill, part);
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, (int)window_log);
    zstd_add(context, out, head, strlen(head), ZSTD_e_continue);
    for (; len > 0; len -= len < part ? len : part)
        zstd_add(context, out, bytes, len < part ? (size_t)len : part, ZSTD_e_continue);
    zstd_add(context, out, "", 0, ZSTD_e_end);
    ZSTD_freeCCtx(context);
    free(bytes);
}

/* ---- LZ4 ----------------------------------------------------------------------------------------------------------
 */

void wrap_lz4(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    const LZ4F_preferences_t preferences = {.frameInfo = {.contentChecksumFlag = LZ4F_contentChecksumEnabled,
                                                          .blockChecksumFlag = LZ4F_blockChecksumEnabled}};
    size_t bound = LZ4F_compressFrameBound(len, &preferences);
    rdb_writer_reserve(out, bound);
    size_t n = LZ4F_compressFrame(out->data + out->len, bound, bytes, len, &preferences);
    need(!LZ4F_isError(n), "LZ4F_compressFrame");
    out->len += n;
}

void wrap_lz4_frames(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    in_three(wrap_lz4, out, bytes, len, 700);
}

void wrap_lz4_repeated(struct rdb_writer *out, const char *head, int fill, uint64_t len)
{
    static const size_t part = 1 << 20;
    const LZ4F_preferences_t preferences = {.frameInfo = {.blockSizeID = LZ4F_max4MB}};
    size_t room = LZ4F_compressBound(part, &preferences);
    LZ4F_cctx *context = NULL;
    char *bytes = malloc(part);
    need(bytes && !LZ4F_isError(LZ4F_createCompressionContext(&context, LZ4F_VERSION)), "malloc");
    memset(bytes, fill, part);
    rdb_writer_reserve(out, room);
    out->len += LZ4F_compressBegin(context, out->data + out->len, room, &preferences);
    rdb_writer_reserve(out, room);
    out->len += LZ4F_compressUpdate(context, out->data + out->len, room, head, strlen(head), NULL);
    for (; len > 0; len -= len < part ? len : part) {
        rdb_writer_reserve(out, room);
        size_t n =
            LZ4F_compressUpdate(context, out->data + out->len, room, bytes, len < part ? (size_t)len : part, NULL);
        need(!LZ4F_isError(n), "LZ4F_compressUpdate");
        out->len += n;
    }
    rdb_writer_reserve(out, room);
    out->len += LZ4F_compressEnd(context, out->data + out->len, room, NULL);
    LZ4F_freeCompressionContext(context);
    free(bytes);
}

/* ---- Valkey's envelope and replication ----------------------------------------------------------------------------
 */

void wrap_vcs_lz4(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    put_bytes(out, "VCS\x01\x01\x00\x01", 7);
    wrap_lz4(out, bytes, len);
}

void wrap_vcs_zstd(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    put_bytes(out, "VCS\x01\x02\x00\x01", 7);
    wrap_zstd(out, bytes, len);
}

void wrap_replication_length(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    char framing[32];
    put_bytes(out, framing, (size_t)snprintf(framing, sizeof framing, "$%zu\r\n", len));
    put_bytes(out, bytes, len);
}

static const char reply[] = "+FULLRESYNC 0123456789012345678901234567890123456789 4711\r\n\n\n\n";
static const char command[] = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n";

void wrap_replication_captured(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    put_bytes(out, reply, strlen(reply));
    wrap_replication_length(out, bytes, len);
    put_bytes(out, command, strlen(command));
}

void wrap_replication_mark(struct rdb_writer *out, const uint8_t *bytes, size_t len)
{
    /* Another mark for other bytes, so that captures can be nested. */
    char mark[48];
    snprintf(mark, sizeof mark, "%040llx", (unsigned long long)rdb_crc64(0, bytes, len));
    put_bytes(out, "$EOF:", 5);
    put_bytes(out, mark, 40);
    put_bytes(out, "\r\n", 2);
    put_bytes(out, bytes, len);
    put_bytes(out, mark, 40);
}

wrap_function *const wrap_functions[WRAP_COUNT] = {
    wrap_plain,
    wrap_gzip,
    wrap_gzip_members,
    wrap_zstd,
    wrap_zstd_frames,
    wrap_lz4,
    wrap_lz4_frames,
    wrap_vcs_lz4,
    wrap_vcs_zstd,
    wrap_replication_length,
    wrap_replication_captured,
    wrap_replication_mark,
};
