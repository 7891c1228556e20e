/* What a module value's cost depends on: a vector set's layout, or just its serialized size. */
#ifndef MODEL_MODULE_SHAPE_H
#define MODEL_MODULE_SHAPE_H

struct plan;
struct shape;

struct module_shape {
    int unused;
};

void module_shape_init(struct module_shape *module, const struct plan *plan);
void module_shape_release(struct module_shape *module);
void module_shape_begin(struct module_shape *module); /* shape_module_begin follows and may set shape->type */
void module_shape_end(struct shape *shape);

#endif
