#pragma once

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

// What one view shows, as the client says it: the words and ranges of proto/README.md. One table
// of names serves the wire, URL queries and the page's fragment. Pure: no allocation, no I/O.

#define FL_MAX_SIDE     1048576 // cells per side of a map
#define FL_MAX_CHANNELS 65536
#define FL_MAX_REFS     16
#define FL_MAX_VIEWS    64
#define FL_MAX_NAME     256   // bytes of "scene/layer", the terminator included
#define FL_MAX_PICTURE  16384 // pixels per side of a frame

enum fl_mode { FL_MODE_SIMILARITY, FL_MODE_CHANNEL, FL_MODE_NORM, FL_MODES };

enum fl_metric {
    FL_METRIC_ANGULAR, // 1 - (2/pi) acos(c)
    FL_METRIC_COSINE,
    FL_METRIC_ANGLE, // degrees; a distance
    FL_METRIC_DOT,
    FL_METRIC_L2,    // a distance
    FL_METRIC_L1,    // a distance
    FL_METRIC_LHALF, // (sum sqrt|p - r|)^2; a distance
    FL_METRIC_PEARSON,
    FL_METRIC_MSAM, // angular on centred vectors
    FL_METRICS
};

// What is taken from every value before an angle is taken: nothing, or the map's minimum.
enum fl_origin { FL_ORIGIN_ZERO, FL_ORIGIN_MIN, FL_ORIGINS };

enum fl_stretch_kind {
    FL_STRETCH_MINMAX,
    FL_STRETCH_AROUND,     // the 3 x 3 block around each reference left out of hi
    FL_STRETCH_PERCENTILE, // a, b in percent
    FL_STRETCH_FIXED,      // a, b are lo, hi
    FL_STRETCHES
};

struct fl_stretch {
    enum fl_stretch_kind kind;
    double a, b; // 0 for minmax and around
};

enum fl_kind { FL_KIND_SCALAR, FL_KIND_COLOUR, FL_KINDS };

enum fl_colormap {
    FL_COLORMAP_VIRIDIS,
    FL_COLORMAP_FIRE,
    FL_COLORMAP_MAGMA,
    FL_COLORMAP_INFERNO,
    FL_COLORMAP_PLASMA,
    FL_COLORMAP_CIVIDIS,
    FL_COLORMAP_TURBO,
    FL_COLORMAP_GRAY,
    FL_COLORMAP_COOLWARM,
    FL_COLORMAPS
};

enum fl_under { FL_UNDER_GREY, FL_UNDER_COLOUR, FL_UNDER_NONE, FL_UNDERS }; // `picture`

// Arrays of the names above, in order: fl_metric_names[FL_METRIC_L2] is "l2".
extern const char *const fl_mode_names[FL_MODES];
extern const char *const fl_metric_names[FL_METRICS];
extern const char *const fl_origin_names[FL_ORIGINS];
extern const char *const fl_stretch_names[FL_STRETCHES];
extern const char *const fl_kind_names[FL_KINDS];
extern const char *const fl_colormap_names[FL_COLORMAPS]; // with "_r" behind: reversed
extern const char *const fl_under_names[FL_UNDERS];

struct fl_point {
    double x, y; // picture coordinates
    int sign;    // +1: similar to this; -1: unlike this
};

struct fl_state {
    struct fl_point refs[FL_MAX_REFS];
    uint32_t n_refs; // 0 and no region: the map's centre cell
    bool has_region;
    double region[4];       // picture coordinates
    char from[FL_MAX_NAME]; // "scene/layer" of the reference's map; "": the view's own
    enum fl_mode mode;
    uint32_t channel;
    enum fl_metric metric;
    enum fl_origin origin;
    struct fl_stretch stretch;
    bool has_window;
    uint32_t window[4]; // x0, y0, x1, y1 in cells, half-open
    uint32_t size[2];   // most pixels wanted; 0: as many as there are
    enum fl_kind kind;
    bool vector; // send the reference's vector with each frame
    enum fl_colormap colormap;
    bool reversed;
    double opacity; // a of min(1, s' + a)
    enum fl_under picture;
};

enum fl_state_field {
    FL_SET_REF = 1 << 0, // ref, refs and region share it: setting one clears the others
    FL_SET_FROM = 1 << 1,
    FL_SET_MODE = 1 << 2,
    FL_SET_CHANNEL = 1 << 3,
    FL_SET_METRIC = 1 << 4,
    FL_SET_ORIGIN = 1 << 5,
    FL_SET_STRETCH = 1 << 6,
    FL_SET_WINDOW = 1 << 7,
    FL_SET_SIZE = 1 << 8,
    FL_SET_KIND = 1 << 9,
    FL_SET_VECTOR = 1 << 10,
    FL_SET_COLORMAP = 1 << 11,
    FL_SET_OPACITY = 1 << 12,
    FL_SET_PICTURE = 1 << 13,
};

// One change: the fields in `has` are set, the others are zero.
struct fl_set {
    uint32_t has;
    struct fl_state to;
};

struct fl_state fl_state_default(void); // as proto/README.md has the defaults
void fl_state_apply(struct fl_state *state, const struct fl_set *set);

// The same fields from a URL's query ("ref=10.5,20&metric=cosine&stretch=fixed,0,1"): names and
// ranges as on the wire, lists with commas, %XX decoded. Keys that are not fields of `set` are
// left alone (a route has its own, such as w). `len` bytes, no terminator needed.
enum fl_err fl_set_parse_query(const char *query, size_t len, struct fl_set *out,
                               struct fl_error *error) FL_CHECKED;

// The value of one key of a query, %XX decoded, into `out` with a terminator. False: no such key,
// or it does not fit or holds a zero byte.
bool fl_query_get(const char *query, size_t len, const char *key, char *out, size_t size);
