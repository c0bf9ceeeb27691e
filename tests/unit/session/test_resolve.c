// From what a client says to cells and sizes.
#include "server/data/source.h"
#include "server/session/resolve.h"
#include "test.h"

static const float values[40 * 27 * 2];

// 27 x 40 cells over [0, 0, 432, 640] of a picture of 427 x 640.
static struct fl_map *map_of(void)
{
    struct fl_map_source source = fl_map_source_of(values, 27, 40, 2);

    return fl_map_create("conv4", &source, (double[4]){0, 0, 432, 640});
}

// 10 x 6 cells without a picture.
static struct fl_map *other_map_of(void)
{
    struct fl_map_source source = fl_map_source_of(values, 10, 6, 2);

    return fl_map_create("other", &source, (double[4]){0, 0, 10, 6});
}

static struct fl_picture *picture_of(void)
{
    static const uint8_t rgb[427 * 640 * 3];
    return fl_picture_of(rgb, 427, 640);
}

struct resolved {
    struct fl_render render;
    enum fl_where where;
    enum fl_err err;
    struct fl_error error;
};

static struct resolved resolve(const struct fl_state *state)
{
    struct resolved out = {0};
    struct fl_map *map = map_of();
    struct fl_picture *picture = picture_of();

    const struct fl_resolve_maps maps = {map, NULL, picture};
    out.err = fl_resolve(state, &maps, &out.render, &out.where, &out.error);
    fl_picture_unref(picture);
    fl_map_unref(map);
    return out;
}

static struct fl_state at(double x, double y)
{
    struct fl_state state = fl_state_default();

    state.refs[0] = (struct fl_point){x, y, 1};
    state.n_refs = 1;
    return state;
}

static void test_no_reference_is_the_centre_cell(void)
{
    struct fl_state state = fl_state_default();
    struct resolved got = resolve(&state);

    EXPECT_INT(got.err, FL_OK);
    EXPECT_INT(got.where, FL_WHERE_CELL);
    EXPECT_INT(got.render.refs[0].i, 13);
    EXPECT_INT(got.render.refs[0].j, 20);
    EXPECT_INT(got.render.w, 27);
    EXPECT_INT(got.render.h, 40);
    EXPECT_INT(got.render.window[2], 27);
}

static void test_picture_points_become_cells(void)
{
    struct fl_state state = at(15.999, 16);
    struct resolved got = resolve(&state);

    EXPECT_INT(got.render.refs[0].i, 0);
    EXPECT_INT(got.render.refs[0].j, 1);
    state = at(432, 10); // half-open
    got = resolve(&state);
    EXPECT_INT(got.where, FL_WHERE_OUTSIDE);
}

static void test_references_outside_are_left_out(void)
{
    struct fl_state state = at(100, 100);
    struct resolved got;

    state.refs[1] = (struct fl_point){-5, 3, 1};
    state.refs[2] = (struct fl_point){20, 20, -1};
    state.n_refs = 3;
    got = resolve(&state);
    EXPECT_INT(got.where, FL_WHERE_MANY);
    EXPECT_INT(got.render.n_refs, 2);
    EXPECT_INT(got.render.refs[1].sign, -1);
}

static void test_a_region_is_the_cells_it_touches(void)
{
    struct fl_state state = fl_state_default();
    struct resolved got;

    state.has_region = true;
    memcpy(state.region, (double[4]){15, 31, 33, 1000}, sizeof state.region);
    got = resolve(&state);
    EXPECT_INT(got.render.region[0], 0);
    EXPECT_INT(got.render.region[1], 1);
    EXPECT_INT(got.render.region[2], 3);
    EXPECT_INT(got.render.region[3], 40);
    memcpy(state.region, (double[4]){500, 0, 600, 10}, sizeof state.region);
    got = resolve(&state);
    EXPECT_INT(got.where, FL_WHERE_OUTSIDE);
}

static void test_windows_are_clipped_and_empty_ones_refused(void)
{
    struct fl_state state = at(1, 1);
    struct resolved got;

    state.has_window = true;
    memcpy(state.window, (uint32_t[4]){20, 30, 99, 99}, sizeof state.window);
    got = resolve(&state);
    EXPECT_INT(got.render.window[2], 27);
    EXPECT_INT(got.render.window[3], 40);
    EXPECT_INT(got.render.w, 7);
    EXPECT_INT(got.render.h, 10);
    state.window[0] = 27;
    got = resolve(&state);
    EXPECT_INT(got.err, FL_ERR_RANGE);
    EXPECT(strstr(got.error.text, "27 x 40"));
}

static void test_sizes_shrink_and_keep_the_aspect(void)
{
    struct fl_state state = at(1, 1);
    struct resolved got;

    state.size[0] = 14;
    state.size[1] = 20;
    got = resolve(&state);
    EXPECT_INT(got.render.w, 14); // 13.5
    EXPECT_INT(got.render.h, 20);
    state.size[0] = state.size[1] = 500; // never enlarged
    got = resolve(&state);
    EXPECT_INT(got.render.w, 27);
}

static void test_colour_frames_have_the_pictures_pixels(void)
{
    struct fl_state state = at(1, 1);
    struct resolved got;

    state.kind = FL_KIND_COLOUR;
    got = resolve(&state);
    EXPECT_INT(got.render.output, FL_OUT_COLOUR);
    EXPECT_INT(got.render.w, 432); // what the map covers
    EXPECT_INT(got.render.h, 640);
    state.size[0] = 864;
    got = resolve(&state);
    EXPECT_INT(got.render.w, 864);
    EXPECT_INT(got.render.h, 1280);
    state.size[0] = 16384; // 16384 x 24273 is more than 2^25 pixels
    got = resolve(&state);
    EXPECT((int64_t)got.render.w * got.render.h <= 33600000);
    EXPECT_NEAR((double)got.render.h / got.render.w, 640.0 / 432, 0.001);
}

// Cells that are not of the picture's shape: a map's own grid is not the picture, made smaller.
static void test_a_grid_without_the_picture_has_one_pixel_a_cell(void)
{
    struct fl_map_source source = fl_map_source_of(values, 26, 40, 2);
    struct fl_map *map = fl_map_create("deit", &source, (double[4]){0, 0, 427, 640});
    struct fl_picture *picture = picture_of();
    const struct fl_resolve_maps maps = {map, NULL, picture};
    struct fl_state state = at(1, 1);
    struct fl_render render;
    enum fl_where where;
    struct fl_error error;

    state.kind = FL_KIND_COLOUR;
    state.size[0] = 26;
    state.size[1] = 40;
    EXPECT_INT(fl_resolve(&state, &maps, &render, &where, &error), FL_OK);
    EXPECT_INT(render.h, 39); // of the picture's shape
    state.picture = FL_UNDER_NONE;
    EXPECT_INT(fl_resolve(&state, &maps, &render, &where, &error), FL_OK);
    EXPECT_INT(render.w, 26);
    EXPECT_INT(render.h, 40);
    fl_map_unref(map);
    fl_picture_unref(picture);
}

static void test_what_a_mode_does_not_use_is_no_part_of_the_key(void)
{
    struct fl_state state = at(1, 1);

    state.mode = FL_MODE_NORM;
    state.metric = FL_METRIC_L2;
    state.channel = 1;
    state.colormap = FL_COLORMAP_FIRE; // a scalar frame has no colours
    struct resolved got = resolve(&state);
    EXPECT_INT(got.render.metric, 0);
    EXPECT_INT(got.render.channel, 0);
    EXPECT_INT(got.render.colormap, 0);
}

static void test_a_channel_beyond_the_last_is_refused(void)
{
    struct fl_state state = at(1, 1);

    state.mode = FL_MODE_CHANNEL;
    state.channel = 2;
    struct resolved got = resolve(&state);
    EXPECT_INT(got.err, FL_ERR_RANGE);
    EXPECT(strstr(got.error.text, "0 to 1"));
}

static void test_references_of_another_map_are_cells_of_that_map(void)
{
    struct fl_state state = at(3, 4), nothing = fl_state_default();
    struct fl_map *map = map_of(), *from = other_map_of();
    const struct fl_resolve_maps maps = {map, from, NULL};
    struct fl_render render;
    enum fl_where where = FL_WHERE_MANY;

    EXPECT_INT(fl_resolve(&state, &maps, &render, &where, NULL), FL_OK);
    EXPECT_INT(where, FL_WHERE_CELL);
    EXPECT(render.refs[0].i == 3 && render.refs[0].j == 4);
    EXPECT(render.w == 27 && render.window[3] == 40); // the picture is the map's own
    EXPECT_INT(fl_resolve(&nothing, &maps, &render, &where, NULL), FL_OK);
    EXPECT(render.refs[0].i == 5 && render.refs[0].j == 3); // its centre
    state = at(200, 4);
    EXPECT_INT(fl_resolve(&state, &maps, &render, &where, NULL), FL_OK);
    EXPECT_INT(where, FL_WHERE_OUTSIDE); // of that map
    fl_map_unref(map);
    fl_map_unref(from);
}

static void test_negative_references_are_for_angles(void)
{
    static const bool takes[FL_METRICS] = {[FL_METRIC_ANGULAR] = true,
                                           [FL_METRIC_COSINE] = true,
                                           [FL_METRIC_ANGLE] = true,
                                           [FL_METRIC_PEARSON] = true,
                                           [FL_METRIC_MSAM] = true};
    struct fl_state state = at(100, 100);

    state.refs[0].sign = -1;
    for (int metric = 0; metric < FL_METRICS; metric++) {
        state.mode = FL_MODE_SIMILARITY;
        state.metric = (enum fl_metric)metric;
        struct resolved got = resolve(&state);
        EXPECT_INT(got.err, takes[metric] ? FL_OK : FL_ERR_RANGE);
        if (got.err)
            EXPECT(strstr(got.error.text, fl_metric_names[metric]));
        state.mode = FL_MODE_NORM; // compares nothing
        EXPECT_INT(resolve(&state).err, FL_OK);
    }
}

int main(void)
{
    RUN(test_no_reference_is_the_centre_cell);
    RUN(test_picture_points_become_cells);
    RUN(test_references_outside_are_left_out);
    RUN(test_a_region_is_the_cells_it_touches);
    RUN(test_windows_are_clipped_and_empty_ones_refused);
    RUN(test_sizes_shrink_and_keep_the_aspect);
    RUN(test_colour_frames_have_the_pictures_pixels);
    RUN(test_a_grid_without_the_picture_has_one_pixel_a_cell);
    RUN(test_what_a_mode_does_not_use_is_no_part_of_the_key);
    RUN(test_a_channel_beyond_the_last_is_refused);
    RUN(test_references_of_another_map_are_cells_of_that_map);
    RUN(test_negative_references_are_for_angles);
    return 0;
}
