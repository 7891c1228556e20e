/* The outputs of a command about several files: a document, and summaries where -o names a .rdbm. */
#ifndef GATHERED_REPORT_H
#define GATHERED_REPORT_H

#include "collect/slot_nodes.h"
#include "document_output.h"
#include "gathered.h"

struct gathered_report {
    const struct cli_options *options;
    struct output_options output; /* the options, but only the paths of documents */
    struct document_outputs documents;
    bool has_documents;
    struct text_list summaries;
    struct sweep_points points;
    struct slot_nodes nodes; /* none: each file is one */
    bool *wanted;            /* to be gathered */
    bool *printed;           /* of the sections; NULL: those that are by default, and those about several files */
    bool with_files;
};

/* Chooses what is gathered and opens the outputs. `is_saved`: only from summaries. Complains when it fails. */
enum exit_status gathered_report_open(struct gathered_report *report, bool is_saved, const struct cli_options *options,
                                      const struct environment *environment);
/* What to gather for it. */
struct gather gathered_report_gather(const struct gathered_report *report);
/* Whether a section of that id is to be printed, of several files. */
bool gathered_report_prints(const struct gathered_report *report, const char *id);
/* Names every file that is damaged or missing; the status says whether there was one. What is wrong with a file may
 * name a key, and in a summary names are as its maker had them: where names are hidden it is not told. */
enum exit_status gathered_complain(const struct gathered *gathered, bool hides_names);
/* Writes everything; returns what the outputs come to. */
enum exit_status gathered_report_write(struct gathered_report *report, const struct gathered *gathered);
void gathered_report_release(struct gathered_report *report);

#endif
