#include "nested.h"

#include <lz4frame.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "parser.h"
#include "source.h"

/* What a file's blobs may unpack to: the first part freely, beyond it so many times what was read of them. */
enum { FREE_BYTES = 16 * 1024 * 1024, TIMES_READ = 256, ZSTD_WINDOW_LOG_MAX = 23 };

/* A source over the blob's bytes in the outer input. */
struct nested {
    struct rdb_parser *parser;
    struct rdb_input *outer;
    uint64_t left; /* compressed bytes not taken yet */
    ZSTD_DStream *zstd;
    LZ4F_dctx *lz4;
};

/* One step of the decompressor: `in` and `out` tell what it may take and give, and take what it did. */
static enum rdb_status unpack_step(struct nested *nested, size_t *in, uint8_t *to, size_t *out)
{
    if (nested->lz4)
        return rdb_lz4_status(LZ4F_decompress(nested->lz4, to, out, nested->outer->pos, in, NULL));
    ZSTD_inBuffer from = {nested->outer->pos, *in, 0};
    ZSTD_outBuffer into = {to, *out, 0};
    size_t result = ZSTD_decompressStream(nested->zstd, &into, &from);
    *in = from.pos;
    *out = into.pos;
    if (!ZSTD_isError(result))
        return RDB_OK;
    return ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation ? RDB_ERR_NO_MEMORY : RDB_ERR_CORRUPT;
}

static enum rdb_status fail_unpacking(struct rdb_input *outer, enum rdb_status status)
{
    return status == RDB_ERR_NO_MEMORY ? rdb_input_fail(outer, status, "no memory to unpack a compressed blob")
                                       : rdb_input_fail(outer, status, "a compressed blob does not unpack");
}

static enum rdb_status nested_read(void *self, uint8_t *buffer, size_t capacity, size_t *got, struct rdb_error *error)
{
    struct nested *nested = self;
    struct rdb_input *outer = nested->outer;
    struct rdb_parser *parser = nested->parser;
    (void)error;
    for (*got = 0; *got == 0;) {
        RDB_TRY(rdb_input_want(outer, nested->left ? 1 : 0));
        size_t in = rdb_input_present(outer) < nested->left ? rdb_input_present(outer) : (size_t)nested->left;
        if (nested->left && in == 0)
            return rdb_input_truncated(outer, nested->left, "a compressed blob");
        size_t out = capacity, given = in;
        enum rdb_status status = unpack_step(nested, &in, buffer, &out);
        if (status != RDB_OK)
            return fail_unpacking(outer, status);
        outer->pos += in;
        nested->left -= in;
        *got = out;
        parser->nested_packed += in;
        parser->nested_unpacked += out;
        if (parser->nested_unpacked > FREE_BYTES && parser->nested_unpacked / TIMES_READ > parser->nested_packed)
            return rdb_input_fail(outer, RDB_ERR_LIMIT, "compressed blobs unpack to more than %d times their size",
                                  TIMES_READ);
        if (out == 0 && (given == 0 || in == 0))
            return RDB_OK;
    }
    return RDB_OK;
}

static enum rdb_status nested_start(struct nested *nested, enum rdb_nested_codec codec)
{
    if (codec == RDB_NESTED_ZSTD) {
        nested->zstd = ZSTD_createDStream();
        if (nested->zstd &&
            !ZSTD_isError(ZSTD_DCtx_setParameter(nested->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX)))
            return RDB_OK;
    } else if (!LZ4F_isError(LZ4F_createDecompressionContext(&nested->lz4, LZ4F_VERSION))) {
        return RDB_OK;
    }
    return fail_unpacking(nested->outer, RDB_ERR_NO_MEMORY);
}

static void nested_stop(struct nested *nested)
{
    ZSTD_freeDStream(nested->zstd);
    LZ4F_freeDecompressionContext(nested->lz4);
}

/* The blob's records, then what it has behind them: nothing, if it is whole. */
static enum rdb_status parse_nested(struct rdb_parser *parser, struct rdb_input *in)
{
    uint64_t behind;
    RDB_TRY(rdb_parse_records(parser));
    RDB_TRY(rdb_input_drain(in, &behind));
    if (behind)
        return rdb_input_fail(in, RDB_ERR_CORRUPT, "a compressed blob goes on behind its end");
    return RDB_OK;
}

enum rdb_status rdb_load_nested(struct rdb_parser *parser, enum rdb_nested_codec codec)
{
    static const char what[] = "a compressed blob";
    struct rdb_input *outer = parser->in;
    struct rdb_input inner;
    struct rdb_string blob;
    uint64_t offset = rdb_input_offset(outer) - 1;
    if (outer != parser->file)
        return rdb_input_fail(outer, RDB_ERR_CORRUPT, "a compressed blob inside a compressed blob");
    RDB_TRY(rdb_string_prefix(outer, &blob, what));
    if (blob.form != RDB_STRING_RAW)
        return rdb_input_fail(outer, RDB_ERR_CORRUPT, "a compressed blob was expected, stored plainly");
    struct nested nested = {.parser = parser, .outer = outer, .left = blob.stored_len};
    struct rdb_source source = {.self = &nested, .read = nested_read};
    const struct rdb_options options = {.skip_checksum = true,
                                        .deep = outer->deep,
                                        .window_bytes = outer->capacity,
                                        .max_name_bytes = outer->max_name_bytes,
                                        .max_unpack_bytes = outer->max_unpack_bytes};
    RDB_TRY(rdb_input_init(&inner, &source, &options, parser->error));
    inner.outer_offset = offset;
    parser->in = &inner;
    enum rdb_status status = nested_start(&nested, codec);
    if (status == RDB_OK)
        status = parse_nested(parser, &inner);
    parser->in = outer;
    parser->ended = false;
    nested_stop(&nested);
    rdb_input_release(&inner);
    return status == RDB_OK ? rdb_input_skip(outer, nested.left, what) : status;
}
