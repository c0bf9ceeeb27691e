#include "bench.h"

#include "proto/buf.h"
#include "server/base/clock.h"
#include "server/base/median.h"
#include "server/base/parallel.h"
#include "server/data/map.h"
#include "server/data/synthetic.h"
#include "server/encode/grey_png.h"
#include "server/encode/jpeg_write.h"
#include "server/encode/png_write.h"
#include "server/gpu/bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { W = 512, H = 256, D = 256, ROUNDS = 9 };

static struct fl_map *open_map(const struct fl_options *options, struct fl_error *error)
{
    struct fl_catalogue_options reading = {.layout = options->layout};
    struct fl_catalogue *catalogue = NULL;
    struct fl_map *map = NULL;

    if (options->n_paths == 0)
        return fl_synthetic_map(W, H, D, error);
    if (!fl_catalogue_open(options->paths, options->n_paths, &reading, &catalogue, error))
        map = fl_map_ref(fl_catalogue_scene(catalogue, 0)->maps[0]);
    fl_catalogue_close(catalogue);
    return map;
}

// `bytes` 0 and `floors` NaN: nothing to be told.
static void row(const char *what, double ms, double floors, uint64_t bytes)
{
    char over[24] = "", rate[24] = "";

    if (isnan(ms)) { // this driver cannot
        printf("| %-36s | %9s | %8s | %7s |\n", what, "-", "", "");
        return;
    }
    if (!isnan(floors))
        snprintf(over, sizeof over, "%.2f", floors);
    if (bytes > 0)
        snprintf(rate, sizeof rate, "%.2f", (double)bytes / ms * 1e-6);
    printf("| %-36s | %9.3f | %8s | %7s |\n", what, ms, rate, over);
}

static void read_processor(char *out, size_t size)
{
    static const char name[] = "model name";
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");

    snprintf(out, size, "unknown processor");
    while (file && fgets(line, sizeof line, file)) {
        const char *value = strstr(line, ": ");
        if (strncmp(line, name, sizeof name - 1) != 0 || !value)
            continue;
        snprintf(out, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
        break;
    }
    if (file)
        fclose(file);
}

static void print_machine(const struct fl_bench *bench, const struct fl_map *map)
{
    const struct fl_map_facts *facts = fl_map_facts(map);
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE);
    char processor[160];

    read_processor(processor, sizeof processor);
    printf("machine  %s, %u cores, %.1f GB\n", processor, fl_cores(), memory * 1e-9);
    printf("OpenGL   %s%s, %s\n", bench->info.name, bench->info.software ? " (software)" : "",
           bench->info.version);
    printf("engine   %s\n", bench->by_c ? "C, on all cores" : "GL");
    printf("map      %s, %d x %d x %d, %s, %.1f MB as float32\n\n", facts->name, facts->w, facts->h,
           facts->d, facts->dtype, (double)facts->bytes * 1e-6);
    printf("| %-36s | %9s | %8s | %7s |\n", "median", "ms", "GB/s", "x floor");
    printf("|%.38s|%.11s|%.10s|%.9s|\n", "--------------------------------------", "-----------",
           "----------", "---------");
}

static bool is_pass(const char *what)
{
    return strstr(what, "reference") != NULL;
}

static void print_passes(const struct fl_bench *bench, const struct fl_map *map)
{
    uint64_t bytes = fl_map_facts(map)->bytes;

    if (!isnan(bench->floor_ms))
        row("read floor, 1 thread", bench->floor_ms, 1, bytes);
    for (size_t k = 0; k < bench->n; k++) {
        const struct fl_bench_time *time = &bench->times[k];
        row(time->what, time->ms, time->floors, is_pass(time->what) ? bytes : 0);
    }
}

// Milliseconds, the median of several; `quality` 0: PNG.
static double encode(const struct fl_bench *bench, struct fl_jpeg *jpeg, int32_t quality,
                     size_t *bytes)
{
    struct fl_grey_png *grey = fl_grey_png_create();
    const struct fl_png png = {.pixels = bench->levels,
                               .w = bench->w,
                               .h = bench->h,
                               .channels = 1,
                               .bits = 8,
                               .grey = grey};
    double took[ROUNDS];

    for (int k = 0; k < ROUNDS; k++) {
        uint64_t begin = fl_now_us();
        struct fl_buf *image =
            quality > 0 ? fl_jpeg_write(jpeg, bench->levels, bench->w, bench->h, 1, quality)
                        : fl_png_write(&png);
        took[k] = (double)(fl_now_us() - begin) / 1000;
        *bytes = image ? fl_buf_len(image) : 0;
        fl_buf_unref(image);
    }
    fl_grey_png_destroy(grey);
    return fl_median(took, ROUNDS);
}

static void print_encoding(const struct fl_bench *bench)
{
    static const int32_t qualities[] = {0, 95, 75};
    struct fl_jpeg *jpeg = fl_jpeg_create();

    for (size_t k = 0; jpeg && bench->levels && k < sizeof qualities / sizeof *qualities; k++) {
        char what[64], kind[16] = "PNG";
        size_t bytes = 0;
        double ms = encode(bench, jpeg, qualities[k], &bytes);
        if (qualities[k] > 0)
            snprintf(kind, sizeof kind, "JPEG %d", (int)qualities[k]);
        snprintf(what, sizeof what, "%s of its levels (%zu bytes)", kind, bytes);
        row(what, ms, (double)NAN, 0);
    }
    fl_jpeg_destroy(jpeg);
}

enum fl_err fl_bench_print(const struct fl_options *options, struct fl_error *error)
{
    struct fl_gpu_options drawing = {.which = options->gpu,
                                     .software = options->software,
                                     .memory = options->gpu_memory,
                                     .engine = (enum fl_engine_choice)options->engine};
    struct fl_bench bench = {.n = 0};
    struct fl_map *map = open_map(options, error);

    if (!map)
        return error->code;
    uint64_t begin = fl_now_us();
    enum fl_err err = fl_map_load(map, FL_NORMS_ZERO, error);
    double load = (double)(fl_now_us() - begin) / 1000;
    if (!err)
        err = fl_bench_run(&drawing, map, &bench, error);
    if (!err) {
        print_machine(&bench, map);
        row("load: values, norms, statistics", load, load / bench.floor_ms,
            fl_map_facts(map)->bytes);
        print_passes(&bench, map);
        print_encoding(&bench);
    }
    fl_bench_finish(&bench);
    fl_map_unref(map);
    return err;
}
