// The passes of one frame over a map of 512 x 256 x 256 (134 MB), by GL and by the software engine,
// beside a plain loop of one thread that reads the same bytes: all in every repetition, so that a busy
// machine slows all.
//
// usage: bench_pass [--gpu WHICH] [--rows] [W H D [REPETITIONS]]
#include "arguments.h"
#include "pass_soft.h"
#include "table.h"

#include "server/base/clock.h"
#include "server/base/median.h"
#include "server/base/mem.h"
#include "server/base/parallel.h"
#include "server/base/read_once.h"
#include "server/data/synthetic.h"
#include "server/gpu/egl.h"
#include "server/gpu/painter.h"

#include <stdio.h>
#include <sys/resource.h>

enum { MOST = FL_MEDIAN_MOST };

struct bench {
    int32_t w, h, d;
    int repetitions;
    struct fl_map *map;               // shared reference; loaded, its values lie in memory
    struct fl_references *references; // shared reference; FL_CHORDS_MOST unit vectors
    struct fl_features features;
    struct fl_raster norms, chords, cells, many[FL_CHORDS_MOST];
    struct bench_soft *soft;
    struct fl_painter painter;
    struct fl_readback readback;
    volatile uint32_t sum; // so that the read loop is not optimised away
};

static bool make_map(struct bench *bench, struct fl_error *error)
{
    size_t cells = (size_t)bench->w * (size_t)bench->h;
    struct fl_render render = {.n_refs = FL_CHORDS_MOST};

    bench->map = fl_synthetic_map(bench->w, bench->h, bench->d, error);
    if (!bench->map || fl_map_load(bench->map, FL_NORMS_ZERO, error))
        return false;
    for (size_t k = 0; k < render.n_refs; k++) {
        size_t at = (cells / 2 + (size_t)bench->w / 3 + k * 997) % cells;
        render.refs[k] = (struct fl_cell){(int32_t)at % bench->w, (int32_t)at / bench->w, 1};
    }
    bench->references = fl_references_create(bench->map, false, &render, error);
    if (!bench->references)
        return false;
    if (bench->references->n == render.n_refs)
        return true;
    fl_fail(error, FL_ERR_RANGE, "Some cells of so few channels are all zero; give more channels.");
    return false;
}

static bool upload(struct bench *bench, const struct fl_limits *limits, struct fl_error *error)
{
    const float *values = fl_map_rows(bench->map, 0);

    if (fl_features_init(&bench->features, bench->w, bench->h, bench->d, limits, error))
        return false;
    if (!fl_raster_init(&bench->norms, bench->w, bench->h, limits) ||
        !fl_raster_init(&bench->chords, bench->w, bench->h, limits) ||
        !fl_raster_init(&bench->cells, bench->w, bench->h, limits))
        return false;
    for (int k = 0; k < FL_CHORDS_MOST; k++)
        if (!fl_raster_init(&bench->many[k], bench->w, bench->h, limits))
            return false;
    fl_raster_upload(&bench->norms, 0, bench->h, fl_map_inverse_norms(bench->map, FL_NORMS_ZERO));
    while (!fl_features_full(&bench->features))
        if (fl_features_fill(&bench->features, NULL, values, limits, error))
            return false;
    return true;
}

static void wait_for_gpu(void)
{
    GLsync fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);

    while (glClientWaitSync(fence, GL_SYNC_FLUSH_COMMANDS_BIT, 1000000000) == GL_TIMEOUT_EXPIRED)
        continue;
    glDeleteSync(fence);
}

static void read_floor(struct bench *bench, int unused)
{
    (void)unused;
    size_t n = (size_t)bench->w * (size_t)bench->h * (size_t)bench->d;

    bench->sum = fl_read_once(fl_map_rows(bench->map, 0), n);
}

static void similarity(struct bench *bench, int way)
{
    const struct fl_references *references = bench->references;
    struct fl_similarity_task task = {
        .features = &bench->features,
        .inverse = &bench->norms,
        .form = FL_FORM_CHORD,
        .vector = references->vectors,
        .ref = {references->cells[0].i, references->cells[0].j},
    };

    bench->painter.compare.similarity.way = (enum fl_way)way;
    if (!fl_similarity_draw(&bench->painter.compare.similarity, &task, &bench->chords))
        fprintf(stderr, "not compared\n");
}

static void together(struct bench *bench, int n)
{
    const struct fl_references *references = bench->references;
    struct fl_chords_ref refs[FL_CHORDS_MOST];
    struct fl_chords_task task = {.features = &bench->features,
                                  .inverse = &bench->norms,
                                  .pixels = 8,
                                  .refs = refs,
                                  .n_refs = (size_t)n};

    for (int k = 0; k < n; k++)
        refs[k] = (struct fl_chords_ref){
            .vector = references->vectors + (size_t)k * (size_t)bench->d,
            .cell = {references->cells[k].i, references->cells[k].j},
            .out = &bench->many[k],
        };
    if (!fl_chords_draw(&bench->painter.compare.similarity.chords, &task))
        fprintf(stderr, "not compared\n");
}

static void curve(struct bench *bench, int unused)
{
    (void)unused;
    fl_cellwise_curve(&bench->painter.cellwise, &bench->chords, NULL, FL_CURVE_ANGULAR,
                      &bench->cells);
}

static void reduce(struct bench *bench, int kind)
{
    struct fl_cell ref = {bench->w / 3, bench->h / 2, 1};
    struct fl_reduce_task task = {
        .refs = &ref, .n_refs = 1, .stretch = {(enum fl_stretch_kind)kind, 2, 98}};

    fl_reduce_run(&bench->painter.reduce, &bench->cells, &task,
                  fl_readback_free(&bench->readback)->stats);
}

static void present(struct bench *bench, int unused)
{
    (void)unused;
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

static void read_back(struct bench *bench, int unused)
{
    (void)unused;
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

static void soft_pass(struct bench *bench, int references)
{
    bench_soft_compare(bench->soft, (size_t)references);
}

static void soft_frame(struct bench *bench, int stretch)
{
    bench_soft_frame(bench->soft, (enum fl_stretch_kind)stretch, false);
}

static void soft_again(struct bench *bench, int stretch)
{
    bench_soft_frame(bench->soft, (enum fl_stretch_kind)stretch, true);
}

enum part { READ, GL_PASS, GL_REST, SOFT_PASS, SOFT_FRAME, MORE };

static struct stage {
    const char *name;
    void (*run)(struct bench *bench, int how);
    enum part part; // of a frame; MORE: of none
    int how;
    double ms[MOST], cpu[MOST]; // cpu: of all threads of the process
} stages[] = {
    {.name = "read floor, 1 thread", .part = READ, .run = read_floor},
    {.name = "GL: fragment", .part = GL_PASS, .run = similarity, .how = FL_WAY_FRAGMENT},
    {.name = "GL: compute, 8 pixels", .part = MORE, .run = similarity, .how = FL_WAY_COMPUTE8},
    {.name = "GL: compute, 16 pixels", .part = MORE, .run = similarity, .how = FL_WAY_COMPUTE16},
    {.name = "GL: 4 references", .part = MORE, .run = together, .how = 4},
    {.name = "GL: 16 references", .part = MORE, .run = together, .how = FL_CHORDS_MOST},
    {.name = "GL: curve", .part = GL_REST, .run = curve},
    {.name = "GL: reduce (around)", .part = GL_REST, .run = reduce, .how = FL_STRETCH_AROUND},
    {.name = "GL: reduce (percentile)", .part = MORE, .run = reduce, .how = FL_STRETCH_PERCENTILE},
    {.name = "GL: present (levels)", .part = GL_REST, .run = present},
    {.name = "GL: read back (R8)", .part = GL_REST, .run = read_back},
    {.name = "C: 1 reference", .part = SOFT_PASS, .run = soft_pass, .how = 1},
    {.name = "C: a frame", .part = SOFT_FRAME, .run = soft_frame, .how = FL_STRETCH_AROUND},
    {.name = "C: 16 references", .part = MORE, .run = soft_pass, .how = FL_CHORDS_MOST},
    {.name = "C: kept, around", .part = MORE, .run = soft_again, .how = FL_STRETCH_AROUND},
    {.name = "C: kept, percentile", .part = MORE, .run = soft_again, .how = FL_STRETCH_PERCENTILE},
};

enum { STAGES = sizeof stages / sizeof *stages };

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
            stages[stage].run(bench, stages[stage].how);
            wait_for_gpu();
            if (repetition < 0)
                continue;
            stages[stage].ms[repetition] = (double)(fl_now_us() - begin) / 1000;
            stages[stage].cpu[repetition] = cpu_ms() - cpu;
        }
    }
}

static double sum_of(const struct bench *bench, enum part part)
{
    double sum = 0;

    for (int stage = 0; stage < STAGES; stage++)
        if (stages[stage].part == part)
            sum += fl_median(stages[stage].ms, bench->repetitions);
    return sum;
}

static void print_frame(const char *engine, double pass, double rest)
{
    printf("%s: a frame of one reference %.3f ms, after the pass %.0f %% of the pass\n", engine,
           pass + rest, 100 * rest / pass);
}

static void print(const struct bench *bench)
{
    double bytes = (double)bench->w * bench->h * bench->d * 4, ratios[MOST];

    printf("%s\n%d x %d x %d, %.1f MB, median of %d repetitions, %u threads\n\n",
           (const char *)glGetString(GL_RENDERER), bench->w, bench->h, bench->d, bytes * 1e-6,
           bench->repetitions, fl_cores());
    printf("%-24s %9s %9s %14s\n", "", "ms", "CPU ms", "x read floor");
    for (int stage = 0; stage < STAGES; stage++) {
        const struct stage *it = &stages[stage];
        for (int i = 0; i < bench->repetitions; i++)
            ratios[i] = it->ms[i] / stages[0].ms[i];
        printf("%-24s %9.3f %9.3f %14.2f\n", it->name, fl_median(it->ms, bench->repetitions),
               fl_median(it->cpu, bench->repetitions), fl_median(ratios, bench->repetitions));
    }
    printf("\n");
    print_frame("GL", sum_of(bench, GL_PASS), sum_of(bench, GL_REST));
    double pass = sum_of(bench, SOFT_PASS);
    print_frame("C", pass, sum_of(bench, SOFT_FRAME) - pass);
}

static void print_rows(const struct bench *bench)
{
    char text[64];

    for (int stage = 0; stage < STAGES; stage++) {
        snprintf(text, sizeof text, "pass %d x %d x %d: %s", bench->w, bench->h, bench->d,
                 stages[stage].name);
        table_row(text, "", 0, fl_median(stages[stage].ms, bench->repetitions), "ms");
    }
    table_row("pass: GL, a frame of one reference", "", 0,
              sum_of(bench, GL_PASS) + sum_of(bench, GL_REST), "ms");
    table_row("pass: C, a frame of one reference", "", 0, sum_of(bench, SOFT_FRAME), "ms");
}

static bool prepare(struct bench *bench, struct fl_egl *egl, struct fl_error *error)
{
    struct fl_limits limits = fl_limits_read(fl_egl_is_software(egl), NULL);

    fl_fail(error, FL_ERR_GPU, "OpenGL lacks memory or something that the passes need.");
    if (!fl_painter_init(&bench->painter, &limits) ||
        !fl_readback_init(&bench->readback, limits.software))
        return false;
    if (!make_map(bench, error) || !upload(bench, &limits, error))
        return false;
    bench->soft = bench_soft_create(bench->map, bench->references);
    return bench->soft != NULL;
}

static void finish(struct bench *bench)
{
    bench_soft_destroy(bench->soft);
    fl_features_finish(&bench->features);
    fl_raster_finish(&bench->norms);
    fl_raster_finish(&bench->chords);
    fl_raster_finish(&bench->cells);
    for (int k = 0; k < FL_CHORDS_MOST; k++)
        fl_raster_finish(&bench->many[k]);
    fl_painter_finish(&bench->painter);
    fl_readback_finish(&bench->readback);
    fl_references_unref(bench->references);
    fl_map_unref(bench->map);
}

int main(int argc, char **argv)
{
    struct arguments arguments = {
        .which = "auto", .w = 512, .h = 256, .d = 256, .repetitions = 21, .most_repetitions = MOST};
    static struct bench bench;
    struct fl_error error = {0};

    if (!arguments_read(&arguments, argc, argv))
        return 2;
    bench.w = arguments.w;
    bench.h = arguments.h;
    bench.d = arguments.d;
    bench.repetitions = arguments.repetitions;
    struct fl_egl *egl = fl_egl_create(arguments.which, true, &error);
    bool ok = egl && prepare(&bench, egl, &error);
    if (ok) {
        repeat(&bench);
        (arguments.rows ? print_rows : print)(&bench);
    } else {
        fprintf(stderr, "%s\n", error.text);
    }
    if (egl)
        finish(&bench);
    fl_egl_destroy(egl); // NULL is fine
    return ok ? 0 : 1;
}
