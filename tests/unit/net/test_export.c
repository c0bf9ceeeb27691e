// What HTTP hands out, byte for byte.
#include "fake.h"
#include "server/net/export.h"
#include "server/net/png_text.h"
#include "server/net/scenes.h"
#include "test.h"

#include <jansson.h>
#include <png.h>

const struct fl_asset fl_assets[] = {{0}};
const size_t fl_n_assets = 0;

static void test_nothing_to_show_is_all_nan(void)
{
    struct fl_buf *buf = fl_export_nans(5);
    float values[5];

    EXPECT_INT(fl_buf_len(buf), sizeof values);
    memcpy(values, fl_buf_bytes(buf), sizeof values);
    for (int i = 0; i < 5; i++)
        EXPECT(isnan(values[i]));
    fl_buf_unref(buf);
    EXPECT(!fl_export_nans(SIZE_MAX / 2));
}

static void test_a_vector_as_json_is_exact_and_has_null_for_nan(void)
{
    float values[4] = {0.1f, -3, NAN, 1e-30f};
    struct fl_frame frame = {.map = &fake.map, .vector = values};

    fake_begin();
    frame.render.refs[0] = (struct fl_cell){2, 1, 1};
    char *text = fl_export_vector_json(&frame);
    json_t *root = json_loads(text, 0, NULL);
    json_t *vector = json_object_get(root, "vector"), *cell = json_object_get(root, "cell");
    EXPECT_INT(json_integer_value(json_array_get(cell, 0)), 2);
    EXPECT_INT(json_integer_value(json_array_get(cell, 1)), 1);
    EXPECT_INT(json_array_size(vector), 4);
    for (size_t i = 0; i < 4; i++)
        if (i != 2)
            EXPECT((float)json_real_value(json_array_get(vector, i)) == values[i]);
    EXPECT(json_is_null(json_array_get(vector, 2)));
    EXPECT(json_is_null(json_object_get(root, "norm")));
    json_decref(root);
    free(text);

    values[2] = 4;
    text = fl_export_vector_json(&frame);
    root = json_loads(text, 0, NULL);
    EXPECT_NEAR(json_real_value(json_object_get(root, "norm")), sqrt(25 + 0.1 * 0.1), 1e-8);
    json_decref(root);
    free(text);
}

static void test_scenes_as_json_have_the_fields_of_the_wire(void)
{
    static const char *const keys[] = {"name", "w",       "h",     "d",     "extent", "min",
                                       "max",  "invalid", "dtype", "bytes", "rev"};

    fake_begin();
    char *text = fl_scenes_json(NULL, 77);
    json_t *root = json_loads(text, 0, NULL);
    json_t *scene = json_array_get(json_object_get(root, "scenes"), 0);
    json_t *map = json_array_get(json_object_get(scene, "maps"), 0);
    EXPECT(strcmp(json_string_value(json_object_get(scene, "name")), "a scene") == 0);
    EXPECT(json_is_null(json_object_get(scene, "picture")));
    EXPECT_INT(json_object_size(map), sizeof keys / sizeof *keys);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        EXPECT(json_object_get(map, keys[i]));
    EXPECT_INT(json_integer_value(json_object_get(map, "w")), 3);
    EXPECT_NEAR(json_real_value(json_object_get(map, "min")), -1.5, 0);
    EXPECT_INT(json_integer_value(json_object_get(map, "invalid")), 1);
    EXPECT_NEAR(json_real_value(json_array_get(json_object_get(map, "extent"), 2)), 30, 0);
    json_decref(root);
    free(text);
}

static void test_the_crc_is_png_s(void)
{
    EXPECT_INT(fl_png_crc((const uint8_t *)"123456789", 9), 0xcbf43926);
    EXPECT_INT(fl_png_crc((const uint8_t *)"IEND", 4), 0xae426082); // of every PNG's last chunk
}

static void test_text_that_does_not_fit_says_how_long_it_is(void)
{
    uint8_t bytes[24];
    struct fl_text text = {.bytes = bytes, .size = 16};

    bytes[16] = 77;
    fl_png_text_add(&text, "key", "value");
    EXPECT_INT(text.len, 12 + 3 + 1 + 5);
    EXPECT_INT(bytes[16], 77);
}

// --- a picture made by libpng, with our chunks in it, read again by libpng ---

static size_t make_png(uint8_t *out, size_t size)
{
    static const uint8_t pixels[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = 2, .height = 2, .format = PNG_FORMAT_RGB};

    EXPECT(png_image_write_to_memory(&image, out, &size, 0, pixels, 0, NULL));
    return size;
}

struct source {
    const uint8_t *at, *end;
};

static void read_bytes(png_structp png, png_bytep out, size_t n)
{
    struct source *source = png_get_io_ptr(png);

    EXPECT(n <= (size_t)(source->end - source->at));
    memcpy(out, source->at, n);
    source->at += n;
}

static struct {
    struct {
        char key[80], text[200];
        bool international;
    } entries[32];
    int n;
} found;

static void read_texts(const uint8_t *bytes, size_t len)
{
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    struct source source = {bytes, bytes + len};
    png_textp texts;

    EXPECT(png && info && setjmp(png_jmpbuf(png)) == 0); // a wrong CRC ends the test here
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_read_fn(png, &source, read_bytes);
    png_read_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    EXPECT_INT(png_get_rows(png, info)[1][5], 12);
    int n = 0;
    png_get_text(png, info, &texts, &n);
    found.n = n;
    for (int i = 0; i < n; i++) {
        snprintf(found.entries[i].key, sizeof found.entries[i].key, "%s", texts[i].key);
        snprintf(found.entries[i].text, sizeof found.entries[i].text, "%s", texts[i].text);
        found.entries[i].international = texts[i].compression == PNG_ITXT_COMPRESSION_NONE;
    }
    png_destroy_read_struct(&png, &info, NULL);
}

static const char *text_of(const char *key)
{
    for (int i = 0; i < found.n; i++)
        if (strcmp(found.entries[i].key, key) == 0)
            return found.entries[i].text;
    return "(none)";
}

static void expect_text(const char *key, const char *want)
{
    if (strcmp(text_of(key), want) == 0)
        return;
    fprintf(stderr, "%s is \"%s\", expected \"%s\"\n", key, text_of(key), want);
    exit(1);
}

static void read_export(const struct fl_frame *frame, const struct fl_state *state)
{
    const struct fl_export_names names = {"1.2.3", "a scene", "conv 1 é"};
    uint8_t png[4096], whole[8192];
    size_t len = make_png(png, sizeof png);
    struct fl_text text = {.bytes = whole, .size = sizeof whole, .len = FL_PNG_HEAD};

    memcpy(whole, png, FL_PNG_HEAD);
    fl_export_png_text(frame, state, &names, &text);
    EXPECT(text.len + len < sizeof whole);
    memcpy(whole + text.len, png + FL_PNG_HEAD, len - FL_PNG_HEAD);
    read_texts(whole, text.len + len - FL_PNG_HEAD);
}

static void test_a_png_carries_what_made_it(void)
{
    struct fl_frame frame = {.map = &fake.map, .lo = -0.25, .hi = 0.875};
    struct fl_state state = fl_state_default();

    state.n_refs = 1;
    state.refs[0] = (struct fl_point){213.5, 320, 1};
    frame.render.refs[0] = (struct fl_cell){21, 32, 1};
    frame.render.n_refs = 1;
    frame.render.metric = FL_METRIC_COSINE;
    frame.render.stretch = (struct fl_stretch){FL_STRETCH_PERCENTILE, 2, 98};
    frame.render.window[2] = 40;
    frame.render.window[3] = 30;
    frame.render.reversed = true;
    state.opacity = 0.5;
    fake_begin();
    memcpy(frame.bar, (int32_t[]){40, 5, 50, 95}, sizeof frame.bar);
    read_export(&frame, &state);
    EXPECT_INT(found.n, 20);
    expect_text("Software", "farlook 1.2.3");
    expect_text("scene", "a scene");
    expect_text("layer", "conv 1 é");
    expect_text("map", "3,2,4");
    expect_text("dtype", "f4");
    expect_text("rev", "0");
    expect_text("extent", "0,0,30,20");
    expect_text("colorbar", "40,5,50,95");
    expect_text("mode", "similarity");
    expect_text("metric", "cosine");
    expect_text("origin", "zero");
    expect_text("ref", "213.5,320");
    expect_text("ref cell", "21,32");
    expect_text("stretch", "percentile,2,98");
    expect_text("lo", "-0.25");
    expect_text("hi", "0.875");
    expect_text("window", "0,0,40,30");
    expect_text("colormap", "viridis_r");
    expect_text("opacity", "0.5");
    expect_text("picture", "grey");
    for (int i = 0; i < found.n; i++)
        EXPECT_INT(found.entries[i].international, strcmp(found.entries[i].key, "layer") == 0);
}

static void test_a_png_of_many_references_names_them_all(void)
{
    struct fl_frame frame = {.map = &fake.map, .lo = (double)NAN, .hi = (double)NAN};
    struct fl_state state = fl_state_default();
    char want[FL_MAX_REFS * 40] = "";

    fake_begin();
    state.n_refs = frame.render.n_refs = FL_MAX_REFS;
    for (int i = 0; i < FL_MAX_REFS; i++) {
        frame.render.refs[i] = (struct fl_cell){1000000 + i, 7, i % 2 ? -1 : 1};
        snprintf(want + strlen(want), 40, "%s%d,7,%d", i ? "," : "", 1000000 + i, i % 2 ? -1 : 1);
        state.refs[i] = (struct fl_point){i + 0.25, -1.5, i % 2 ? -1 : 1};
    }
    read_export(&frame, &state);
    EXPECT(strncmp(text_of("refs cells"), want, 199) == 0);
    expect_text("lo", "nan");
    expect_text("ref", "(none)");
    EXPECT(strncmp(text_of("refs"), "0.25,-1.5,1,1.25,-1.5,-1,2.25,-1.5,1", 36) == 0);

    frame.render.has_region = state.has_region = true;
    state.region[2] = 12.5;
    frame.render.region[2] = 5;
    frame.render.mode = FL_MODE_CHANNEL;
    frame.render.channel = 17;
    read_export(&frame, &state);
    expect_text("channel", "17");
    expect_text("metric", "(none)"); // a channel has none
    frame.render.mode = FL_MODE_SIMILARITY;
    read_export(&frame, &state);
    expect_text("region cells", "0,0,5,0");
    expect_text("region", "0,0,12.5,0");
    expect_text("refs", "(none)");
}

static void test_without_a_reference_it_is_the_middle_of_the_cell_that_stands_for_it(void)
{
    struct fl_frame frame = {.map = &fake.map, .render = {.refs = {{1, 1, 1}}, .n_refs = 1}};
    const struct fl_state state = fl_state_default();

    fake_begin();
    read_export(&frame, &state);
    expect_text("ref", "15,15");
    expect_text("ref cell", "1,1");
}

static void test_numbers_are_short_and_come_back(void)
{
    static const double table[] = {0, 0.1, -213.5, 1.0 / 3, 1e300, 5e-324, 123456789, (double)0.1F};
    char text[FL_NUMBER];

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        EXPECT(strtod(fl_export_number(table[i], text), NULL) == table[i]);
    EXPECT(strcmp(fl_export_number(0.1, text), "0.1") == 0);
    EXPECT(strcmp(fl_export_number(-213.5, text), "-213.5") == 0);
}

static void test_a_vector_as_csv_is_exact(void)
{
    float vector[5] = {0.1F, -3, NAN, -INFINITY, 1e-30F};
    const struct fl_frame frame = {.map = &fake.map, .vector = vector};

    fake_begin();
    fake.map.facts.d = 5;
    char *text = fl_export_vector_csv(&frame);
    static const char want[] = "channel,value\n0,0.100000001\n1,-3\n2,nan\n3,-inf\n4,";
    EXPECT(strncmp(text, want, strlen(want)) == 0);
    EXPECT(strtof(strrchr(text, ',') + 1, NULL) == 1e-30F);
    free(text);
}

static void test_what_the_channels_stand_for_goes_with_the_vector(void)
{
    static const float waves[2] = {400.1F, 1000}, own[2] = {1, 2};
    float vector[2] = {0.5F, -3};
    struct fl_map other = {.facts = {.d = 2, .axis = waves, .axis_unit = "nm"}};
    struct fl_frame frame = {.map = &fake.map, .from = &other, .vector = vector};

    fake_begin();
    fake.map.facts.d = 2;
    fake.map.facts.axis = own;
    fake.map.facts.axis_unit = "";
    // Of the map that the vector lies in.
    char *text = fl_export_vector_csv(&frame);
    EXPECT(strcmp(text, "channel,nm,value\n0,400.100006,0.5\n1,1000,-3\n") == 0);
    free(text);
    text = fl_export_vector_json(&frame);
    json_t *root = json_loads(text, 0, NULL), *axis = json_object_get(root, "axis");
    json_t *values = json_object_get(axis, "values");
    EXPECT(strcmp(json_string_value(json_object_get(axis, "unit")), "nm") == 0);
    EXPECT_INT(json_array_size(values), 2);
    EXPECT((float)json_real_value(json_array_get(values, 0)) == waves[0]);
    json_decref(root);
    free(text);

    frame.from = NULL; // a unit that is not known
    text = fl_export_vector_csv(&frame);
    EXPECT(strncmp(text, "channel,axis,value\n0,1,0.5\n", 26) == 0);
    free(text);
    fake.map.facts.axis = NULL;
    text = fl_export_vector_json(&frame);
    EXPECT(!strstr(text, "axis"));
    free(text);
}

int main(void)
{
    RUN(test_nothing_to_show_is_all_nan);
    RUN(test_a_vector_as_json_is_exact_and_has_null_for_nan);
    RUN(test_scenes_as_json_have_the_fields_of_the_wire);
    RUN(test_the_crc_is_png_s);
    RUN(test_text_that_does_not_fit_says_how_long_it_is);
    RUN(test_a_png_carries_what_made_it);
    RUN(test_a_png_of_many_references_names_them_all);
    RUN(test_without_a_reference_it_is_the_middle_of_the_cell_that_stands_for_it);
    RUN(test_numbers_are_short_and_come_back);
    RUN(test_a_vector_as_csv_is_exact);
    RUN(test_what_the_channels_stand_for_goes_with_the_vector);
    return 0;
}
