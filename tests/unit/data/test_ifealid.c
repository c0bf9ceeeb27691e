#include "server/data/ifealid.h"

#include "files.h"

enum { W = 5, H = 3, MAX_D = 9, MAX_ENTRIES = 16 };

// Levels that show every byte and every order of them.
static uint32_t level_of(int cell, int channel, int bits)
{
    uint32_t level = (uint32_t)(cell * 40503 + channel * 977 + 1) * 2654435761U;

    if (cell == 0)
        level = channel % 2 == 0 ? 0xffffffffU : 0; // the ends of the range
    return bits == 32 ? level : level >> (32 - bits);
}

static double most_of(int bits)
{
    return bits == 8 ? 255.0 : bits == 16 ? 65535.0 : 4294967295.0;
}

struct set { // a data set in the making
    struct zip_entry entries[MAX_ENTRIES];
    size_t n;
    char names[MAX_ENTRIES][16];
};

static void add_entry(struct set *set, const char *name, struct fl_buf *bytes)
{
    snprintf(set->names[set->n], sizeof set->names[0], "%s", name);
    set->entries[set->n] = (struct zip_entry){.bytes = bytes, .deflated = set->n % 2 == 1};
    set->n++;
}

static struct fl_buf *make_tile(int tile, int d, int bits)
{
    uint8_t rgba[W * H * 4] = {0};
    int per_tile = 32 / bits, bytes = bits / 8;

    for (int cell = 0; cell < W * H; cell++)
        for (int c = 0; c < per_tile && tile * per_tile + c < d; c++)
            for (int i = 0; i < bytes; i++)
                rgba[cell * 4 + c * bytes + i] =
                    (uint8_t)(level_of(cell, tile * per_tile + c, bits) >> (8 * i));
    return make_rgba_png(W, H, rgba);
}

// A sound set without a picture. Its first entry is metadata.json.
static struct set make_set(int d, int bits)
{
    struct set set = {.n = 0};
    char json[200], name[16];
    int tiles = (d * bits + 31) / 32;

    snprintf(
        json, sizeof json,
        "{\"name\": \"n\", \"width\": %d, \"height\": %d, \"features\": %d, \"precision\": %d, "
        "\"overlay\": false}",
        W, H, d, bits);
    add_entry(&set, "metadata.json", buf_of(json, strlen(json)));
    for (int tile = 0; tile < tiles; tile++) {
        snprintf(name, sizeof name, "%d.png", tile);
        add_entry(&set, name, make_tile(tile, d, bits));
    }
    return set;
}

static void replace(struct set *set, size_t at, struct fl_buf *bytes)
{
    fl_buf_unref(set->entries[at].bytes);
    set->entries[at].bytes = bytes;
}

static struct fl_buf *zip_of(struct set *set)
{
    for (size_t i = 0; i < set->n; i++)
        set->entries[i].name = set->names[i]; // only now: a set is passed on by value
    struct fl_buf *zip = make_zip(set->entries, set->n);
    for (size_t i = 0; i < set->n; i++)
        fl_buf_unref(set->entries[i].bytes);
    return zip;
}

static enum fl_err read_zip(struct fl_buf *zip, struct fl_map_source *source,
                            struct fl_picture **picture, struct fl_error *error)
{
    return fl_ifealid_read("test", fl_buf_bytes(zip), fl_buf_len(zip), source, picture, error);
}

static void expect_round_trip(int d, int bits)
{
    struct set set = make_set(d, bits);
    struct fl_buf *zip = zip_of(&set);
    struct fl_map_source source = {0};
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};
    float *values = NULL;
    _Atomic(float) done = 0;
    const struct fl_progress progress = {&done, 0.25F, 0.75F};

    EXPECT_INT(read_zip(zip, &source, &picture, &error), FL_OK);
    EXPECT(picture == NULL);
    EXPECT(source.w == W && source.h == H && source.d == d);
    EXPECT(strcmp(source.dtype, bits == 8 ? "png8" : bits == 16 ? "png16" : "png32") == 0);
    EXPECT_INT(source.decode(source.user, &values, &progress, &error), FL_OK);
    EXPECT(atomic_load(&done) == 0.75F); // all of its part
    for (int cell = 0; cell < W * H; cell++)
        for (int c = 0; c < d; c++) {
            float want = (float)(level_of(cell, c, bits) / most_of(bits));
            EXPECT(values[cell * d + c] == want); // to the last bit, the last group too
        }
    free(values);
    fl_map_source_finish(&source);
    fl_buf_unref(zip);
}

static void test_values_of_all_precisions_and_paddings_are_exact(void)
{
    for (int d = 1; d <= MAX_D; d++) {
        expect_round_trip(d, 8);
        expect_round_trip(d, 16);
        expect_round_trip(d, 32);
    }
}

static void test_more_tiles_than_one_batch_are_read(void)
{
    struct zip_entry entries[131];
    char names[131][16];
    const char *json = "{\"width\": 5, \"height\": 3, \"features\": 130, \"precision\": 32}";
    struct fl_map_source source = {0};
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};
    float *values = NULL;

    for (int i = 0; i < 130; i++) {
        snprintf(names[i], sizeof names[i], "%d.png", i);
        entries[i] = (struct zip_entry){.name = names[i], .bytes = make_tile(i, 130, 32)};
    }
    entries[130] = (struct zip_entry){.name = "metadata.json", .bytes = buf_of(json, strlen(json))};
    struct fl_buf *zip = make_zip(entries, 131);
    EXPECT_INT(read_zip(zip, &source, &picture, &error), FL_OK);
    EXPECT_INT(source.decode(source.user, &values, NULL, &error), FL_OK);
    for (int cell = 0; cell < W * H; cell++)
        for (int c = 0; c < 130; c++)
            EXPECT(values[cell * 130 + c] == (float)(level_of(cell, c, 32) / most_of(32)));
    free(values);
    fl_map_source_finish(&source);
    for (int i = 0; i < 131; i++)
        fl_buf_unref(entries[i].bytes);
    fl_buf_unref(zip);
}

static struct fl_buf *small_jpeg(void)
{
    uint8_t rgb[20 * 12 * 3];

    memset(rgb, 120, sizeof rgb);
    return make_jpeg(20, 12, TJPF_RGB, rgb, 0);
}

static const char with_overlay[] =
    "{\"width\": 5, \"height\": 3, \"features\": 4, \"precision\": 8, \"overlay\": true}";

static void test_the_overlay_outlives_the_zip(void)
{
    struct set set = make_set(4, 8);
    struct fl_map_source source = {0};
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};

    replace(&set, 0, buf_of(with_overlay, strlen(with_overlay)));
    add_entry(&set, "overlay.jpg", small_jpeg());
    struct fl_buf *zip = zip_of(&set);
    EXPECT_INT(read_zip(zip, &source, &picture, &error), FL_OK);
    fl_map_source_finish(&source);
    fl_buf_unref(zip);
    EXPECT_INT(fl_picture_w(picture), 20);
    EXPECT_INT(fl_picture_h(picture), 12);
    EXPECT_INT(fl_picture_load(picture, &error), FL_OK);
    EXPECT_NEAR(fl_picture_rgb(picture)[0], 120, 2);
    fl_picture_unref(picture);
}

// --- refusals ---

// Opening or decoding fails with this code and a sentence that says `word`.
static void expect_refused(struct fl_buf *zip, enum fl_err code, const char *word)
{
    struct fl_map_source source = {0};
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};
    float *values = NULL;
    enum fl_err err = read_zip(zip, &source, &picture, &error);

    if (!err)
        err = source.decode(source.user, &values, NULL, &error);
    if (err != code || !strstr(error.text, word))
        fprintf(stderr, "%d, \"%s\", expected \"%s\"\n", err, error.text, word);
    EXPECT_INT(err, code);
    EXPECT_INT(error.code, code);
    EXPECT(strstr(error.text, word));
    EXPECT(strncmp(error.text, "test", 4) == 0 && error.text[strlen(error.text) - 1] == '.');
    EXPECT(values == NULL);
    fl_map_source_finish(&source);
    fl_picture_unref(picture);
    fl_buf_unref(zip);
}

static void test_metadata_that_is_wrong_is_refused(void)
{
    static const struct {
        const char *json;
        enum fl_err code;
        const char *word;
    } rows[] = {
        {"", FL_ERR_FORMAT, "not a JSON object"},
        {"{\"width\": 5", FL_ERR_FORMAT, "not a JSON object"},
        {"[5, 3, 4, 8]", FL_ERR_FORMAT, "not a JSON object"},
        {"{\"width\": \"5\", \"height\": 3, \"features\": 4, \"precision\": 8}", FL_ERR_FORMAT,
         "\"width\" in metadata.json must be a whole number without quotes"},
        {"{\"width\": 5, \"height\": 3.5, \"features\": 4, \"precision\": 8}", FL_ERR_FORMAT,
         "\"height\""},
        {"{\"width\": 5, \"height\": 3, \"features\": true, \"precision\": 8}", FL_ERR_FORMAT,
         "\"features\""},
        {"{\"width\": 5, \"height\": 3, \"features\": 4, \"precision\": \"8\"}", FL_ERR_FORMAT,
         "\"precision\""},
        {"{\"width\": 5, \"height\": 3, \"features\": 4, \"precision\": 12}", FL_ERR_FORMAT,
         "8, 16 or 32"},
        {"{\"width\": 5, \"height\": 3, \"precision\": 8}", FL_ERR_FORMAT, "no \"features\""},
        {"{\"width\": 0, \"height\": 3, \"features\": 4, \"precision\": 8}", FL_ERR_FORMAT,
         "at least 1"},
        {"{\"width\": -5, \"height\": 3, \"features\": 4, \"precision\": 8}", FL_ERR_FORMAT,
         "at least 1"},
        {"{\"width\": 1048577, \"height\": 3, \"features\": 4, \"precision\": 8}", FL_ERR_TOO_BIG,
         "1048577"},
        {"{\"width\": 1048576, \"height\": 1048576, \"features\": 65536, \"precision\": 8}",
         FL_ERR_TOO_BIG, "memory"},
        {"{\"width\": 9223372036854775807, \"height\": 9223372036854775807, \"features\": 4, "
         "\"precision\": 8}",
         FL_ERR_TOO_BIG, "."},
        {"{\"width\": 99999999999999999999, \"height\": 3, \"features\": 4, \"precision\": 8}",
         FL_ERR_FORMAT, "."},
        {"{\"width\": 5, \"height\": 3, \"features\": 4, \"precision\": 8, \"overlay\": \"no\"}",
         FL_ERR_FORMAT, "\"overlay\" in metadata.json must be true or false"},
        {"{\"width\": 5, \"height\": 3, \"features\": 4, \"precision\": 8, \"name\": 7}",
         FL_ERR_FORMAT, "\"name\""},
        {"{\"width\": 5, \"height\": 3, \"features\": 5, \"precision\": 8}", FL_ERR_FORMAT,
         "1.png is missing"},
        {"{\"width\": 6, \"height\": 3, \"features\": 4, \"precision\": 8}", FL_ERR_FORMAT,
         "has 5 x 3 pixels, but metadata.json says 6 x 3"},
        {with_overlay, FL_ERR_FORMAT, "overlay.jpg"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct set set = make_set(4, 8);
        replace(&set, 0, buf_of(rows[i].json, strlen(rows[i].json)));
        expect_refused(zip_of(&set), rows[i].code, rows[i].word);
    }
}

static void test_tiles_that_are_wrong_are_refused(void)
{
    const uint8_t pixels[W * (H + 1) * 8] = {0};
    const struct png_kind rgb = {.bits = 8, .colour = PNG_COLOR_TYPE_RGB};
    const struct png_kind deep = {.bits = 16, .colour = PNG_COLOR_TYPE_RGB_ALPHA};
    struct fl_buf *sound = make_rgba_png(W, H, pixels), *jpeg = small_jpeg();
    const struct {
        struct fl_buf *tile;
        const char *word;
    } rows[] = {
        {make_rgba_png(W, H + 1, pixels), "1.png has 5 x 4 pixels"},
        {make_png(W, H, &rgb, pixels, (size_t)W * 3), "8-bit RGBA"},
        {make_png(W, H, &deep, pixels, (size_t)W * 8), "8-bit RGBA"},
        {jpeg, "1.png is not a PNG file"},
        {buf_of("", 0), "1.png is not a PNG file"},
        {buf_of(fl_buf_bytes(sound), 30), "1.png is cut off"},
        {buf_of(fl_buf_bytes(sound), fl_buf_len(sound) - 20), "1.png is cut off"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct set set = make_set(8, 8);
        replace(&set, 2, rows[i].tile);
        expect_refused(zip_of(&set), FL_ERR_FORMAT, rows[i].word);
    }
    fl_buf_unref(sound);
}

static void test_a_zip_without_metadata_is_refused(void)
{
    struct set set = make_set(4, 8);

    snprintf(set.names[0], sizeof set.names[0], "meta.json");
    expect_refused(zip_of(&set), FL_ERR_FORMAT, "no IFeaLiD data set");
}

static void test_an_encrypted_tile_is_refused(void)
{
    struct set set = make_set(4, 8);

    set.entries[1].password = "secret";
    expect_refused(zip_of(&set), FL_ERR_UNSUPPORTED, "0.png is encrypted");
}

static void test_a_tile_that_would_unpack_to_too_much_is_refused(void)
{
    const size_t len = 4 << 20; // of zeros: deflated to some 4 KiB
    struct set set = make_set(4, 8);
    struct fl_buf *zeros = fl_buf_create(len);

    memset(fl_buf_bytes(zeros), 0, len);
    fl_buf_set_len(zeros, len);
    replace(&set, 1, zeros);
    expect_refused(zip_of(&set), FL_ERR_TOO_BIG, "0.png would unpack to 4.0 MiB");
}

// Writes a 32-bit number into the central directory's entry for `name`, `at` bytes in.
static void patch_directory(struct fl_buf *zip, const char *name, size_t at, uint32_t value)
{
    uint8_t *bytes = fl_buf_bytes(zip), *entry = NULL;

    for (size_t i = 0; i + 46 + strlen(name) <= fl_buf_len(zip); i++)
        if (memcmp(bytes + i, "PK\1\2", 4) == 0 && memcmp(bytes + i + 46, name, strlen(name)) == 0)
            entry = bytes + i;
    EXPECT(entry);
    for (int i = 0; i < 4; i++)
        entry[at + (size_t)i] = (uint8_t)(value >> (8 * i));
}

enum { CRC = 16, PACKED = 20, UNPACKED = 24 }; // in an entry of the central directory

static void test_a_size_that_cannot_be_is_refused(void)
{
    struct set set = make_set(4, 8);
    struct fl_buf *zip = zip_of(&set); // entry 1 is deflated, 0 stored

    patch_directory(zip, "0.png", UNPACKED, 60000000);
    expect_refused(zip, FL_ERR_FORMAT, "cannot unpack to the 57.2 MiB");

    set = make_set(4, 8);
    zip = zip_of(&set);
    patch_directory(zip, "metadata.json", UNPACKED, 2000);
    expect_refused(zip, FL_ERR_FORMAT, "cannot unpack");
}

static void test_bytes_that_do_not_fit_their_checksum_are_refused(void)
{
    struct set set = make_set(4, 8);
    struct fl_buf *zip = zip_of(&set);

    patch_directory(zip, "0.png", CRC, 12345);
    expect_refused(zip, FL_ERR_FORMAT, "not a sound zip");
}

static void test_what_is_no_zip_is_refused(void)
{
    expect_refused(buf_of("", 0), FL_ERR_FORMAT, "is an empty file");
    expect_refused(buf_of("PK\3\4", 4), FL_ERR_FORMAT, "not a sound zip");
    expect_refused(small_jpeg(), FL_ERR_FORMAT, "not a sound zip");
}

static void test_every_cut_of_a_zip_is_refused(void)
{
    struct set set = make_set(5, 16);
    struct fl_buf *zip = zip_of(&set);

    for (size_t len = 0; len < fl_buf_len(zip); len++)
        expect_refused(buf_of(fl_buf_bytes(zip), len), FL_ERR_FORMAT, ".");
    fl_buf_unref(zip);
}

static void test_a_path_without_a_zip_is_refused(void)
{
    struct fl_map_source source = {0};
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};

    EXPECT_INT(fl_ifealid_open("/nowhere/at/all.zip", &source, &picture, &error), FL_ERR_NOT_FOUND);
    EXPECT(strstr(error.text, "/nowhere/at/all.zip"));
    EXPECT(!source.user && !source.mapping && !picture);
}

int main(void)
{
    RUN(test_values_of_all_precisions_and_paddings_are_exact);
    RUN(test_more_tiles_than_one_batch_are_read);
    RUN(test_the_overlay_outlives_the_zip);
    RUN(test_metadata_that_is_wrong_is_refused);
    RUN(test_tiles_that_are_wrong_are_refused);
    RUN(test_a_zip_without_metadata_is_refused);
    RUN(test_an_encrypted_tile_is_refused);
    RUN(test_a_tile_that_would_unpack_to_too_much_is_refused);
    RUN(test_a_size_that_cannot_be_is_refused);
    RUN(test_bytes_that_do_not_fit_their_checksum_are_refused);
    RUN(test_what_is_no_zip_is_refused);
    RUN(test_every_cut_of_a_zip_is_refused);
    RUN(test_a_path_without_a_zip_is_refused);
    return 0;
}
