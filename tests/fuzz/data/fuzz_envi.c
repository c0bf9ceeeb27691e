#include "check.h"

#include "server/base/log.h"
#include "server/data/envi.h"

// An ENVI cube: the header up to the first zero byte, then the values.

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const uint8_t *zero = len > 0 ? memchr(bytes, 0, len) : NULL;
    size_t text_len = zero ? (size_t)(zero - bytes) : len, n = zero ? len - text_len - 1 : 0;
    // Each exactly as long as it is, so that AddressSanitizer sees every step beyond it.
    uint8_t *text = malloc(text_len ? text_len : 1), *values = malloc(n ? n : 1);
    struct fl_map_source source;
    struct fl_error error = {0};

    fl_log_set_level(FL_LOG_ERROR);
    if (!text || !values)
        abort();
    if (text_len > 0)
        memcpy(text, bytes, text_len);
    if (n > 0)
        memcpy(values, zero + 1, n);
    const struct fl_file_bytes file = {"fuzz.img", values, n, NULL};
    enum fl_err err = fl_envi_read("fuzz.hdr", text, text_len, &file, &source, &error);
    if (err)
        check_refusal(err, &error);
    else
        check_source(&source);
    free(values);
    free(text);
    return 0;
}
