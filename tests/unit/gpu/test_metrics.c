// Every metric through the whole GPU thread against its formula in float64: depths around the group of
// four and beyond the uniform block, signed and not, odd sizes, invalid pixels.
#include "rig.h"

#include "server/data/metric.h"

static struct rig rig;

// About half of the values of an unsigned map are zero, as after a ReLU.
static float *make_values(int32_t w, int32_t h, int32_t d, bool has_negative)
{
    size_t n = (size_t)w * (size_t)h * (size_t)d;
    float *values = malloc(n * sizeof *values);
    uint32_t seed = (uint32_t)(w * 31 + h * 7 + d);

    EXPECT(values != NULL);
    for (size_t i = 0; i < n; i++) {
        float value = rig_random(&seed) * 2 - 1;
        values[i] = has_negative || value > 0 ? value * 3 : 0;
    }
    return values;
}

static float *pixel(float *values, int32_t w, int32_t d, int32_t x, int32_t y)
{
    return values + ((size_t)y * (size_t)w + (size_t)x) * (size_t)d;
}

static double minimum(const float *values, size_t n)
{
    double min = HUGE_VAL;

    for (size_t i = 0; i < n; i++) {
        if (isfinite(values[i]) && (double)values[i] < min)
            min = (double)values[i];
    }
    return min;
}

// What float32 can be asked for: absolute for numbers around 1, relative for the others.
static double tolerance(enum fl_metric metric, double wanted)
{
    switch (metric) {
    case FL_METRIC_ANGULAR:
    case FL_METRIC_COSINE:
        return 5e-7;
    case FL_METRIC_PEARSON: // the mean of each vector is rounded to float32 too
    case FL_METRIC_MSAM:
        return 1e-6;
    case FL_METRIC_ANGLE:
        return 5e-7 * 90;
    case FL_METRIC_DOT:
    case FL_METRIC_L2:
    case FL_METRIC_L1:
    case FL_METRIC_LHALF:
    case FL_METRICS:
        break;
    }
    return 1e-6 * (1 + fabs(wanted));
}

struct run {
    float *values;
    int32_t w, h, d, i, j;
    struct fl_map *map;
    double min;
};

// How far off; ends the program where that is too far.
static double check_cell(const struct run *run, const struct fl_frame *frame, int32_t x, int32_t y)
{
    const struct fl_render *render = &frame->render;
    struct oracle o = {.p = pixel(run->values, run->w, run->d, x, y),
                       .r = pixel(run->values, run->w, run->d, run->i, run->j),
                       .d = run->d,
                       .min = run->min};
    double wanted = oracle_s(&o, render->metric, render->origin);
    double got = (double)rig_value(frame, x, y), off = fabs(got - wanted);
    double allowed = tolerance(render->metric, wanted);

    if (isnan(wanted)) {
        EXPECT(isnan(got));
        return 0;
    }
    if (render->metric == FL_METRIC_DOT)
        allowed += 3e-6 * run->d; // products of both signs: as large as they are, not their sum
    if (off <= allowed)
        return off;
    fprintf(stderr, "  %s, d = %d, cell %d, %d: %.9g instead of %.9g\n",
            fl_metric_names[render->metric], run->d, x, y, got, wanted);
    exit(1);
}

static void check_metric(const struct run *run, enum fl_metric metric, enum fl_origin origin)
{
    struct fl_render render = rig_render(run->map, run->i, run->j);
    double worst = 0;

    render.metric = metric;
    render.origin = origin;
    struct fl_frame *frame = rig_draw(&rig, run->map, &render);
    for (int32_t n = 0; n < run->w * run->h; n++)
        worst = fmax(worst, check_cell(run, frame, n % run->w, n / run->w));
    if (metric == FL_METRIC_ANGULAR && origin == FL_ORIGIN_ZERO)
        fprintf(stderr, "  d = %d: angular off by %.2g at most\n", run->d, worst);
    if (fl_metric_curve(metric) != FL_CURVE_NONE) // exactly
        EXPECT(rig_value(frame, run->i, run->j) == (metric == FL_METRIC_ANGLE ? 0.0F : 1.0F));
    EXPECT(memcmp(frame->vector, pixel(run->values, run->w, run->d, run->i, run->j),
                  (size_t)run->d * 4) == 0);
    rig_free(frame);
}

static void check_all_metrics(const struct run *run)
{
    for (int metric = 0; metric < FL_METRICS; metric++) {
        bool centred = metric == FL_METRIC_PEARSON || metric == FL_METRIC_MSAM;
        if (centred && run->d == 1)
            continue; // nothing is left of one channel less its mean
        for (int origin = 0; origin < FL_ORIGINS; origin++)
            check_metric(run, (enum fl_metric)metric, (enum fl_origin)origin);
    }
}

static void run_on(int32_t w, int32_t h, int32_t d, bool has_negative)
{
    struct run run = {.values = make_values(w, h, d, has_negative),
                      .w = w,
                      .h = h,
                      .d = d,
                      .i = w / 3,
                      .j = h - 1};
    float *reference = pixel(run.values, w, d, run.i, run.j);

    reference[d / 2] = 1.5F; // never a zero vector
    memset(pixel(run.values, w, d, 0, 0), 0, (size_t)d * sizeof(float));
    pixel(run.values, w, d, 1, 0)[d - 1] = NAN;
    pixel(run.values, w, d, w - 1, 0)[0] = INFINITY;
    memcpy(pixel(run.values, w, d, 2, 1), reference, (size_t)d * sizeof(float));
    for (int32_t k = 0; has_negative && k < d; k++) // the antipode, and not quite
        pixel(run.values, w, d, 3, 1)[k] = -reference[k];
    for (int32_t k = 0; has_negative && k < d; k++)
        pixel(run.values, w, d, 4, 1)[k] = -2 * reference[k] + (k == 0 ? 1e-3F : 0);
    run.min = minimum(run.values, (size_t)w * (size_t)h * (size_t)d);
    run.map = rig_map(run.values, w, h, d);
    check_all_metrics(&run);
    fl_map_unref(run.map);
    free(run.values);
}

static void test_every_metric_agrees_with_float64_at_any_depth(void)
{
    static const int32_t depths[] = {1, 2, 3, 4, 5, 131, 192, 1024};

    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        run_on(13, 7, depths[i], false);
        run_on(11, 9, depths[i], true);
    }
}

static void test_references_beyond_the_uniform_block_agree_too(void)
{
    run_on(5, 3, 20000, false);
    run_on(5, 2, 20001, true);
    run_on(5, 2, 65536, true);
}

static void check_extreme(struct fl_map *map, float values[3][5], enum fl_metric metric,
                          double scale)
{
    struct fl_render render = rig_render(map, 0, 0);

    render.metric = metric;
    struct fl_frame *frame = rig_draw(&rig, map, &render);
    for (int x = 0; x < 3; x++) {
        struct oracle o = {.p = values[x], .r = values[0], .d = 5};
        double wanted = fmin(oracle_s(&o, metric, FL_ORIGIN_ZERO), 3.4028235e38);
        bool angle = fl_metric_curve(metric) != FL_CURVE_NONE;
        // Below 1e-37 float32 has few digits or none.
        EXPECT_NEAR(rig_value(frame, x, 0), wanted,
                    angle ? 5e-5 : 1e-6 * fabs(wanted) + 1e-6 * scale + 1e-37);
    }
    rig_free(frame);
}

static void test_extreme_values_stay_in_range(void)
{
    static const float scales[] = {1e18F, 1e30F, 1e-15F, 1e-25F};

    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        float values[3][5] = {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, {-1, 0, 0, 2, 2}};
        for (int k = 0; k < 15; k++)
            (&values[0][0])[k] *= scales[i];
        struct fl_map *map = rig_map(&values[0][0], 3, 1, 5);
        for (int metric = 0; metric <= FL_METRIC_LHALF; metric++)
            check_extreme(map, values, (enum fl_metric)metric, (double)scales[i]);
        fl_map_unref(map);
    }
}

enum { W = 9, H = 5, D = 7 };

// channel D: the norm
static void check_channel(struct fl_map *map, float *values, uint32_t channel)
{
    struct fl_render render = rig_render(map, 4, 4);

    render.mode = channel < D ? FL_MODE_CHANNEL : FL_MODE_NORM;
    render.channel = channel < D ? channel : 0;
    struct fl_frame *frame = rig_draw(&rig, map, &render);
    EXPECT(isnan(rig_value(frame, 0, 0)));
    for (int32_t n = 1; n < W * H; n++) {
        const float *p = pixel(values, W, D, n % W, n / W);
        double squares = 0;
        for (int k = 0; k < D; k++)
            squares += (double)p[k] * (double)p[k];
        double wanted = channel < D ? (double)p[channel] : sqrt(squares);
        EXPECT_NEAR(rig_value(frame, n % W, n / W), wanted, channel < D ? 0 : 1e-6 * wanted);
    }
    rig_free(frame);
}

static void test_channels_and_norms_are_the_maps_own(void)
{
    float *values = make_values(W, H, D, true);

    memset(values, 0, D * sizeof *values); // cell 0, 0 is invalid
    struct fl_map *map = rig_map(values, W, H, D);
    for (uint32_t channel = 0; channel <= D; channel++)
        check_channel(map, values, channel);
    fl_map_unref(map);
    free(values);
}

int main(void)
{
    rig = rig_open(NULL, 0);
    RUN(test_every_metric_agrees_with_float64_at_any_depth);
    RUN(test_references_beyond_the_uniform_block_agree_too);
    RUN(test_extreme_values_stay_in_range);
    RUN(test_channels_and_norms_are_the_maps_own);
    rig_close(&rig);
    return 0;
}
