#include "json.h"

#include <math.h>

json_t *fl_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *fl_json_doubles(const double *values, int n)
{
    json_t *list = json_array();

    for (int i = 0; i < n; i++)
        json_array_append_new(list, fl_json_number(values[i]));
    return list;
}

json_t *fl_json_ints(const int32_t *values, int n)
{
    json_t *list = json_array();

    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_integer(values[i]));
    return list;
}
