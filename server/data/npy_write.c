#include "npy_write.h"

#include "new_file.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "write the values byte by byte on this machine"
#endif

size_t fl_npy_head(const int32_t *shape, int n, char out[FL_NPY_HEAD + 1])
{
    // Version 1.0; 118 bytes follow.
    static const uint8_t magic[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, FL_NPY_HEAD - 10, 0};
    char sides[40] = "", dictionary[110];
    size_t len = 0;

    assert(n >= 1 && n <= 3);
    for (int i = 0; i < n; i++)
        len += (size_t)snprintf(sides + len, sizeof sides - len, "%s%d", i ? ", " : "", shape[i]);
    snprintf(dictionary, sizeof dictionary,
             "{'descr': '<f4', 'fortran_order': False, 'shape': (%s%s), }", sides,
             n == 1 ? "," : "");
    memcpy(out, magic, 10);
    snprintf(out + 10, FL_NPY_HEAD - 10 + 1, "%-117s\n", dictionary);
    return FL_NPY_HEAD;
}

enum fl_err fl_npy_write(struct fl_new_file *file, const int32_t shape[3], const float *values,
                         struct fl_error *error)
{
    size_t n = (size_t)shape[0] * (size_t)shape[1] * (size_t)shape[2];
    char head[FL_NPY_HEAD + 1];
    enum fl_err err = fl_new_file_write(file, head, fl_npy_head(shape, 3, head), error);

    return err ? err : fl_new_file_write(file, values, n * sizeof *values, error);
}

enum fl_err fl_npy_save(const char *path, bool replace, const int32_t shape[3], const float *values,
                        struct fl_error *error)
{
    struct fl_new_file *file = NULL;
    enum fl_err err = fl_new_file_create(path, replace, &file, error);

    if (err)
        return err;
    err = fl_npy_write(file, shape, values, error);
    if (!err)
        return fl_new_file_keep(file, error);
    fl_new_file_drop(file);
    return err;
}
