/* A straight line through points in time, and when it reaches a limit. */
#ifndef REGRESSION_H
#define REGRESSION_H

#include <stdbool.h>
#include <stddef.h>

struct regression {
    size_t count;
    double mean_x, mean_y, slope;
    double sxx;        /* sum of the squares of x - mean_x */
    double residual;   /* standard deviation of y about the line; 0 with two points */
    double slope_half; /* half the width of the slope's 95 % confidence interval; only with three points or more */
};

/* Least squares. false when there are not two different x. */
bool regression_fit(struct regression *fit, const double *x, const double *y, size_t count);

/* Where the line, and the edges of its 95 % confidence band, reach `limit`. */
struct crossing {
    double at, earliest, latest;
    bool has_earliest, has_latest; /* false: the band never does, on that side; both false with two points */
};
/* false when the line does not rise, or is there already at its last point `last_x`. */
bool regression_crossing(const struct regression *fit, double limit, double last_x, struct crossing *crossing);

#endif
