/* Numbers in strings that the server cannot keep as integers (redis src/object.c tryObjectEncoding: only what printing
 * the number gives back), why not, and what they would take if it could. */
#include <inttypes.h>
#include <stdio.h>

#include "alternative_sections.h"
#include "alternatives.h"
#include "words.h"

enum { LONGEST_NUMBER = 40 };

struct number {
    bool is_number, is_fraction, has_blanks, is_padded;
    unsigned digits; /* without leading zeros */
    int64_t integer; /* of the digits, a point left out; where they fit */
};

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t read_digits(const uint8_t *text, size_t at, size_t end, struct number *number)
{
    for (; at < end && is_digit(text[at]); at++) {
        number->digits += number->digits || text[at] != '0';
        if (number->digits < 19)
            number->integer = number->integer * 10 + (text[at] - '0');
    }
    return at;
}

/* sign digits [point digits] [e sign digits], blanks around. */
static void read_number(const uint8_t *text, size_t end, struct number *number)
{
    size_t at = 0;
    *number = (struct number){.is_number = false};
    while (at < end && is_blank(text[at]))
        at++;
    size_t trimmed = end;
    while (trimmed > at && is_blank(text[trimmed - 1]))
        trimmed--;
    number->has_blanks = at > 0 || trimmed < end;
    end = trimmed;
    bool has_sign = at < end && (text[at] == '+' || text[at] == '-');
    number->is_padded = has_sign && text[at] == '+';
    at += has_sign;
    size_t first = at;
    at = read_digits(text, at, end, number);
    size_t seen = at - first;
    number->is_padded |= (seen > 1 || (seen == 1 && has_sign)) && text[first] == '0';
    if (at < end && text[at] == '.') {
        size_t point = at;
        number->is_fraction = true;
        at = read_digits(text, at + 1, end, number);
        seen += at - point - 1;
    }
    if (seen && at < end && (text[at] | 0x20) == 'e') {
        struct number power = {.is_number = false};
        number->is_fraction = true;
        at += 1 + (at + 1 < end && (text[at + 1] == '+' || text[at + 1] == '-'));
        size_t start = at;
        at = read_digits(text, at, end, &power);
        seen = at > start ? seen : 0;
    }
    number->is_number = seen && at == end;
}

void text_numbers_add(struct alternatives *alternatives, struct alternative_row *row, const struct record *record)
{
    enum { MOST_DIGITS = 18 };
    struct number number;
    if (record->value_bytes > LONGEST_NUMBER || shape_string_text(record->shape)->is_integer)
        return;
    read_number(record->value, record->value_bytes, &number);
    if (!number.is_number)
        return;
    bool is_too_large = number.digits > MOST_DIGITS;
    row->numbers[is_too_large         ? NUMBER_TOO_LARGE
                 : number.has_blanks  ? NUMBER_BLANKS
                 : number.is_fraction ? NUMBER_FRACTION
                                      : NUMBER_LEADING_ZERO]++;
    if (is_too_large) {
        alternative_sum_add(&row->sum[ALTERNATIVE_INTEGER], record->cost.size_in_bytes, record->cost.size_in_bytes, 1);
        return;
    }
    const struct shape_text integer = {
        .len = number.digits ? number.digits : 1, .integer = number.integer, .is_integer = true};
    alternative_sum_add(&row->sum[ALTERNATIVE_INTEGER], record->cost.size_in_bytes,
                        alternatives_string_bytes(alternatives, &record->facts, &integer), 1);
}

static const struct doc_column columns[] = {
    ALTERNATIVE_COLUMNS,
    {"leading_zero", "007", DOC_COUNT, 0},
    {"fraction", "1.50", DOC_COUNT, 0},
    {"blanks", "\" 7 \"", DOC_COUNT, 0},
    {"too_large", "Too large", DOC_COUNT, 0},
    {"before_bytes", "Bytes", DOC_BYTES, 0},
    {"after_bytes", "As integers", DOC_BYTES, 0},
    {"saved_bytes", "Saves", DOC_DELTA, 0},
};

static void write_row(struct doc_table *table, const struct alternative_row *row)
{
    const struct alternative_sum *sum = &row->sum[ALTERNATIVE_INTEGER];
    const struct doc_value cells[] = {
        ALTERNATIVE_CELLS(row),
        doc_count(row->numbers[NUMBER_LEADING_ZERO]),
        doc_count(row->numbers[NUMBER_FRACTION]),
        doc_count(row->numbers[NUMBER_BLANKS]),
        doc_count(row->numbers[NUMBER_TOO_LARGE]),
        doc_bytes(sum->before),
        doc_bytes(sum->after),
        doc_delta((int64_t)(sum->before - sum->after)),
    };
    table_row(table, cells);
}

static void write_action(const struct alternative_row *row, size_t number, struct document *document)
{
    char id[32], title[160], why[500], pattern[ALTERNATIVE_NAME_SIZE];
    snprintf(id, sizeof(id), "text_numbers_%zu", number);
    snprintf(title, sizeof(title), "Write the numbers of %s as integers", alternative_pattern(row, document, pattern));
    snprintf(why, sizeof(why),
             "%" PRIu64 " %s, but not written as the server prints integers: with leading zeros or a plus, a point, or "
             "blanks. Without padding, and amounts in their smallest unit (150 instead of 1.50), no string is needed.",
             row->sum[ALTERNATIVE_INTEGER].keys,
             words_for(row->sum[ALTERNATIVE_INTEGER].keys, "value is a number", "values are numbers"));
    document_action(document, id, title, why, alternative_saved(&row->sum[ALTERNATIVE_INTEGER]), NULL);
}

void text_numbers_finish(const void *self, const struct collect_context *context, const struct collector *collector,
                         struct document *document)
{
    static const struct alternative_table what = {ALTERNATIVE_INTEGER, columns, sizeof(columns) / sizeof(*columns),
                                                  write_row, write_action};
    size_t count;
    (void)self;
    struct doc_section *section = alternative_table_write(&what, context, collector, document, &count);
    if (count == 0)
        section_note(section, DOC_GOOD, "Every number that could be kept as an integer is.");
}
