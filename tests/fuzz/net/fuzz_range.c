// Any Content-Range with any Content-Length: no crash; what is accepted lies inside its file, has as
// many bytes as the body, and a piece is not over its limit.
#include "server/net/range.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

// The first 8 bytes are the body's length, the rest the header.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fl_error error = {0};
    struct fl_piece piece;
    uint64_t body = 0;
    char text[300];

    if (len < sizeof body || len - sizeof body >= sizeof text)
        return 0;
    memcpy(&body, bytes, sizeof body);
    memcpy(text, bytes + sizeof body, len - sizeof body);
    text[len - sizeof body] = '\0';
    enum fl_err err = fl_range_parse(text, body, &piece, &error);
    if (err != error.code || (err != FL_OK) != (error.text[0] != '\0'))
        abort();
    if (!err && (piece.whole || piece.first >= piece.last || piece.last > piece.total ||
                 piece.last - piece.first != body || body > FL_UPLOAD_PIECE))
        abort();
    return 0;
}
