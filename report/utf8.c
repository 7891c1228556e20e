#include "utf8.h"

#include <locale.h>
#include <wchar.h>

unsigned utf8_decode(const uint8_t *bytes, size_t len, uint32_t *point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (len == 0)
        return 0;
    uint8_t lead = bytes[0];
    *point = lead;
    if (lead < 0x80)
        return 1;
    unsigned size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || len < size)
        return 0;
    uint32_t value = lead & (0x7Fu >> size);
    for (unsigned i = 1; i < size; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (bytes[i] & 0x3Fu);
    }
    if (value < smallest[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *point = value;
    return size;
}

/* Unicode 15: general categories Cc, Zl, Zp and those of Cf that hide or reorder text, and the noncharacters at the end
 * of the first plane. U+200D joins emoji and stays. */
static const struct {
    uint32_t first, last;
} controls[] = {
    {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},       {0x61C, 0x61C},   {0x180E, 0x180E},
    {0x200B, 0x200C}, {0x200E, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0001, 0xE0001},
};

bool utf8_is_control(uint32_t point)
{
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
        if (point <= controls[i].last)
            return point >= controls[i].first;
    return false;
}

unsigned utf8_width(uint32_t point)
{
    if (point < 0x7F)
        return 1;
    int width = wcwidth((wchar_t)point);
    return width < 0 ? 1 : (unsigned)width;
}

struct utf8_locale utf8_locale_enter(void)
{
    struct utf8_locale locale = {NULL, newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)};
    if (locale.mine)
        locale.before = uselocale((locale_t)locale.mine);
    return locale;
}

void utf8_locale_leave(struct utf8_locale *locale)
{
    if (!locale->mine)
        return;
    uselocale((locale_t)locale->before);
    freelocale((locale_t)locale->mine);
}
