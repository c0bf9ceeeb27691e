#include "server/data/npy.h"

#include "npy_files.h"

#include "server/base/log.h"

#include <limits.h>

static const struct fl_layout_hint hwc = {.layout = FL_LAYOUT_HWC};

static enum fl_err read_bytes(const struct bytes *file, struct fl_map_source *source,
                              struct fl_error *error)
{
    // Exactly as long as the file, so that AddressSanitizer sees every step beyond it.
    uint8_t *copy = malloc(file->len ? file->len : 1);

    EXPECT(copy);
    memcpy(copy, file->at, file->len);
    enum fl_err err = fl_npy_read("x.npy", copy, file->len, &hwc, source, error);
    if (!err)
        source->owned = copy;
    else
        free(copy);
    return err;
}

static bool same_value(float a, float b)
{
    return (isnan(a) && isnan(b)) || (a == b && !signbit(a) == !signbit(b));
}

static void compare_file(const char *folder, const char *name, const char *layout,
                         const int32_t whd[3])
{
    struct fl_layout_hint hint = {0};
    struct fl_map_source source;
    struct fl_error error = {0};
    char path[PATH_MAX];
    size_t len = 0, w = (size_t)whd[0], h = (size_t)whd[1], d = (size_t)whd[2];

    EXPECT(fl_layout_parse(layout, &hint.layout));
    snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    EXPECT_INT(fl_npy_open(path, &hint, &source, &error), FL_OK);
    EXPECT(source.w == whd[0] && source.h == whd[1] && source.d == whd[2]);
    EXPECT(strncmp(name, "t", 1) == 0 || strncmp(name, "one", 3) == 0 ||
           strncmp(source.dtype, name, 2) == 0);
    struct fl_map *map = fl_map_create(name, &source, (double[]){0, 0, whd[0], whd[1]});
    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, &error), FL_OK);
    snprintf(path, sizeof path, "%s/%s.f32", folder, name);
    float *want = load_bytes(path, &len), *got = malloc(len), *vector = malloc(len);
    EXPECT(len == w * h * d * sizeof *want && got && vector);
    fl_map_read_rows(map, 0, whd[1], got);
    for (size_t i = 0; i < w * h * d; i++)
        if (!same_value(got[i], want[i])) {
            fprintf(stderr, "%s: value %zu is %.9g, expected %.9g\n", name, i, (double)got[i],
                    (double)want[i]);
            exit(1);
        }
    const float *in_place = fl_map_rows(map, 1 % whd[1]);
    if (in_place)
        EXPECT(memcmp(in_place, want + (size_t)(1 % whd[1]) * w * d, d * sizeof *want) == 0);
    EXPECT((in_place != NULL) == (strcmp(name, "f4leC1") == 0 || strcmp(name, "f4leC2") == 0 ||
                                  strcmp(name, "f4leC3") == 0 || strcmp(name, "f41HWCC") == 0 ||
                                  strncmp(name, "one", 3) == 0));
    for (size_t cell = 0; cell < w * h; cell++) {
        fl_map_read_vector(map, (int32_t)(cell % w), (int32_t)(cell / w), vector);
        for (size_t k = 0; k < d; k++)
            EXPECT(same_value(vector[k], want[cell * d + k]));
    }
    free(want);
    free(got);
    free(vector);
    fl_map_unref(map);
}

// "name layout w h d" of make_npy.py's list.
static void compare_line(const char *folder, char *line)
{
    char *rest = NULL, *at = NULL;
    const char *name = strtok_r(line, " ", &rest), *layout = strtok_r(NULL, " ", &rest);
    int32_t whd[3];

    EXPECT(name && layout);
    at = rest;
    for (int k = 0; k < 3; k++)
        whd[k] = (int32_t)strtol(at, &at, 10);
    compare_file(folder, name, layout, whd);
}

static bool has_numpy(void)
{
    return run_program((char *[]){(char[]){"/usr/bin/python3"}, (char[]){"-c"},
                                  (char[]){"import numpy"}, NULL}) == 0;
}

static void test_values_are_those_numpy_saved(void)
{
    const char *root = getenv("FARLOOK_SOURCE");
    char script[PATH_MAX], path[PATH_MAX], line[128];
    int files = 0;

    if (!has_numpy()) {
        fprintf(stderr, "SKIPPED: /usr/bin/python3 with NumPy is not there\n");
        return;
    }
    struct folder folder = make_folder();
    snprintf(script, sizeof script, "%s/tests/data/make_npy.py", root ? root : ".");
    EXPECT_INT(run_program((char *[]){(char[]){"/usr/bin/python3"}, script, folder.path, NULL}), 0);
    snprintf(path, sizeof path, "%s/list.txt", folder.path);
    FILE *list = fopen(path, "r");
    EXPECT(list);
    for (; fgets(line, sizeof line, list); files++)
        compare_line(folder.path, line);
    fclose(list);
    EXPECT_INT(files, 12 * 2 * 2 * 3 + 3 * 2 * 3 + 6);
    remove_folder(&folder);
}

#define DICT(descr, shape) "{'descr': " descr ", 'fortran_order': False, 'shape': " shape ", }\n"

static void test_odd_headers_are_read(void)
{
    static const char *const dicts[] = {
        DICT("'<f4'", "(1, 2, 3)"),
        DICT("'=f4'", "(1, 2, 3)"),
        DICT("'|f4'", "(1, 2, 3)"),
        DICT("'f4'", "(1L, 2L, 3L)"),
        DICT("\"<f4\"", "( 1,2 ,3,)"),
        "{'shape':(1,2,3),'fortran_order':False,'descr':'<f4'}",
        "  {\"fortran_order\" : False , \"shape\" : (1, 2, 3) , \"descr\" : \"<f4\"}   \n\n",
        "{'descr': '<f4',\n\t'fortran_order': False, 'shape': (1, 1, 2, 3)}",
    };
    float values[6] = {1, 2, 3, 4, 5, 6}, vector[3];

    for (size_t i = 0; i < sizeof dicts / sizeof *dicts; i++)
        for (unsigned version = 1; version <= 3; version++) {
            struct bytes file = npy_of(version, dicts[i], values, sizeof values);
            struct fl_map_source source;
            struct fl_error error = {0};
            if (read_bytes(&file, &source, &error)) {
                fprintf(stderr, "%s: %s\n", dicts[i], error.text);
                exit(1);
            }
            EXPECT(source.w == 2 && source.h == 1 && source.d == 3);
            struct fl_map *map = fl_map_create("x", &source, (double[]){0, 0, 2, 1});
            fl_map_read_vector(map, 1, 0, vector);
            EXPECT(vector[0] == 4 && vector[1] == 5 && vector[2] == 6);
            fl_map_unref(map);
        }
}

static const struct {
    const char *dict;
    enum fl_err err;
    const char *says;
} bad_headers[] = {
    {DICT("'<c8'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "complex numbers"},
    {DICT("'<c16'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "complex numbers"},
    {DICT("'<f16'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "unusual width"},
    {DICT("'<f1'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "unusual width"},
    {DICT("'|O'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "Python objects"},
    {DICT("'|S5'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "byte strings"},
    {DICT("'<U5'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "holds text"},
    {DICT("'<M8[ns]'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "dates or times"},
    {DICT("'<m8[s]'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "dates or times"},
    {DICT("'|V2'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "bfloat16"},
    {DICT("'<q9'", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "type that is not known"},
    {DICT("''", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "type that is not known"},
    {DICT("[('a', '<f4'), ('b', '<f4')]", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "structured"},
    {DICT("('<f4', (3,))", "(1, 2)"), FL_ERR_UNSUPPORTED, "structured"},
    {DICT("4", "(1, 2, 3)"), FL_ERR_FORMAT, "descr is not a string"},
    {DICT("'<f4", "(1, 2, 3)"), FL_ERR_UNSUPPORTED, "<f4, "},
    {DICT("'\\x3cf4'", "(1, 2, 3)"), FL_ERR_FORMAT, "descr is not a string"},
    {DICT("'<f4'", "()"), FL_ERR_UNSUPPORTED, "not that of a feature map"},
    {DICT("'<f4'", "(6,)"), FL_ERR_UNSUPPORTED, "(6,)"},
    {DICT("'<f4'", "(2, 3)"), FL_ERR_UNSUPPORTED, "a single channel with C = 1"},
    {DICT("'<f4'", "(2, 1, 1, 3)"), FL_ERR_UNSUPPORTED, "2 maps in one array"},
    {DICT("'<f4'", "(1, 1, 1, 2, 3)"), FL_ERR_UNSUPPORTED, "(1, 1, 1, 2, 3)"},
    {DICT("'<f4'", "(0, 2, 3)"), FL_ERR_FORMAT, "holds no value"},
    {DICT("'<f4'", "(1, 2, 0)"), FL_ERR_FORMAT, "holds no value"},
    {DICT("'<f4'", "(-1, 2, 3)"), FL_ERR_FORMAT, "something other than sizes"},
    {DICT("'<f4'", "(1.0, 2, 3)"), FL_ERR_FORMAT, "not a tuple"},
    {DICT("'<f4'", "[1, 2, 3]"), FL_ERR_FORMAT, "not a tuple"},
    {DICT("'<f4'", "(1, 2, 3"), FL_ERR_FORMAT, "something other than sizes"},
    {DICT("'<f4'", "(1,, 2, 3)"), FL_ERR_FORMAT, "something other than sizes"},
    {DICT("'<f4'", "(1 2 3)"), FL_ERR_FORMAT, "not a tuple"},
    {DICT("'<f4'", "(18446744073709551616, 1, 1)"), FL_ERR_FORMAT, "below 2^64"},
    {DICT("'<f4'", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"),
     FL_ERR_FORMAT, "more than 32"},
    // Products beyond 64 bits, beyond the limits, beyond any memory.
    {DICT("'<f4'", "(4294967296, 4294967296, 2)"), FL_ERR_TOO_BIG, "1048576 cells a side"},
    {DICT("'<f4'", "(18446744073709551615, 1, 1)"), FL_ERR_TOO_BIG, "1048576 cells a side"},
    {DICT("'<f4'", "(1, 1, 65537)"), FL_ERR_TOO_BIG, "65536 channels"},
    {DICT("'<f4'", "(1048576, 1048576, 65536)"), FL_ERR_TOO_BIG, "takes 256.0 PiB"},
    {DICT("'<u1'", "(1048576, 1048576, 64)"), FL_ERR_TOO_BIG, "this machine has"},
    {DICT("'<f4'", "(1, 2, 4)"), FL_ERR_FORMAT, "promises 32 bytes of values and 24 are there"},
    {DICT("'<f8'", "(1, 2, 3)"), FL_ERR_FORMAT, "promises 48 bytes"},
    {"{'descr': '<f4', 'fortran_order': 0, 'shape': (1, 2, 3)}", FL_ERR_FORMAT,
     "neither True nor False"},
    {"{'descr': '<f4', 'shape': (1, 2, 3)}", FL_ERR_FORMAT, "does not have descr"},
    {"{}", FL_ERR_FORMAT, "does not have descr"},
    {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3)}", FL_ERR_FORMAT,
     "a key too many"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), 'more': 1}", FL_ERR_FORMAT,
     "a key too many"},
    {"{'descr' '<f4', 'fortran_order': False, 'shape': (1, 2, 3)}", FL_ERR_FORMAT, "not a dict"},
    {"{'descr': '<f4' 'fortran_order': False, 'shape': (1, 2, 3)}", FL_ERR_FORMAT, "not a dict"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3)} {", FL_ERR_FORMAT,
     "behind the dict"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3)", FL_ERR_FORMAT, "not a dict"},
    {"[1, 2, 3]", FL_ERR_FORMAT, "not a dict"},
    {"", FL_ERR_FORMAT, "not a dict"},
};

static void test_bad_headers_are_refused_each_with_its_sentence(void)
{
    float values[6] = {0};

    for (size_t i = 0; i < sizeof bad_headers / sizeof *bad_headers; i++) {
        struct bytes file = npy_of(1, bad_headers[i].dict, values, sizeof values);
        struct fl_map_source source;
        struct fl_error error = {0};
        enum fl_err err = read_bytes(&file, &source, &error);
        if (err != bad_headers[i].err || error.code != err ||
            !strstr(error.text, bad_headers[i].says) || strncmp(error.text, "x.npy ", 6) != 0) {
            fprintf(stderr, "%s: %d, %s\n", bad_headers[i].dict, err, error.text);
            exit(1);
        }
    }
}

static void test_bad_beginnings_are_refused(void)
{
    float values[6] = {0};
    struct bytes good = npy_of(1, DICT("'<f4'", "(1, 2, 3)"), values, sizeof values);
    static const struct {
        size_t at;
        uint8_t byte;
        enum fl_err err;
        const char *says;
    } cases[] = {
        {0, 'P', FL_ERR_FORMAT, "does not begin with NumPy's mark"},
        {5, 'Z', FL_ERR_FORMAT, "does not begin with NumPy's mark"},
        {6, 0, FL_ERR_UNSUPPORTED, "version 0.0"},
        {6, 4, FL_ERR_UNSUPPORTED, "version 4.0"},
        {7, 1, FL_ERR_UNSUPPORTED, "version 1.1"},
        {9, 1, FL_ERR_FORMAT, "ends inside its header"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes file = good;
        struct fl_map_source source;
        struct fl_error error = {0};
        file.at[cases[i].at] = cases[i].byte;
        EXPECT_INT(read_bytes(&file, &source, &error), cases[i].err);
        EXPECT(strstr(error.text, cases[i].says));
    }
}

static void test_a_header_over_64_kib_is_refused(void)
{
    static uint8_t file[12 + 65537];
    struct fl_npy_header header;
    struct fl_error error = {0};
    const uint32_t len = 65537;

    memset(file, ' ', sizeof file);
    memcpy(file, "\x93NUMPY\x02", 8);
    for (unsigned i = 0; i < 4; i++)
        file[8 + i] = (uint8_t)(len >> 8 * i);
    EXPECT_INT(fl_npy_parse("x.npy", file, sizeof file, false, &header, &error), FL_ERR_FORMAT);
    EXPECT(strstr(error.text, "more than 64 KiB"));
}

static void test_every_cut_of_a_file_is_refused(void)
{
    float values[30] = {0};
    struct bytes whole = npy_of(1, DICT("'<f4'", "(2, 3, 5)"), values, sizeof values);
    struct folder folder = make_folder();
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/x.npy", folder.path);
    for (size_t len = 0; len < whole.len; len++) {
        struct bytes cut = whole;
        struct fl_map_source source;
        struct fl_error error = {0};
        cut.len = len;
        EXPECT_INT(read_bytes(&cut, &source, &error), FL_ERR_FORMAT);
        if (len % 16 != 0)
            continue;
        save_bytes(path, whole.at, len);
        EXPECT_INT(fl_npy_open(path, &hwc, &source, &error), FL_ERR_FORMAT);
        EXPECT(strncmp(error.text, path, strlen(path)) == 0 && !source.mapping);
    }
    remove_folder(&folder);
}

static void test_a_longer_file_gives_its_first_array(void)
{
    float values[8] = {1, 2, 3, 4, 5, 6, 7, 8}, row[6];
    struct bytes file = npy_of(1, DICT("'<f4'", "(1, 2, 3)"), values, sizeof values);
    struct fl_map_source source;

    EXPECT_INT(read_bytes(&file, &source, NULL), FL_OK);
    struct fl_map *map = fl_map_create("x", &source, (double[]){0, 0, 2, 1});
    fl_map_read_rows(map, 0, 1, row);
    for (size_t i = 0; i < 6; i++)
        EXPECT(row[i] == values[i]);
    fl_map_unref(map);
}

static void test_what_is_no_file_is_refused(void)
{
    struct folder folder = make_folder();
    struct fl_map_source source;
    struct fl_error error = {0};
    char path[PATH_MAX];

    EXPECT_INT(fl_npy_open(folder.path, &hwc, &source, &error), FL_ERR_IO);
    EXPECT(strstr(error.text, "not a regular file"));
    snprintf(path, sizeof path, "%s/none.npy", folder.path);
    EXPECT_INT(fl_npy_open(path, &hwc, &source, &error), FL_ERR_NOT_FOUND);
    EXPECT(strstr(error.text, "cannot be opened"));
    snprintf(path, sizeof path, "%s/pipe.npy", folder.path);
    EXPECT_INT(run_program((char *[]){(char[]){"mkfifo"}, path, NULL}), 0);
    EXPECT_INT(fl_npy_open(path, &hwc, &source, &error), FL_ERR_IO);
    remove_folder(&folder);
}

static void test_every_half_is_widened_exactly(void)
{
    for (uint32_t bits = 0; bits < 65536; bits++) {
        int exponent = (int)(bits >> 10 & 31), mantissa = (int)(bits & 1023);
        double sign = bits >> 15 ? -1 : 1;
        double want = exponent == 0 ? ldexp(mantissa, -24) : ldexp(mantissa + 1024, exponent - 25);
        float got = fl_half_float((uint16_t)bits);
        if (exponent == 31)
            EXPECT(mantissa ? isnan(got) : isinf(got) && (double)got * sign > 0);
        else
            EXPECT((double)got == sign * want && !signbit(got) == (bits >> 15 == 0));
    }
}

int main(void)
{
    fl_log_set_level(FL_LOG_ERROR);
    RUN(test_values_are_those_numpy_saved);
    RUN(test_odd_headers_are_read);
    RUN(test_bad_headers_are_refused_each_with_its_sentence);
    RUN(test_bad_beginnings_are_refused);
    RUN(test_a_header_over_64_kib_is_refused);
    RUN(test_every_cut_of_a_file_is_refused);
    RUN(test_a_longer_file_gives_its_first_array);
    RUN(test_what_is_no_file_is_refused);
    RUN(test_every_half_is_widened_exactly);
    return 0;
}
