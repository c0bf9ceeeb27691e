// Any bytes: no crash, no leak, and an error has a sentence; what decodes must survive encode +
// decode unchanged.
#include "proto/msg.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static uint8_t copy[FL_MAX_FROM_CLIENT];
    struct fl_error error = {0};
    struct fl_msg msg, again;
    const void *before = &msg, *after = &again; // zeroed before they were filled: equal bytes

    enum fl_err err = fl_msg_decode(bytes, len, &msg, &error);
    if (err != error.code || (err != FL_OK) != (error.text[0] != 0))
        abort();
    if (err)
        return 0;
    size_t n = fl_msg_encode(&msg, copy, sizeof copy);
    if (n == 0 || fl_msg_decode(copy, n, &again, &error) != FL_OK ||
        memcmp(before, after, sizeof msg) != 0)
        abort();
    return 0;
}
