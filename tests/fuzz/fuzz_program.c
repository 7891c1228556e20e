/* Any bytes as a snapshot through the whole program: every command that reads one, every renderer. Its length chooses
 * the command, so that snapshots are seeds as they are. The status is one that is documented, and standard output is
 * UTF-8 without a byte that a terminal obeys. */
#include <stdbool.h>
#include <stdlib.h>

#include "in_process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct run {
    struct in_process_run words;
    bool may_miss; /* it asks for something that a snapshot need not have, which is a usage error */
} runs[] = {
    {{"report", {"IN", "EVERY", "-o*.txt", "-o*.json", "-o*.csv", "-o*.md", "-o*.html", "--section=types"}}, true},
    {{"report", {"IN", "--now=1700000000", "--top=3", "--color=always"}}, false},
    {{"report", {"IN", "-fjson", "--type=hash,stream,string", "--expiry=any", "--set=hash-max-listpack-entries=3"}},
     false},
    {{"report", {"IN", "-fmarkdown", "--target=valkey-9.0", "--regex=.", "--min-size=60"}}, false},
    {{"keys", {"IN"}}, false},
    {{"keys", {"IN", "--key-format=hex", "--no-checksum", "--target=redis-6.2"}}, false},
    {{"keys", {"IN", "--key-format=base64", "--allocator=libc", "--match=*a*"}}, false},
    {{"verify", {"IN", "--deep"}}, false},
    {{"verify", {"IN", "--deep", "-fjson", "--no-checksum"}}, false},
    {{"explain", {"IN", "a", "-fjson"}}, true},
    {{"upgrade", {"IN"}}, false},
    {{"doctor", {"IN"}}, false},
    {{"check", {"IN", "--max-key-bytes=60", "--max-elements=2", "-fgithub", "-o-", "-o*.md", "-o*.prom"}}, false},
    {{"check", {"IN", "--max-name-bytes=0", "--forbid-encodings=raw,hash/hashtable", "--max-violations=0", "-fjunit"}},
     false},
    {{"check", {"IN", "--max-packed-bytes=9", "--require-encodings=stream", "--require-counts", "-fgitlab"}}, false},
    {{"report", {"IN", "EVERY", "-fprometheus"}}, false},
    {{"policy", {"--init", "IN"}}, false},
};
enum { RUN_COUNT = sizeof runs / sizeof *runs };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct in_process_output output;
    const struct run *run = &runs[size % RUN_COUNT];
    enum exit_status status = in_process(&run->words, data, size, &output);
    if (status == EXIT_STATUS_USAGE && !run->may_miss)
        abort();
    if (in_process_unprintable(&output) != NULL)
        abort();
    free(output.text);
    return 0;
}
