#pragma once

#include <jansson.h>
#include <stdint.h>

// Values as this server's JSON has them. New references.
json_t *fl_json_number(double value); // null where it is not finite
json_t *fl_json_doubles(const double *values, int n);
json_t *fl_json_ints(const int32_t *values, int n);
