/* How list nodes compress that a server packs anew, or that the file holds uncompressed: their bytes, and what LZF
 * makes of them. Only where list-compress-depth is set. */
#ifndef MODEL_LIST_PRESS_H
#define MODEL_LIST_PRESS_H

#include "lzf_length.h"
#include "node_bytes.h"

struct list_press {
    struct lzf_table *table;
    const uint8_t *text; /* of the element that is shown next, its first bytes; NULL: nobody showed them */
    size_t known;
    bool makes[NODE_FORMS];                 /* forms that lanes pack a node of the file into */
    struct node_bytes stored[NODE_FORMS];   /* the node of the file that is being read, in these forms */
    uint64_t pressed[NODE_FORMS];           /* their compressed lengths, once asked for; else 0 */
    struct node_bytes open[PLAN_MAX_VIEWS]; /* the node that takes the next element, by list lane */
};

struct list_press *list_press_new(void);
void list_press_free(struct list_press *press);

/* A node of the file begins; one that is no more than its element (plain) or one of entries. */
void list_press_begin_stored(struct list_press *press, bool plain);
/* Its next element, the bytes of which are used up then. */
void list_press_add_stored(struct list_press *press, const struct shape_text *text);
/* Compressed length of the stored node in that form; 0 when its bytes, which are to be `len`, are not all known. */
uint64_t list_press_stored(struct list_press *press, enum node_form form, uint64_t len);

/* An element for a lane's open node; `is_first`: a new one. */
void list_press_add(struct list_press *press, unsigned lane, enum node_form form, bool is_first,
                    const struct shape_text *text);
/* Compressed length of a lane's open node, likewise. It takes no further element. */
uint64_t list_press_open(struct list_press *press, unsigned lane, uint64_t len);
/* Of the next element alone, likewise. */
uint64_t list_press_text(struct list_press *press, uint64_t len);

#endif
