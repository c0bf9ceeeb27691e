// The passes of one frame over a map of 512 x 256 x 256 (134 MB), beside a plain loop of one thread
// that reads the same bytes: both in every repetition, so that a busy machine slows both.
//
// usage: bench_pass [--gpu WHICH] [W H D [REPETITIONS]]
#include "server/base/clock.h"
#include "server/base/mem.h"
#include "server/gpu/egl.h"
#include "server/gpu/painter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum { MOST = 101, STAGES = 7 };

static const char *const stage_names[STAGES] = {
    "read floor, 1 thread", "similarity",       "curve",         "reduce (around)",
    "reduce (percentile)",  "present (levels)", "read back (R8)"};

struct bench {
    const char *which;
    int32_t w, h, d;
    int repetitions;
    float *values, *inverse;
    struct fl_features features;
    struct fl_raster norms, chords, cells;
    struct fl_painter painter;
    struct fl_readback readback;
    double ms[STAGES][MOST], cpu[STAGES][MOST]; // cpu: of all threads of the process
    volatile float sum;                         // so that the read loop is not optimised away
};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

// As after a ReLU: half of the values are zero.
static void fill(struct bench *bench)
{
    size_t cells = (size_t)bench->w * (size_t)bench->h, d = (size_t)bench->d;
    uint32_t seed = 1;

    for (size_t i = 0; i < cells; i++) {
        double squares = 0;
        for (size_t k = 0; k < d; k++) {
            float value = (float)next_random(&seed) / 8388608.0F - 1;
            value = value > 0 ? value : 0;
            bench->values[i * d + k] = value;
            squares += (double)value * (double)value;
        }
        bench->inverse[i] = squares > 0 ? (float)(1 / sqrt(squares)) : 0;
    }
}

static bool upload(struct bench *bench, const struct fl_limits *limits)
{
    struct fl_error error = {0};

    if (fl_features_init(&bench->features, bench->w, bench->h, bench->d, limits, &error) ||
        !fl_raster_init(&bench->norms, bench->w, bench->h, limits) ||
        !fl_raster_init(&bench->chords, bench->w, bench->h, limits) ||
        !fl_raster_init(&bench->cells, bench->w, bench->h, limits))
        return false;
    fl_raster_upload(&bench->norms, 0, bench->h, bench->inverse);
    while (!fl_features_full(&bench->features)) {
        if (fl_features_fill(&bench->features, NULL, bench->values, limits, &error)) {
            fprintf(stderr, "%s\n", error.text);
            return false;
        }
    }
    return true;
}

static void wait_for_gpu(void)
{
    GLsync fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);

    while (glClientWaitSync(fence, GL_SYNC_FLUSH_COMMANDS_BIT, 1000000000) == GL_TIMEOUT_EXPIRED)
        continue;
    glDeleteSync(fence);
}

static void read_floor(struct bench *bench)
{
    enum { LANES = 64 };
    size_t n = (size_t)bench->w * (size_t)bench->h * (size_t)bench->d / LANES * LANES;
    float lanes[LANES] = {0}, sum = 0;

    for (size_t i = 0; i < n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lanes[k] += bench->values[i + k];
    for (size_t k = 0; k < LANES; k++)
        sum += lanes[k];
    bench->sum = sum;
}

static void similarity(struct bench *bench)
{
    int32_t i = bench->w / 3, j = bench->h / 2;
    size_t at = (size_t)j * (size_t)bench->w + (size_t)i;
    struct fl_similarity_task task = {.features = &bench->features,
                                      .inverse = &bench->norms,
                                      .form = FL_FORM_CHORD,
                                      .vector = bench->values + at * (size_t)bench->d,
                                      .ref_inverse = bench->inverse[at],
                                      .ref = {i, j}};

    fl_similarity_draw(&bench->painter.similarity, &task, &bench->chords);
}

static void reduce(struct bench *bench, enum fl_stretch_kind kind)
{
    struct fl_cell ref = {bench->w / 3, bench->h / 2, 1};
    struct fl_reduce_task task = {.refs = &ref, .n_refs = 1, .stretch = {kind, 2, 98}};

    fl_reduce_run(&bench->painter.reduce, &bench->cells, &task,
                  fl_readback_free(&bench->readback)->stats);
}

static void present(struct bench *bench)
{
    struct fl_slot *slot = fl_readback_free(&bench->readback);
    struct fl_present_task task = {.cells = &bench->cells,
                                   .window = {0, 0, bench->w, bench->h},
                                   .w = bench->w,
                                   .h = bench->h,
                                   .stats = slot->stats,
                                   .output = FL_OUT_LEVELS};

    slot->piece = (struct fl_rect){0, 0, bench->w, bench->h};
    if (fl_slot_target(slot, GL_R8, bench->w, bench->h))
        fl_present_draw(&bench->painter.present, &task, slot->piece, &slot->target);
}

static void read_back(struct bench *bench)
{
    struct fl_slot *slot = fl_readback_free(&bench->readback);
    bool direct = bench->readback.direct;
    uint8_t *levels = malloc((size_t)bench->w * (size_t)bench->h);

    fl_slot_begin(slot, direct);
    while (!fl_slot_done(slot, 1000000000))
        continue;
    if (!levels || !fl_slot_take(slot, direct, levels, bench->w, 1))
        fprintf(stderr, "not read back\n");
    free(levels);
}

static void run_stage(struct bench *bench, int stage)
{
    switch (stage) {
    case 0:
        read_floor(bench);
        break;
    case 1:
        similarity(bench);
        break;
    case 2:
        fl_cellwise_curve(&bench->painter.cellwise, &bench->chords, FL_CURVE_ANGULAR,
                          &bench->cells);
        break;
    case 3:
        reduce(bench, FL_STRETCH_AROUND);
        break;
    case 4:
        reduce(bench, FL_STRETCH_PERCENTILE);
        break;
    case 5:
        present(bench);
        break;
    default:
        read_back(bench);
        break;
    }
}

static double cpu_ms(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static void repeat(struct bench *bench)
{
    for (int repetition = -2; repetition < bench->repetitions; repetition++) { // two to warm up
        for (int stage = 0; stage < STAGES; stage++) {
            uint64_t begin = fl_now_us();
            double cpu = cpu_ms();
            run_stage(bench, stage);
            wait_for_gpu();
            if (repetition < 0)
                continue;
            bench->ms[stage][repetition] = (double)(fl_now_us() - begin) / 1000;
            bench->cpu[stage][repetition] = cpu_ms() - cpu;
        }
    }
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(const double *values, int n)
{
    double sorted[MOST];

    memcpy(sorted, values, (size_t)n * sizeof *values);
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    return sorted[n / 2];
}

static void print(const struct bench *bench)
{
    double bytes = (double)bench->w * bench->h * bench->d * 4, ratios[MOST];

    printf("%s\n%d x %d x %d, %.1f MB, median of %d repetitions\n\n",
           (const char *)glGetString(GL_RENDERER), bench->w, bench->h, bench->d, bytes * 1e-6,
           bench->repetitions);
    printf("%-22s %9s %9s %9s %16s\n", "", "ms", "CPU ms", "GB/s", "x read floor");
    for (int stage = 0; stage < STAGES; stage++) {
        double ms = median(bench->ms[stage], bench->repetitions);
        for (int i = 0; i < bench->repetitions; i++)
            ratios[i] = bench->ms[stage][i] / bench->ms[0][i];
        printf("%-22s %9.3f %9.3f ", stage_names[stage], ms,
               median(bench->cpu[stage], bench->repetitions));
        if (stage < 2)
            printf("%9.1f ", bytes / ms * 1e-6);
        else
            printf("%9s ", "");
        printf("%16.2f\n", median(ratios, bench->repetitions));
    }
    double rest = 0;
    static const int after[] = {2, 3, 5, 6}; // of a frame with the stretch `around`
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        rest += median(bench->ms[after[i]], bench->repetitions);
    double whole = rest + median(bench->ms[1], bench->repetitions);
    printf("\na frame: %.3f ms, of it %.0f %% after the similarity pass\n", whole,
           100 * rest / whole);
}

static bool parse(struct bench *bench, int argc, char **argv)
{
    int32_t *numbers[] = {&bench->w, &bench->h, &bench->d, &bench->repetitions};
    int n = 0;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--gpu") == 0 && i + 1 < argc) {
            bench->which = argv[++i];
            continue;
        }
        long value = strtol(argv[i], NULL, 10);
        if (n == 4 || value < 1 || value > 1000000)
            return false;
        *numbers[n++] = (int32_t)value;
    }
    return bench->repetitions <= MOST;
}

int main(int argc, char **argv)
{
    static struct bench bench = {.which = "auto", .w = 512, .h = 256, .d = 256, .repetitions = 21};
    struct fl_error error = {0};

    if (!parse(&bench, argc, argv)) {
        fprintf(stderr, "usage: %s [--gpu WHICH] [W H D [REPETITIONS, at most %d]]\n", argv[0],
                MOST);
        return 2;
    }
    struct fl_egl *egl = fl_egl_create(bench.which, true, &error);
    if (!egl) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    struct fl_limits limits = fl_limits_read(fl_egl_is_software(egl), NULL);
    size_t cells = (size_t)bench.w * (size_t)bench.h;
    bench.values = malloc(cells * (size_t)bench.d * sizeof(float));
    bench.inverse = malloc(cells * sizeof(float));
    bool ok = bench.values && bench.inverse && fl_painter_init(&bench.painter, &limits) &&
              fl_readback_init(&bench.readback, limits.software);
    if (ok) {
        fill(&bench);
        ok = upload(&bench, &limits);
    }
    if (ok) {
        repeat(&bench);
        print(&bench);
    }
    fl_features_finish(&bench.features);
    fl_raster_finish(&bench.norms);
    fl_raster_finish(&bench.chords);
    fl_raster_finish(&bench.cells);
    fl_painter_finish(&bench.painter);
    fl_readback_finish(&bench.readback);
    fl_egl_destroy(egl);
    free(bench.values);
    free(bench.inverse);
    return ok ? 0 : 1;
}
