#pragma once

#include "render.h"

#include <stddef.h>
#include <stdint.h>

struct fl_buf;
struct fl_map;        // server/data/map.h
struct fl_picture;    // server/data/picture.h
struct fl_references; // server/data/references.h

enum fl_enc { FL_ENC_NONE, FL_ENC_PNG, FL_ENC_JPEG, FL_ENC_RAW };

// How a frame is to be encoded.
struct fl_encoding {
    enum fl_enc enc; // NONE: PNG where it fits the budget, else strips or a JPEG; else that one
    uint32_t budget; // bytes a PNG may have; 0: any number
    int32_t quality; // of a JPEG, 1 .. 100
    uint32_t strip;  // most bytes of a strip; 0: what does not fit becomes a JPEG
};

struct fl_strip {         // rows y0 .. y1 - 1 of an exact picture, a PNG of their own
    struct fl_buf *image; // owned reference
    int32_t y0, y1;
};

// The parcel that travels session -> gpu -> encode -> session, made and ended by the session.
// Exactly one stage holds it at a time and passes it on by pointer; nobody else may touch it.
// Each stage fills in its part. On an error a stage sets `error` and passes it on all the same.
struct fl_frame {
    // session: what is asked
    uint64_t job;               // the session's name for it
    struct fl_map *map;         // shared reference, owned by the parcel; NULL for a picture alone
    struct fl_map *from;        // likewise: the references' map where it is another; or NULL
    struct fl_picture *picture; // shared reference or NULL; loaded where `render` needs it
    struct fl_render render;
    struct fl_encoding encoding;
    bool paced;   // the renderer has no room (gpu.h) until this one is begun
    bool moving;  // of a view in motion: it may be a JPEG where the server is behind (hurry.h)
    bool crowded; // the pass before its own was full, and left it waiting
    bool forget;  // no frame is asked for: the map will not be needed again (fl_gpu_forget)

    // gpu: what came of it
    struct fl_error error;
    double lo, hi;     // the stretch; NaN both when nothing is valid
    double range[2];   // smallest and largest valid value of the whole map; NaN likewise
    int32_t best[2];   // the cell of the best value outside the references' 3 x 3 blocks; -1: none
    uint32_t hist[64]; // of all valid values over range, equal steps
    float *vector;     // owned; the reference's d values (one reference only), else NULL
    // Shared references, or NULL: what was compared with, and the same for plain cosines. Of a
    // region alone they outlive the render: probes compare with them.
    struct fl_references *references, *plain;
    uint8_t *pixels;        // owned; w * h * channels bytes, rows from the top, no padding
    int32_t w, h, channels; // channels: 1 levels, 3 RGB colour, 4 for one float32 a pixel (values)
    bool invalid_ref;       // no reference has a direction: no pixels, lo and hi are NaN
    bool exact;             // levels at full resolution: one per cell of the window

    // encode
    enum fl_enc enc;
    struct fl_buf *image;    // owned reference; shared and immutable from here on
    struct fl_strip *strips; // owned, instead of an image: in the order of their rows
    int32_t n_strips;
    int32_t bar[4]; // x0, y0, x1, y1 of the colours of the colour bar; all 0: there is none

    // when each stage was entered and left, fl_now_us
    uint64_t us_asked, us_render, us_read, us_rendered, us_encode, us_done;
};

// A stage hands a finished parcel on with this; it is called on the stage's own thread.
typedef void (*fl_frame_fn)(void *user, struct fl_frame *frame);
