/* Writes the test document: report_fixture FORMAT [PREFIXES [PARTIAL_REASON [SECTION]]] */
#include <stdlib.h>

#include "fixture_document.h"
#include "render.h"

int main(int argc, char **argv)
{
    const struct renderer *renderer = argc > 1 ? renderer_by_name(argv[1]) : NULL;
    if (!renderer)
        return 2;
    const struct render_options options = {.width = 80, .unicode = true, .section = argc > 4 ? argv[4] : NULL};
    unsigned prefixes = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 12;
    struct document *document = fixture_document_new(prefixes, argc > 3 && *argv[3] ? argv[3] : NULL);
    bool ok = renderer->render(document, &options, stdout);
    document_free(document);
    return ok ? 0 : 1;
}
