/* Strings as servers allocate them: header, text, final NUL. A family says how long the header is. */
#ifndef MODEL_SDS_H
#define MODEL_SDS_H

#include <stdint.h>

/* Bands of text lengths at whose ends some family's header grows: 0, 1-31, 32-252, 253-255, 256-65530, 65531-65535,
 * up to 2^32-11, above. */
enum { TEXT_BANDS = 8 };

static inline unsigned text_band(uint64_t len)
{
    if (len <= 252)
        return len <= 31 ? len != 0 : 2;
    if (len <= 65530)
        return len <= 255 ? 3 : 4;
    if (len <= 65535)
        return 5;
    return len <= UINT32_MAX - 10u ? 6 : 7;
}

struct sds_family {
    uint8_t header[TEXT_BANDS]; /* bytes before the text, by band */
};

extern const struct sds_family sds_2_8; /* one header for all: redis 2.8 sds.h */
extern const struct sds_family sds_3_2; /* redis 3.2 .. 8.0, valkey 7.2 sds.h */
extern const struct sds_family
    sds_8_2; /* header types end where the whole block can be told: redis 8.2+, valkey 8.0+ */
extern const struct sds_family sds_embedded; /* as sds_8_2 inside another block, where "" too has the 1-byte header */
extern const struct sds_family sds_entry;    /* sds_embedded without the 1-byte header: fields that carry a flag */
extern const struct sds_family sds_argument; /* a command's argument in redis 4.0: never the 1-byte header */
extern const struct sds_family mstr_7_4;     /* hash fields of redis 7.4 .. 8.4 src/mstr.h */

/* Bytes requested for a string of `len` bytes. */
static inline uint64_t sds_request(const struct sds_family *family, uint64_t len)
{
    return len + 1 + family->header[text_band(len)];
}

/* redis 8.4+ src/sds.c sdsAllocSize of a string that holds `held` bytes: a 1-byte header cannot tell the block's size,
 * so the text's length stands for it. */
static inline uint64_t sds_alloc_size(uint64_t len, uint64_t held)
{
    return text_band(len) == 1 ? len + 2 : held;
}

/* Many strings at once: what any family would request for them is a sum over bands. */
struct text_sums {
    uint64_t bytes;
    uint64_t band[TEXT_BANDS]; /* texts */
};

static inline void text_sums_add(struct text_sums *sums, uint64_t len)
{
    sums->bytes += len;
    sums->band[text_band(len)]++;
}

static inline uint64_t text_sums_request(const struct text_sums *sums, const struct sds_family *family)
{
    uint64_t request = sums->bytes;
    for (unsigned i = 0; i < TEXT_BANDS; i++)
        request += sums->band[i] * (1 + family->header[i]);
    return request;
}

#endif
