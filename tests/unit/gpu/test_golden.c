// Real feature maps against numbers computed elsewhere in float64 (golden/NAME.json), and every cell
// against the formula. The maps lie beside the repository (FARLOOK_DATA); without them: skipped.
#include "rig.h"

#include "server/data/npy.h"

#include <jansson.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

static struct rig rig;

static const char *const names[] = {
    "hyd_rn50_conv4x_f32",      "hyd_rn50_conv4x_f16",
    "hyd_rn50_conv4x_tiny_f32", "hyd_rn50_conv4x_tinymask_f32",
    "hyd_deit_b3_1x_f32",       "hyd_deit_b6_f32",
    "hyd_deit_norm_f16",        "hyd_esp_b2_f16",
    "aers_deit_b9_f32",
};

static void data_path(char *out, const char *folder, const char *name, const char *ending)
{
    const char *data = getenv("FARLOOK_DATA"), *source = getenv("FARLOOK_SOURCE");

    if (data)
        (void)snprintf(out, PATH_SIZE, "%s/%s/%s%s", data, folder, name, ending);
    else
        (void)snprintf(out, PATH_SIZE, "%s/../shared/data/%s/%s%s", source ? source : ".", folder,
                       name, ending);
}

static struct fl_map *open_map(const char *name)
{
    const struct fl_layout_hint hint = {.layout = FL_LAYOUT_HWC};
    struct fl_map_source source = {0};
    struct fl_error error = {0};
    char path[PATH_SIZE];

    data_path(path, "maps", name, ".npy");
    if (fl_npy_open(path, &hint, &source, &error)) {
        fprintf(stderr, "  %s\n", error.text);
        exit(1);
    }
    struct fl_map *map = fl_map_create(name, &source, (double[]){0, 0, source.w, source.h});
    for (int norms = 0; norms < FL_NORMS; norms++)
        EXPECT(fl_map_load(map, (enum fl_norms)norms, NULL) == FL_OK);
    return map;
}

struct measure {
    const char *name;
    enum fl_metric metric;
    enum fl_origin origin;
    double tolerance; // times 1 + |value|
};

static const struct measure measures[] = {
    {"angular", FL_METRIC_ANGULAR, FL_ORIGIN_ZERO, 1e-6},
    {"angular_shift", FL_METRIC_ANGULAR, FL_ORIGIN_MIN, 1e-6},
    {"cosine", FL_METRIC_COSINE, FL_ORIGIN_ZERO, 1e-6},
    {"l2", FL_METRIC_L2, FL_ORIGIN_ZERO, 1e-6},
    {"l1", FL_METRIC_L1, FL_ORIGIN_ZERO, 1e-6},
};

static double number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static int cell_of(const json_t *xy, int axis)
{
    return (int)json_integer_value(json_array_get(xy, (size_t)axis));
}

static bool is_close(int x, int y, int rx, int ry)
{
    return abs(x - rx) <= 1 && abs(y - ry) <= 1;
}

static void check_samples(const struct fl_frame *frame, const struct measure *measure,
                          const json_t *golden, const json_t *positions)
{
    const json_t *samples = json_object_get(golden, "samples");

    for (size_t i = 0; i < json_array_size(positions); i++) {
        const json_t *xy = json_array_get(positions, i);
        int x = cell_of(xy, 0), y = cell_of(xy, 1);
        double wanted = json_number_value(json_array_get(samples, i));
        double got = (double)rig_value(frame, x, y);
        // acos of a rounded 1 is off there; this is exactly 1.
        bool self = x == frame->render.refs[0].i && y == frame->render.refs[0].j;
        if (!isnan(got) && !self)
            EXPECT_NEAR(got, wanted, measure->tolerance * (1 + fabs(wanted)));
    }
}

static void check_statistics(const struct fl_frame *frame, const struct measure *measure,
                             const json_t *golden)
{
    int rx = frame->render.refs[0].i, ry = frame->render.refs[0].j;
    double sum = 0, outside = -HUGE_VAL;
    int n = frame->w * frame->h;

    for (int i = 0; i < n; i++) {
        double s = (double)rig_value(frame, i % frame->w, i / frame->w);
        EXPECT(!isnan(s));
        sum += s;
        if (!is_close(i % frame->w, i / frame->w, rx, ry))
            outside = fmax(outside, s);
    }
    double slack = measure->tolerance * (1 + fabs(number(golden, "mean")));
    EXPECT_NEAR(sum / n, number(golden, "mean"), slack);
    EXPECT_NEAR(frame->range[0], number(golden, "min"), measure->tolerance * 2);
    if (json_is_number(json_object_get(golden, "max_outside_3x3")))
        EXPECT_NEAR(outside, number(golden, "max_outside_3x3"), measure->tolerance * 2);
}

static void check_measure(struct fl_map *map, const struct measure *measure, const json_t *golden,
                          const json_t *reference)
{
    const json_t *xy = json_object_get(reference, "ref_xy");
    struct fl_render render = rig_render(map, cell_of(xy, 0), cell_of(xy, 1));

    render.metric = measure->metric;
    render.origin = measure->origin;
    struct fl_frame *frame = rig_draw(&rig, map, &render);
    const json_t *values = json_object_get(json_object_get(reference, "measures"), measure->name);
    if (frame->invalid_ref) {
        // Golden files let the zero vectors in; there is exactly one reference like that.
        EXPECT_INT(cell_of(xy, 0), 0);
        EXPECT(isnan(rig_value(frame, 3, 3)));
    } else {
        check_samples(frame, measure, values, json_object_get(golden, "positions_xy"));
        if (fl_map_stats(map)->invalid == 0)
            check_statistics(frame, measure, values);
    }
    const json_t *first = json_object_get(reference, "ref_vector_first8");
    for (size_t k = 0; k < json_array_size(first); k++)
        EXPECT(frame->vector[k] == (float)json_number_value(json_array_get(first, k)));
    rig_free(frame);
}

struct measured {
    enum fl_metric metric;
    enum fl_origin origin;
};

// How far off at most: of 1, of 180 degrees, or of the largest value.
static double worst_of_all_cells(struct fl_map *map, int32_t i, int32_t j, struct measured how)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    struct fl_render render = rig_render(map, i, j);
    size_t d = (size_t)facts->d;
    float *vectors = malloc(2 * d * sizeof *vectors);
    double worst = 0, largest = how.metric == FL_METRIC_ANGLE ? 180 : 1;

    EXPECT(vectors != NULL);
    render.metric = how.metric;
    render.origin = how.origin;
    struct fl_frame *frame = rig_draw(&rig, map, &render);
    struct oracle o = {
        .p = vectors, .r = vectors + d, .d = facts->d, .min = (double)fl_map_stats(map)->min};
    fl_map_read_vector(map, i, j, vectors + d);
    for (int32_t n = 0; n < facts->w * facts->h; n++) {
        int32_t x = n % facts->w, y = n / facts->w;
        fl_map_read_vector(map, x, y, vectors);
        double wanted = oracle_s(&o, how.metric, how.origin);
        double got = (double)rig_value(frame, x, y);
        EXPECT(isnan(wanted) == isnan(got));
        worst = isnan(wanted) ? worst : fmax(worst, fabs(got - wanted));
        largest = isnan(wanted) ? largest : fmax(largest, fabs(wanted));
    }
    rig_free(frame);
    free(vectors);
    return worst / largest;
}

static void check_map(const char *name)
{
    struct fl_map *map = open_map(name);
    json_error_t error;
    char path[PATH_SIZE];
    double worst[2] = {0};

    data_path(path, "golden", name, ".json");
    json_t *golden = json_load_file(path, 0, &error);
    EXPECT(golden != NULL);
    const json_t *references = json_object_get(golden, "refs");
    EXPECT(json_array_size(references) > 0);
    for (size_t i = 0; i < json_array_size(references); i++) {
        const json_t *reference = json_array_get(references, i);
        const json_t *xy = json_object_get(reference, "ref_xy");
        for (size_t k = 0; k < sizeof measures / sizeof *measures; k++)
            check_measure(map, &measures[k], golden, reference);
        for (int origin = 0; origin < 2; origin++)
            worst[origin] = fmax(
                worst[origin],
                worst_of_all_cells(map, cell_of(xy, 0), cell_of(xy, 1),
                                   (struct measured){FL_METRIC_ANGULAR, (enum fl_origin)origin}));
    }
    fprintf(stderr, "  %s: off by %.2g at most, %.2g with origin min\n", name, worst[0], worst[1]);
    EXPECT(worst[0] <= 5e-7 && worst[1] <= 5e-7);
    EXPECT(fl_map_stats(map)->invalid == (strstr(name, "tinymask") ? 31 : 0));
    json_decref(golden);
    fl_map_unref(map);
}

static void check_metrics(const char *name)
{
    struct fl_map *map = open_map(name);
    const struct fl_map_facts *facts = fl_map_facts(map);

    for (int metric = 0; metric < FL_METRICS; metric++)
        for (int origin = 0; origin < FL_ORIGINS; origin++) {
            struct measured how = {(enum fl_metric)metric, (enum fl_origin)origin};
            double worst = worst_of_all_cells(map, facts->w / 3, facts->h / 2, how);
            if (!(worst <= 1e-6))
                fprintf(stderr, "  %s, %s: off by %.2g\n", name, fl_metric_names[metric], worst);
            EXPECT(worst <= 1e-6);
        }
    fl_map_unref(map);
}

static void test_every_metric_agrees_with_float64_on_real_maps(void)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_metrics(names[i]);
}

static void test_real_maps_agree_with_the_golden_numbers(void)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_map(names[i]);
}

int main(void)
{
    char path[PATH_SIZE];

    data_path(path, "maps", names[0], ".npy");
    if (access(path, R_OK) != 0) {
        fprintf(stderr, "SKIPPED: there is no %s; set FARLOOK_DATA to the folder of the data\n",
                path);
        return TEST_SKIPPED;
    }
    rig = rig_open(NULL, 0);
    RUN(test_real_maps_agree_with_the_golden_numbers);
    RUN(test_every_metric_agrees_with_float64_on_real_maps);
    rig_close(&rig);
    return 0;
}
