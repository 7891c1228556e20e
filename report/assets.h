/* The files of web/dist, in the program. */
#ifndef ASSETS_H
#define ASSETS_H

#include <stddef.h>

struct asset {
    const char *bytes;
    size_t len;
};

extern const struct asset asset_script; /* report.js */
extern const struct asset asset_style;  /* report.css */
extern const struct asset asset_policy; /* report.csp: what the page's policy says of the script */

#endif
