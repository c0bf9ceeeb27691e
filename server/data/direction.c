#include "direction.h"

#include <math.h>

float fl_direction_inverse(double squares)
{
    double norm = sqrt(squares);
    float narrow = (float)norm, inverse = (float)(1 / norm);

    return isfinite(narrow) && narrow > 0 && isfinite(inverse) ? inverse : 0;
}

static double sum_of(const float *v, size_t d)
{
    double sum = 0;

    for (size_t k = 0; k < d; k++)
        sum += (double)v[k];
    return sum;
}

// Into `out`: v less `away`. The sum of its squares.
static double take(const float *v, size_t d, double away, double *out)
{
    double squares = 0;

    for (size_t k = 0; k < d; k++) {
        out[k] = (double)v[k] - away;
        squares += out[k] * out[k];
    }
    return squares;
}

// What is left of the mean once the mean rounded to float32 is taken; the sum of squares without it.
static double take_rest(double *out, size_t d)
{
    double sum = 0, squares = 0;

    for (size_t k = 0; k < d; k++)
        sum += out[k];
    for (size_t k = 0; k < d; k++) {
        out[k] -= sum / (double)d;
        squares += out[k] * out[k];
    }
    return squares;
}

bool fl_direction_of(const float *v, size_t d, enum fl_norms norms, double min, double *out)
{
    double squares = take(v, d, 0, out), away = norms == FL_NORMS_MIN ? min : 0;

    if (fl_direction_inverse(squares) == 0)
        return false;
    // The rounded mean makes of a constant vector exactly zero, as in the map's own norms.
    if (norms == FL_NORMS_CENTRED)
        away = (double)(float)(sum_of(v, d) / (double)d);
    if (norms != FL_NORMS_ZERO)
        squares = take(v, d, away, out);
    if (fl_direction_inverse(squares) == 0)
        return false;
    if (norms == FL_NORMS_CENTRED)
        squares = take_rest(out, d);
    for (size_t k = 0; k < d; k++)
        out[k] /= sqrt(squares);
    return true;
}
