#include "server/data/npy_write.h"

#include "files.h"
#include "npy_files.h"

#include "server/data/new_file.h"
#include "server/data/npy.h"

static void expect_head(const int32_t *shape, int n, const char *dictionary)
{
    char head[FL_NPY_HEAD + 1], want[FL_NPY_HEAD + 1];

    memcpy(want, "\x93NUMPY\x01\x00\x76\x00", 10);
    snprintf(want + 10, sizeof want - 10, "%-117s\n", dictionary);
    EXPECT_INT(fl_npy_head(shape, n, head), 128);
    EXPECT(memcmp(head, want, FL_NPY_HEAD) == 0);
}

static void test_headers_are_those_of_numpy_save(void)
{
    expect_head((const int32_t[]){3, 4}, 2,
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }");
    expect_head((const int32_t[]){256}, 1,
                "{'descr': '<f4', 'fortran_order': False, 'shape': (256,), }");
    expect_head((const int32_t[]){1048576, 1048576}, 2,
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1048576, 1048576), }");
    expect_head((const int32_t[]){1048576, 1048576, 65536}, 3,
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1048576, 1048576, 65536), }");
}

static void test_what_is_written_is_read(void)
{
    struct folder folder = make_folder();
    char path[4200];
    float values[2 * 3 * 5];
    struct fl_new_file *file = NULL;
    struct fl_map_source source = {0};
    const struct fl_layout_hint hint = {.layout = FL_LAYOUT_HWC};
    struct fl_error error = {0};

    for (size_t i = 0; i < 30; i++)
        values[i] = (float)i / 7 - 1;
    snprintf(path, sizeof path, "%s/a.npy", folder.path);
    EXPECT_INT(fl_new_file_create(path, false, &file, &error), FL_OK);
    EXPECT_INT(fl_npy_write(file, (const int32_t[]){2, 3, 5}, values, &error), FL_OK);
    EXPECT_INT(fl_new_file_keep(file, &error), FL_OK);
    EXPECT_INT(fl_npy_open(path, &hint, &source, &error), FL_OK);
    EXPECT(source.h == 2 && source.w == 3 && source.d == 5);
    EXPECT(strcmp(source.dtype, "f4") == 0);
    const float *got = source.base;
    for (size_t i = 0; i < 30; i++)
        EXPECT(got[i] == values[i]);
    fl_map_source_finish(&source);
    remove_folder(&folder);
}

int main(void)
{
    RUN(test_headers_are_those_of_numpy_save);
    RUN(test_what_is_written_is_read);
    return 0;
}
