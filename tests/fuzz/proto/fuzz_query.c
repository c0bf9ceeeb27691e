// Any query: no crash, and an error has a sentence; what parses is a change that a `set` message
// can carry, unchanged.
#include "proto/msg.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void survive_the_wire(const struct fl_set *set)
{
    uint8_t bytes[4096];
    struct fl_msg msg, again;
    const void *before = &msg.set, *after = &again.set; // zeroed before: equal bytes

    memset(&msg, 0, sizeof msg);
    msg.type = FL_MSG_SET;
    memcpy(&msg.set.set, set, sizeof *set);
    size_t n = fl_msg_encode(&msg, bytes, sizeof bytes);
    if (n == 0 || fl_msg_decode(bytes, n, &again, NULL) != FL_OK ||
        memcmp(before, after, sizeof msg.set) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *query = (const char *)bytes;
    struct fl_error error = {0};
    struct fl_set set;
    char value[64];

    if (fl_query_get(query, len, "w", value, sizeof value) && strlen(value) >= sizeof value)
        abort();
    enum fl_err err = fl_set_parse_query(query, len, &set, &error);
    if (err != error.code || (err != FL_OK) != (error.text[0] != 0))
        abort();
    if (!err)
        survive_the_wire(&set);
    return 0;
}
