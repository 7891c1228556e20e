#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "rax_size.h"

/* Where the path to the last name is cut into nodes: at a branch (ways >= 2), at the end of a name that others continue
 * (is_key), and at the root. */
struct rax_cut {
    size_t depth;
    unsigned ways; /* names go on in so many ways */
    bool is_key;
};

void rax_names_init(struct rax_names *rax, const struct size_classes *classes, unsigned class_count)
{
    *rax = (struct rax_names){.classes = classes, .class_count = class_count};
}

void rax_names_release(struct rax_names *rax)
{
    free(rax->last);
    free(rax->cut);
    free(rax->bytes);
    free(rax->name);
    *rax = (struct rax_names){0};
}

static void restart(struct rax_names *rax)
{
    rax->tree = (struct rax_sum){0};
    rax->cut_count = 0;
    rax->last_len = 0;
}

void rax_names_begin(struct rax_names *rax)
{
    restart(rax);
    rax->bytes_len = 0;
    rax->name_count = 0;
    rax->offered = 0;
    rax->is_unsorted = rax->is_cut_short = false;
}

static void add_node(struct rax_names *rax, uint64_t bytes)
{
    rax->tree.nodes++;
    rax->tree.asked += bytes;
    for (unsigned i = 0; i < rax->class_count; i++)
        rax->tree.held[i] += size_classes_held(&rax->classes[i], bytes);
}

/* The path from `cut` to depth `end` is finished: its run of single bytes, which starts behind a branch's own byte. */
static void add_run(struct rax_names *rax, const struct rax_cut *cut, size_t end)
{
    bool branches = cut->ways >= 2;
    size_t len = end - cut->depth - (branches ? 1 : 0);
    if (len)
        add_node(rax, rax_run_bytes(len, cut->is_key && !branches && !rax->keys_only));
}

/* Finishes all of the last name's path below depth `depth`; returns where the finished part begins. */
static size_t close_below(struct rax_names *rax, size_t depth)
{
    size_t end = rax->last_len;
    add_node(rax, RAX_LEAF_BYTES + (rax->keys_only ? 0 : RAX_VALUE_BYTES));
    while (rax->cut[rax->cut_count - 1].depth > depth) {
        const struct rax_cut *cut = &rax->cut[--rax->cut_count];
        add_run(rax, cut, end);
        if (cut->ways >= 2)
            add_node(rax, rax_branch_bytes(cut->ways, cut->is_key && !rax->keys_only));
        end = cut->depth;
    }
    return end;
}

static void push_cut(struct rax_names *rax, struct rax_cut cut)
{
    rax->cut = grow(rax->cut, &rax->cut_capacity, rax->cut_count + 1, sizeof *rax->cut);
    rax->cut[rax->cut_count++] = cut;
}

/* The new name leaves the last one's path after `depth` bytes. */
static void turn_off(struct rax_names *rax, size_t depth)
{
    struct rax_cut *top = &rax->cut[rax->cut_count - 1];
    if (depth == rax->last_len) {
        if (top->depth == depth)
            top->is_key = true; /* the root, and the empty name */
        else
            push_cut(rax, (struct rax_cut){depth, 1, true});
        return;
    }
    size_t end = close_below(rax, depth);
    top = &rax->cut[rax->cut_count - 1];
    if (end > depth + 1)
        add_node(rax, rax_run_bytes(end - depth - 1, false));
    if (top->depth == depth)
        top->ways++;
    else
        push_cut(rax, (struct rax_cut){depth, 2, false});
}

static void count_name(struct rax_names *rax, const uint8_t *name, size_t len, size_t common)
{
    if (rax->tree.keys++ == 0)
        push_cut(rax, (struct rax_cut){0, 1, false});
    else
        turn_off(rax, common);
    rax->last = grow(rax->last, &rax->last_capacity, len + 1, 1);
    memcpy(rax->last + common, name + common, len - common);
    rax->last_len = len;
}

static size_t common_prefix(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    size_t n = a_len < b_len ? a_len : b_len, i = 0;
    while (i < n && a[i] == b[i])
        i++;
    return i;
}

static void collect(struct rax_names *rax, const uint8_t *name, size_t len)
{
    rax->offered++;
    if (rax->name_count == RAX_NAMES_MAX_COUNT || len > RAX_NAMES_MAX_BYTES - rax->bytes_len ||
        rax->offered > rax->name_count + 1)
        return;
    rax->bytes = grow(rax->bytes, &rax->bytes_capacity, rax->bytes_len + len + 1, 1);
    rax->name = grow(rax->name, &rax->name_capacity, rax->name_count + 1, sizeof *rax->name);
    memcpy(rax->bytes + rax->bytes_len, name, len);
    rax->name[rax->name_count++] = (struct rax_name){(uint32_t)rax->bytes_len, (uint32_t)len};
    rax->bytes_len += len;
}

void rax_names_add(struct rax_names *rax, const uint8_t *name, uint64_t len)
{
    if (!name) { /* its bytes were not kept */
        rax->is_cut_short |= len > 0;
        name = (const uint8_t *)"";
        len = 0;
    } else if (len > RAX_NAMES_MAX_NAME) {
        len = RAX_NAMES_MAX_NAME;
        rax->is_cut_short = true;
    }
    collect(rax, name, len);
    if (rax->is_unsorted)
        return;
    size_t common = common_prefix(rax->last, rax->last_len, name, len);
    if (rax->tree.keys) {
        if (common == len && common == rax->last_len)
            return;
        if (common == len || (common < rax->last_len && name[common] < rax->last[common])) {
            rax->is_unsorted = true;
            return;
        }
    }
    count_name(rax, name, len, rax->tree.keys ? common : 0);
}

static int compare_names(const void *a, const void *b, void *bytes)
{
    const struct rax_name *x = a, *y = b;
    const uint8_t *start = bytes;
    uint32_t n = x->len < y->len ? x->len : y->len;
    int order = memcmp(start + x->start, start + y->start, n);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void count_sorted(struct rax_names *rax)
{
    restart(rax);
    qsort_r(rax->name, rax->name_count, sizeof *rax->name, compare_names, rax->bytes);
    for (size_t i = 0; i < rax->name_count; i++) {
        const uint8_t *name = rax->bytes + rax->name[i].start;
        size_t len = rax->name[i].len;
        size_t common = rax->tree.keys ? common_prefix(rax->last, rax->last_len, name, len) : 0;
        if (rax->tree.keys == 0 || common < len || common < rax->last_len)
            count_name(rax, name, len, common);
    }
}

/* Closes the path up to the root. */
static void close_tree(struct rax_names *rax)
{
    size_t end = close_below(rax, 0);
    const struct rax_cut *root = &rax->cut[0];
    add_run(rax, root, end);
    if (root->ways >= 2)
        add_node(rax, rax_branch_bytes(root->ways, root->is_key && !rax->keys_only));
}

void rax_names_end(struct rax_names *rax, struct rax_sum *sum)
{
    if (rax->is_unsorted)
        count_sorted(rax);
    if (rax->tree.keys)
        close_tree(rax);
    else
        add_node(rax, RAX_LEAF_BYTES);
    if (rax->is_unsorted && rax->name_count < rax->offered)
        rax_sum_extrapolate(&rax->tree, rax->name_count, rax->offered);
    rax->tree.trees = 1;
    rax->tree.is_coarse |= rax->is_cut_short;
    rax_sum_add(sum, &rax->tree);
}
