// The data sets that the authors of IFeaLiD published, against values computed in float64.
#include "server/data/ifealid.h"

#include "files.h"

#include <jansson.h>

static double number(const json_t *json, const char *key)
{
    EXPECT(json_is_number(json_object_get(json, key)));
    return json_number_value(json_object_get(json, key));
}

static double dot(const float *a, const float *b, int32_t d)
{
    double sum = 0;

    for (int32_t k = 0; k < d; k++)
        sum += (double)a[k] * (double)b[k];
    return sum;
}

static double similarity(const float *a, const float *b, int32_t d)
{
    const double pi = 3.14159265358979323846;
    double c = dot(a, b, d) / sqrt(dot(a, a, d) * dot(b, b, d));

    return 1 - 2 / pi * acos(fmin(1, fmax(-1, c)));
}

static void check_vector(const json_t *ref, const float *vector, int32_t d)
{
    const json_t *first = json_object_get(ref, "vector_first8_raw");
    const json_t *last = json_object_get(ref, "vector_last4_raw");
    double sum = 0;

    for (size_t k = 0; k < 8; k++)
        EXPECT(vector[k] == (float)(json_number_value(json_array_get(first, k)) / 255));
    for (size_t k = 0; k < 4; k++)
        EXPECT(vector[(size_t)d - 4 + k] ==
               (float)(json_number_value(json_array_get(last, k)) / 255));
    for (int32_t k = 0; k < d; k++)
        sum += round((double)vector[k] * 255);
    EXPECT(sum == number(ref, "vector_sum_raw"));
    int32_t best = (int32_t)number(ref, "vector_argmax");
    EXPECT(vector[best] == (float)(number(ref, "vector_max_raw") / 255));
}

static void check_reference(const json_t *ref, const struct fl_map_source *map, const float *values)
{
    int32_t x = (int32_t)number(ref, "x"), y = (int32_t)number(ref, "y");
    const float *vector = values + ((size_t)y * (size_t)map->w + (size_t)x) * (size_t)map->d;
    double low = 2, high = -2, sum = 0;
    size_t n = (size_t)map->w * (size_t)map->h, at = 0;
    const json_t *sample = NULL;

    check_vector(ref, vector, map->d);
    for (size_t i = 0; i < n; i++) {
        double s = similarity(values + i * (size_t)map->d, vector, map->d);
        low = fmin(low, s);
        high = fmax(high, s);
        sum += s;
    }
    EXPECT_NEAR(low, number(ref, "min"), 2e-6);
    EXPECT_NEAR(high, number(ref, "max"), 2e-6);
    EXPECT_NEAR(sum / (double)n, number(ref, "mean"), 2e-6);
    json_array_foreach(json_object_get(ref, "samples"), at, sample)
    {
        size_t cell = (size_t)(number(sample, "y") * map->w + number(sample, "x"));
        double s = similarity(values + cell * (size_t)map->d, vector, map->d);
        EXPECT_NEAR(s, number(sample, "s"), 2e-6);
    }
    EXPECT(at > 0);
}

// False where the data are not there.
static bool check_published(const char *zip, const char *golden)
{
    char path[4096];
    struct fl_map_source map = {0};
    struct fl_picture *picture = NULL;
    struct fl_error error = {0};
    float *values = NULL;
    size_t i = 0;
    const json_t *ref = NULL;

    if (!find_data(golden, path, sizeof path))
        return false;
    json_t *json = json_load_file(path, 0, NULL);
    EXPECT(json);
    if (!find_data(zip, path, sizeof path)) {
        json_decref(json);
        return false;
    }
    const json_t *meta = json_object_get(json, "meta");
    EXPECT_INT(fl_ifealid_open(path, &map, &picture, &error), FL_OK);
    EXPECT(map.w == number(meta, "width") && map.h == number(meta, "height") &&
           map.d == number(meta, "features"));
    EXPECT(fl_picture_w(picture) == 427 && fl_picture_h(picture) == 640);
    EXPECT_INT(map.decode(map.user, &values, NULL, &error), FL_OK);
    json_array_foreach(json_object_get(json, "refs"), i, ref) check_reference(ref, &map, values);
    EXPECT(i > 0);
    free(values);
    fl_map_source_finish(&map);
    fl_picture_unref(picture);
    json_decref(json);
    return true;
}

static void test_the_published_sets_agree_with_their_golden_values(void)
{
    bool c1 = check_published("ifealid/000000015746.jpg.C1.npz.8.zip", "golden/ifealid_C1.json");
    bool c3 = check_published("ifealid/000000015746.jpg.C3.npz.8.zip", "golden/ifealid_C3.json");

    if (!c1 && !c3)
        exit(TEST_SKIPPED);
}

int main(void)
{
    RUN(test_the_published_sets_agree_with_their_golden_values);
    return 0;
}
