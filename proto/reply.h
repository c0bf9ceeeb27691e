#pragma once

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The messages a server sends (proto/README.md), written by msgpack-c into shared bytes. Each
// returns a new reference, or NULL without memory and where the message would be over
// FL_MAX_FROM_SERVER bytes. Strings are sent as UTF-8: a byte that is not becomes '?'. Pure but
// for that allocation; any thread.
struct fl_buf;

#define FL_MAX_FROM_SERVER 4194304u // bytes of a message

struct fl_map_info { // one layer, as the catalogue tells it
    const char *name, *dtype;
    uint32_t w, h, d, rev;
    double extent[4];
    bool loaded; // min, max and invalid are known
    double min, max;
    uint64_t invalid, bytes;
    const float *axis; // d values that the channels stand for, or NULL; `opened` alone tells them
    const char *axis_unit;
};

struct fl_scene_info {
    const char *name;
    uint32_t picture[2]; // 0, 0: none
    uint32_t rev;        // of the picture
    const struct fl_map_info *maps;
    size_t n_maps;
};

struct fl_server_info {
    const char *version, *gpu;
    bool software;
};

struct fl_limits_info {
    uint32_t views, message, refs;
    uint64_t upload; // bytes that may still be uploaded; 0: uploads are off
};

struct fl_buf *fl_reply_welcome(const char *id, const char *role,
                                const struct fl_server_info *server,
                                const struct fl_limits_info *limits,
                                const struct fl_scene_info *scenes, size_t n_scenes);
struct fl_buf *fl_reply_scenes(const struct fl_scene_info *scenes, size_t n_scenes);
struct fl_buf *fl_reply_opened(uint32_t view, const struct fl_map_info *map);
// `map`: "scene/layer"; `done`: 0 to 1.
struct fl_buf *fl_reply_loading(uint32_t view, const char *map, double done);

struct fl_frame_head {
    uint32_t view, frame, seq;
    const char *kind, *enc; // "scalar" or "colour"; "png", "jpeg", "none", "same"
    uint32_t w, h;
    int32_t window[4];
    bool has_rows; // a strip: these rows alone, half-open; `last`: none is missing now
    uint32_t rows[2];
    bool last;
    bool has_cell;
    int32_t cell[2];
    double lo, hi, range[2]; // NaN: sent as null
    bool exact;
    bool has_best;
    int32_t best[2];
    const uint32_t *hist; // 64 numbers, or NULL: left out
    const float *vector;  // d numbers, or NULL: left out
    uint32_t d;
    uint32_t us_wait, us_render, us_read, us_encode;
};

// The head of a frame message: everything up to and including the header of `image`, whose
// image_len bytes follow as they are. head + image is one message.
struct fl_buf *fl_reply_frame(const struct fl_frame_head *head, size_t image_len);

struct fl_probe_info {
    uint32_t view, seq;
    bool has_cell;
    int32_t cell[2];
    double s, cosine, angle, norm; // NaN: sent as null
    const float *vector;           // d numbers, or NULL
    uint32_t d;
};

struct fl_buf *fl_reply_probed(const struct fl_probe_info *probe);

struct fl_error_info {
    const struct fl_error *error;
    bool has_view, has_seq;
    uint32_t view, seq;
};

struct fl_buf *fl_reply_error(const struct fl_error_info *info);
struct fl_buf *fl_reply_bye(const char *reason, bool retry);
