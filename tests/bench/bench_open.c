// A large map from its file in the page cache to the first frame, by GL and by the software engine,
// beside a plain read(2) of the file by one thread: all in every repetition.
//
// usage: bench_open [--gpu WHICH] [--rows] DIRECTORY [W H D [REPETITIONS]]
//   DIRECTORY  where the file is made (537 MB by default), which is removed again
//   --rows     as rows of the table of tests/bench/run.sh
#include "arguments.h"
#include "table.h"

#include "server/base/clock.h"
#include "server/base/median.h"
#include "server/base/mem.h"
#include "server/base/thread.h"
#include "server/data/catalogue.h"
#include "server/data/synthetic.h"
#include "server/gpu/tuned.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 21, PIECE = 1 << 20 };

enum column { READ, C_LOAD, C_FRAME, GL_LOAD, GL_FRAME, COLUMNS };

struct bench {
    struct arguments arguments;
    char path[4096];
    double ms[COLUMNS][MOST];
};

// One row after the other, so that it needs no memory.
static bool write_values(FILE *file, const struct arguments *shape)
{
    size_t n = (size_t)shape->w * (size_t)shape->d;
    float *row = malloc(n * sizeof *row);
    uint32_t state = 1;
    bool ok = row != NULL;

    for (int32_t y = 0; ok && y < shape->h; y++) {
        for (size_t i = 0; i < n; i++)
            row[i] = fl_synthetic_value(&state);
        ok = fwrite(row, sizeof *row, n, file) == n;
    }
    free(row);
    return ok;
}

static bool make_file(const struct bench *bench)
{
    static const char magic[] = "\x93NUMPY\x01";
    const struct arguments *shape = &bench->arguments;
    char header[118];
    FILE *file = fopen(bench->path, "wb");

    if (!file)
        return false;
    int len = snprintf(header, sizeof header,
                       "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d), }",
                       shape->h, shape->w, shape->d);
    memset(header + len, ' ', sizeof header - (size_t)len);
    header[sizeof header - 1] = '\n';
    bool ok = fwrite(magic, 1, 8, file) == 8 && fputc(sizeof header, file) != EOF &&
              fputc(0, file) != EOF && fwrite(header, 1, sizeof header, file) == sizeof header &&
              write_values(file, shape);
    return fclose(file) == 0 && ok;
}

static double ms_since(uint64_t begin)
{
    return (double)(fl_now_us() - begin) / 1000;
}

static bool read_plainly(struct bench *bench, int repetition)
{
    uint64_t begin = fl_now_us();
    char *piece = malloc(PIECE);
    int fd = open(bench->path, O_RDONLY | O_CLOEXEC);
    ssize_t got = piece && fd >= 0 ? 1 : -1;

    while (got > 0)
        got = read(fd, piece, PIECE);
    if (fd >= 0)
        close(fd);
    free(piece);
    bench->ms[READ][repetition] = ms_since(begin);
    return got == 0;
}

static void on_done(void *user, struct fl_frame *frame)
{
    fl_mailbox_put(user, frame);
}

static struct fl_frame *ask(struct fl_map *map)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    struct fl_frame *frame = fl_new(struct fl_frame);
    struct fl_render *render = &frame->render;

    frame->map = fl_map_ref(map);
    render->refs[0] = (struct fl_cell){facts->w / 2, facts->h / 2, 1};
    render->n_refs = 1;
    render->stretch.kind = FL_STRETCH_AROUND;
    render->window[2] = render->w = facts->w;
    render->window[3] = render->h = facts->h;
    return frame;
}

static void end_frame(struct fl_frame *frame)
{
    fl_map_unref(frame->map);
    free(frame->vector);
    free(frame->pixels);
    free(frame);
}

// As the server does when somebody opens the first map: its context stands since it began.
static bool open_map(struct bench *bench, int repetition, enum fl_engine_choice choice)
{
    enum column column = choice == FL_ENGINE_GL ? GL_LOAD : C_LOAD;
    struct fl_gpu_options options = {.which = bench->arguments.which, .software = true};
    struct fl_catalogue_options reading = {.layout = FL_LAYOUT_HWC};
    struct fl_tuning tuning = {.choice = choice};
    struct fl_mailbox *done = fl_mailbox_create();
    struct fl_catalogue *catalogue = NULL;
    struct fl_error error = {0};
    char *path = bench->path;
    struct fl_gpu *gpu = fl_gpu_create_tuned(&options, &tuning, on_done, done, &error);
    uint64_t begin = fl_now_us();
    bool ok = gpu && !fl_catalogue_open(&path, 1, &reading, &catalogue, &error);

    if (ok) {
        struct fl_map *map = fl_catalogue_scene(catalogue, 0)->maps[0];
        ok = !fl_map_load(map, FL_NORMS_ZERO, &error);
        bench->ms[column][repetition] = ms_since(begin);
        if (ok) {
            fl_gpu_send(gpu, ask(map));
            struct fl_frame *frame = fl_mailbox_take(done);
            bench->ms[column + 1][repetition] = ms_since(begin);
            error = frame->error;
            ok = !error.code;
            end_frame(frame);
        }
    }
    if (!ok)
        fprintf(stderr, "%s\n", error.text);
    fl_gpu_destroy(gpu);
    fl_catalogue_close(catalogue);
    fl_mailbox_destroy(done);
    return ok;
}

static const char *const names[COLUMNS] = {"plain read, 1 thread", "C: loaded (norms, range)",
                                           "C: first frame", "GL: loaded (norms, range)",
                                           "GL: first frame"};
static const double goals[COLUMNS] = {[C_FRAME] = 3, [GL_FRAME] = 20}; // plain reads

static void print(const struct bench *bench)
{
    int n = bench->arguments.repetitions;
    double ratios[MOST];

    printf("%-26s %9s %14s %6s\n", "", "ms", "x plain read", "goal");
    for (int column = 0; column < COLUMNS; column++) {
        for (int i = 0; i < n; i++)
            ratios[i] = bench->ms[column][i] / bench->ms[READ][i];
        printf("%-26s %9.1f %14.2f", names[column], fl_median(bench->ms[column], n),
               fl_median(ratios, n));
        if (goals[column] > 0)
            printf(" <= %3g", goals[column]);
        printf("\n");
    }
}

static void print_rows(const struct bench *bench)
{
    const struct arguments *shape = &bench->arguments;
    int n = shape->repetitions;
    double ratios[MOST];
    char text[64];

    for (int column = 0; column < COLUMNS; column++) {
        snprintf(text, sizeof text, "open %d x %d x %d: %s", shape->w, shape->h, shape->d,
                 names[column]);
        table_row(text, "", 0, fl_median(bench->ms[column], n), "ms");
    }
    for (int column = 0; column < COLUMNS; column++) {
        if (goals[column] <= 0)
            continue;
        for (int i = 0; i < n; i++)
            ratios[i] = bench->ms[column][i] / bench->ms[READ][i];
        snprintf(text, sizeof text, "open: %s, in plain reads", names[column]);
        table_row(text, "<=", goals[column], fl_median(ratios, n), "x");
    }
}

static bool measure(struct bench *bench)
{
    bool ok = make_file(bench);

    if (!ok)
        fprintf(stderr, "%s cannot be written.\n", bench->path);
    for (int i = 0; ok && i < bench->arguments.repetitions; i++)
        ok = read_plainly(bench, i) && open_map(bench, i, FL_ENGINE_SOFT) &&
             open_map(bench, i, FL_ENGINE_GL);
    unlink(bench->path);
    return ok;
}

int main(int argc, char **argv)
{
    static struct bench bench = {.arguments = {.which = "auto",
                                               .directory = "",
                                               .w = 1024,
                                               .h = 512,
                                               .d = 256,
                                               .repetitions = 5,
                                               .most_repetitions = MOST}};
    const struct arguments *shape = &bench.arguments;

    if (!arguments_read(&bench.arguments, argc, argv))
        return 2;
    snprintf(bench.path, sizeof bench.path, "%.4000s/bench_open.npy", shape->directory);
    if (!measure(&bench))
        return 1;
    if (shape->rows) {
        print_rows(&bench);
        return 0;
    }
    printf("%d x %d x %d, %.1f MB, in the page cache; median of %d repetitions\n\n", shape->w,
           shape->h, shape->d, (double)shape->w * shape->h * shape->d * 4e-6, shape->repetitions);
    print(&bench);
    return 0;
}
