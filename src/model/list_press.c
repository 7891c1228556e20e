#include "list_press.h"

#include <stdlib.h>

#include "grow.h"

struct list_press *list_press_new(void)
{
    struct list_press *press = allocate(1, sizeof *press);
    press->table = lzf_table_new();
    return press;
}

void list_press_free(struct list_press *press)
{
    if (!press)
        return;
    for (unsigned i = 0; i < NODE_FORMS; i++)
        node_bytes_release(&press->stored[i]);
    for (unsigned i = 0; i < PLAN_MAX_VIEWS; i++)
        node_bytes_release(&press->open[i]);
    lzf_table_free(press->table);
    free(press);
}

void list_press_begin_stored(struct list_press *press, bool plain)
{
    for (unsigned i = 0; i < NODE_FORMS; i++) {
        press->pressed[i] = 0;
        node_bytes_begin(&press->stored[i], (enum node_form)i);
        press->stored[i].is_whole = press->makes[i] && (i == NODE_PLAIN) == plain;
    }
}

void list_press_add_stored(struct list_press *press, const struct shape_text *text)
{
    for (unsigned i = 0; i < NODE_FORMS; i++)
        if (press->stored[i].is_whole)
            node_bytes_add(&press->stored[i], text, press->text, press->known);
    press->text = NULL;
}

static uint64_t length_of(struct list_press *press, struct node_bytes *node, uint64_t len)
{
    node_bytes_end(node);
    return node->is_whole && node->len == len ? lzf_length(press->table, node->bytes, node->len) : 0;
}

uint64_t list_press_stored(struct list_press *press, enum node_form form, uint64_t len)
{
    if (press->pressed[form] == 0) {
        press->pressed[form] = length_of(press, &press->stored[form], len);
        press->stored[form].is_whole = false; /* it has its end now */
    }
    return press->pressed[form];
}

void list_press_add(struct list_press *press, unsigned lane, enum node_form form, bool is_first,
                    const struct shape_text *text)
{
    struct node_bytes *node = &press->open[lane];
    if (is_first)
        node_bytes_begin(node, form);
    node_bytes_add(node, text, press->text, press->known);
}

uint64_t list_press_open(struct list_press *press, unsigned lane, uint64_t len)
{
    return length_of(press, &press->open[lane], len);
}

uint64_t list_press_text(struct list_press *press, uint64_t len)
{
    return press->text && press->known == len && len <= NODE_BYTES_MAX
               ? lzf_length(press->table, press->text, press->known)
               : 0;
}
