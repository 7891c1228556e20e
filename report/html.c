#include "renderers.h"

bool render_html(const struct document *document, const struct render_options *options, FILE *out)
{
    return render_text(document, options, out);
}
