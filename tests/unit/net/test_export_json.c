// What HTTP tells of a frame as JSON, and what a browser calls the files that it saves.
#include "fake.h"
#include "server/net/download.h"
#include "server/net/export_json.h"
#include "test.h"

#include <jansson.h>

const struct fl_asset fl_assets[] = {{0}};
const size_t fl_n_assets = 0;

static json_t *frame_json(const struct fl_frame *frame, const struct fl_state *state)
{
    const struct fl_export_names names = {"1.2.3", "a scene", "conv 1 é"};
    char *text = fl_export_frame_json(frame, state, &names, (const int32_t[]){427, 640}, 300);
    json_t *root = json_loads(text, 0, NULL);

    EXPECT(json_is_object(root));
    free(text);
    return root;
}

static void expect_json(const json_t *root, const char *key, const char *want)
{
    char *got = json_dumps(json_object_get(root, key), JSON_COMPACT | JSON_ENCODE_ANY);

    if (!got || strcmp(got, want) != 0) {
        fprintf(stderr, "%s is %s, expected %s\n", key, got ? got : "(none)", want);
        exit(1);
    }
    free(got);
}

static void test_a_frame_as_json_has_all_that_makes_it_again(void)
{
    struct fl_frame frame = {.map = &fake.map, .lo = -0.25, .hi = 0.5, .range = {-0.5, 1}};
    struct fl_state state = fl_state_default();

    fake_begin();
    state.n_refs = frame.render.n_refs = 1;
    state.refs[0] = (struct fl_point){213.5, 0.1, 1};
    frame.render.refs[0] = (struct fl_cell){21, 0, 1};
    frame.render.metric = state.metric = FL_METRIC_L2;
    frame.render.stretch = state.stretch = (struct fl_stretch){FL_STRETCH_FIXED, -0.25, 0.5};
    frame.hist[63] = 7;
    json_t *root = frame_json(&frame, &state);
    expect_json(root, "version", "\"1.2.3\"");
    expect_json(root, "layer", "\"conv 1 é\"");
    expect_json(root, "picture_size", "[427,640]");
    EXPECT_INT(json_integer_value(json_object_get(json_object_get(root, "map"), "d")), 4);
    expect_json(root, "metric", "\"l2\"");
    EXPECT(strstr(json_string_value(json_object_get(root, "formula")), "square root"));
    expect_json(root, "bright_is", "\"lo\"");
    expect_json(root, "cell", "[21,0]");
    expect_json(root, "stretch", "[\"fixed\",-0.25,0.5]");
    expect_json(root, "lo", "-0.25");
    expect_json(root, "range", "[-0.5,1.0]");
    EXPECT_INT(json_array_size(json_object_get(root, "hist")), 64);
    EXPECT_INT(json_integer_value(json_array_get(json_object_get(root, "hist"), 63)), 7);
    expect_json(root, "npy", "\"frame.npy?mode=similarity&metric=l2&origin=zero&ref=213.5,0.1\"");
    expect_json(root, "png",
                "\"frame.png?mode=similarity&metric=l2&origin=zero&ref=213.5,0.1&"
                "stretch=fixed,-0.25,0.5&colormap=viridis&opacity=0.1&picture=grey&w=300\"");
    expect_json(root, "vector", "\"vector.npy?ref=213.5,0.1\"");
    json_decref(root);
}

static void test_a_frame_with_nothing_to_show_is_json_too(void)
{
    const double nan = (double)NAN;
    struct fl_frame frame = {
        .map = &fake.map, .lo = nan, .hi = nan, .range = {nan, nan}, .best = {-1, -1}};
    struct fl_state state = fl_state_default();

    fake_begin();
    frame.render.n_refs = 1;
    json_t *root = frame_json(&frame, &state);
    expect_json(root, "lo", "null");
    expect_json(root, "range", "null");
    expect_json(root, "hist", "null");
    expect_json(root, "best", "null");
    json_decref(root);
}

static void test_many_references_a_region_and_a_channel_are_told_in_json(void)
{
    struct fl_frame frame = {.map = &fake.map};
    struct fl_state state = fl_state_default();

    fake_begin();
    state.n_refs = frame.render.n_refs = 2;
    state.refs[0] = (struct fl_point){1, 2, 1};
    state.refs[1] = (struct fl_point){3, 4, -1};
    frame.render.refs[1].sign = -1;
    snprintf(state.from, sizeof state.from, "an&other/1");
    json_t *root = frame_json(&frame, &state);
    expect_json(root, "refs", "[[1.0,2.0,1],[3.0,4.0,-1]]");
    expect_json(root, "npy",
                "\"frame.npy?mode=similarity&metric=angular&origin=zero&refs=1,2,1,3,4,-1&"
                "from=an%26other/1\"");
    EXPECT(!json_object_get(root, "vector"));
    json_decref(root);
    state.has_region = frame.render.has_region = true;
    frame.render.region[2] = 3;
    root = frame_json(&frame, &state);
    expect_json(root, "region", "[0.0,0.0,0.0,0.0]");
    expect_json(root, "region_cells", "[0,0,3,0]");
    EXPECT(!json_object_get(root, "refs"));
    json_decref(root);
    frame.render.mode = FL_MODE_CHANNEL;
    frame.render.channel = 3;
    root = frame_json(&frame, &state);
    expect_json(root, "channel", "3");
    expect_json(root, "npy", "\"frame.npy?mode=channel&channel=3\"");
    EXPECT(!json_object_get(root, "metric") && !json_object_get(root, "region"));
    json_decref(root);
}

// --- names of files ---

static void expect_name(const struct fl_route *route, const struct fl_state *state, enum fl_enc enc,
                        const char *want)
{
    char got[FL_MAX_DOWNLOAD];

    fl_download_name(route, state, enc, got);
    if (strcmp(got, want) != 0) {
        fprintf(stderr, "%s\nnot %s\n", got, want);
        exit(1);
    }
}

static void test_downloads_say_what_they_are(void)
{
    struct fl_route route = {.kind = FL_ROUTE_FRAME, .format = FL_FORMAT_PNG, .scene = "hydrant"};
    struct fl_state state = fl_state_default();

    strcpy(route.layer, "conv4");
    expect_name(&route, &state, FL_ENC_PNG,
                "attachment; filename=\"hydrant_conv4_angular_centre.png\"");
    state.n_refs = 1;
    state.refs[0] = (struct fl_point){213.5, 320, 1};
    expect_name(&route, &state, FL_ENC_PNG,
                "attachment; filename=\"hydrant_conv4_angular_213-320.png\"");
    state.n_refs = 3;
    route.format = FL_FORMAT_NPY;
    expect_name(&route, &state, FL_ENC_RAW,
                "attachment; filename=\"hydrant_conv4_angular_3-points.npy\"");
    state.mode = FL_MODE_CHANNEL;
    state.channel = 17;
    route.format = FL_FORMAT_JSON;
    expect_name(&route, &state, FL_ENC_NONE,
                "attachment; filename=\"hydrant_conv4_channel-17.json\"");
    state = fl_state_default();
    state.has_region = true;
    route.kind = FL_ROUTE_MASK;
    route.format = FL_FORMAT_PNG;
    expect_name(&route, &state, FL_ENC_PNG, "attachment; filename=\"hydrant_conv4_mask.png\"");
    route.kind = FL_ROUTE_PICTURE;
    route.format = FL_FORMAT_NONE;
    expect_name(&route, &state, FL_ENC_JPEG, "attachment; filename=\"hydrant.jpg\"");
    strcpy(route.layer, "hydrant"); // a map by itself is a scene of its own name
    route.kind = FL_ROUTE_VECTOR;
    route.format = FL_FORMAT_CSV;
    expect_name(&route, &state, FL_ENC_NONE, "attachment; filename=\"hydrant_vector_region.csv\"");
}

static void test_names_of_any_letters_are_safe_in_a_header(void)
{
    struct fl_route route = {.kind = FL_ROUTE_MASK, .format = FL_FORMAT_PNG};
    const struct fl_state state = fl_state_default();
    char out[FL_MAX_DOWNLOAD];

    strcpy(route.scene, "a\"b/;\\");
    strcpy(route.layer, "é");
    expect_name(&route, &state, FL_ENC_PNG,
                "attachment; filename=\"a_b_______mask.png\"; "
                "filename*=UTF-8''a%22b%2F%3B%5C_%C3%A9_mask.png");
    memset(route.scene, 0xc3, sizeof route.scene - 1);
    memset(route.layer, 'x', sizeof route.layer - 1);
    fl_download_name(&route, &state, FL_ENC_PNG, out);
    EXPECT(strlen(out) > 500 && strspn(out + 22, "_x.mask png\"") == strlen(out) - 22);
}

int main(void)
{
    RUN(test_a_frame_as_json_has_all_that_makes_it_again);
    RUN(test_a_frame_with_nothing_to_show_is_json_too);
    RUN(test_many_references_a_region_and_a_channel_are_told_in_json);
    RUN(test_downloads_say_what_they_are);
    RUN(test_names_of_any_letters_are_safe_in_a_header);
    return 0;
}
