#include "regression.h"

#include <math.h>

/* The quantile 0.975 of Student's t with so many degrees of freedom: a table, and its expansion in 1/df where that is
 * exact to three digits (Abramowitz and Stegun 26.7.5). */
static double quantile(size_t freedom)
{
    static const double table[] = {0,     12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                   2.201, 2.179,  2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086};
    const double z = 1.959964;
    if (freedom < sizeof table / sizeof *table)
        return table[freedom];
    double n = (double)freedom;
    return z + (z * z * z + z) / (4 * n) + (5 * pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * n * n);
}

bool regression_fit(struct regression *fit, const double *x, const double *y, size_t count)
{
    double sxy = 0, squares = 0;
    *fit = (struct regression){.count = count};
    for (size_t i = 0; i < count; i++) {
        fit->mean_x += x[i] / (double)count;
        fit->mean_y += y[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        fit->sxx += (x[i] - fit->mean_x) * (x[i] - fit->mean_x);
        sxy += (x[i] - fit->mean_x) * (y[i] - fit->mean_y);
    }
    if (count < 2 || !(fit->sxx > 0))
        return false;
    fit->slope = sxy / fit->sxx;
    if (count == 2)
        return true;
    for (size_t i = 0; i < count; i++) {
        double off = y[i] - fit->mean_y - fit->slope * (x[i] - fit->mean_x);
        squares += off * off;
    }
    fit->residual = sqrt(squares / (double)(count - 2));
    fit->slope_half = quantile(count - 2) * fit->residual / sqrt(fit->sxx);
    return true;
}

/* The band is mean_y + slope u +- t s sqrt(1/n + u^2/sxx) with u = x - mean_x: its edges reach the limit at the roots
 * of a quadratic in u (Fieller). */
bool regression_crossing(const struct regression *fit, double limit, double last_x, struct crossing *crossing)
{
    double rest = limit - fit->mean_y;
    *crossing = (struct crossing){.at = 0};
    if (!(fit->slope > 0) || fit->mean_x + rest / fit->slope <= last_x)
        return false;
    crossing->at = fit->mean_x + rest / fit->slope;
    if (fit->count < 3)
        return true;
    double half = quantile(fit->count - 2) * fit->residual;
    double a = fit->slope * fit->slope - fit->slope_half * fit->slope_half;
    double b = -2 * fit->slope * rest, c = rest * rest - half * half / (double)fit->count;
    double root = b * b - 4 * a * c;
    if (root < 0)
        return true;
    /* Without a slope that is surely positive, one root is behind us: only the other one is an answer. */
    double u = a > 0 ? (-b - sqrt(root)) / (2 * a) : 2 * c / (-b + sqrt(root));
    crossing->has_earliest = true;
    crossing->earliest = fit->mean_x + u;
    if (crossing->earliest < last_x)
        crossing->earliest = last_x;
    crossing->has_latest = a > 0;
    if (a > 0)
        crossing->latest = fit->mean_x + (-b + sqrt(root)) / (2 * a);
    return true;
}
