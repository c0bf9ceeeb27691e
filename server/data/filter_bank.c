#include "filter_bank.h"

#include "filters.h"
#include "pyramid.h"

#include "server/base/mem.h"
#include "server/base/parallel.h"

#include <math.h>
#include <stdatomic.h>

enum {
    PER_LEVEL = 2 * FL_FILTERS, // local and pooled
    STRIP = 64,                 // rows of a level that one job filters
    ROUND = 32,                 // jobs between two calls of progress
};

static const double pool_sigma = 4; // cells
// A channel that varies less is the rounding of a constant one: values are of the order of 1, and
// one grey level in one cell of 10^6 makes a channel vary more.
static const double least_deviation = 1e-6;

struct bank {
    struct fl_picture *picture; // a reference
    void (*progress)(void *user, const char *what, unsigned percent);
    void *user; // borrowed
};

// One computation.
struct work {
    const struct bank *bank;
    const struct fl_progress *progress; // or NULL
    int32_t w, h;                       // of the grid
    struct fl_pyramid pyramid;
    struct fl_plane planes[PER_LEVEL]; // of the present level
    int level;
    struct fl_filters filters;
    int32_t strip;         // rows of the grid a job fills
    size_t first;          // the first job of this round
    size_t strips;         // of the level
    atomic_size_t filled;  // of them
    atomic_size_t pooled;  // channels of the level
    atomic_bool exhausted; // some job had no memory
    float *out;
};

static void tell(const struct work *work, unsigned percent)
{
    if (work->bank->progress)
        work->bank->progress(work->bank->user, "filter bank", percent);
}

// Of the work, level 0 is about two thirds.
static const unsigned begins[FL_PYRAMID_LEVELS + 1] = {5, 70, 86, 94, 100};

// Of a level, filtering is about three quarters.
static void tell_part(const struct work *work)
{
    double filled = (double)atomic_load(&work->filled) / (double)work->strips;
    double pooled = (double)atomic_load(&work->pooled) / FL_FILTERS;
    double begin = begins[work->level], end = begins[work->level + 1];

    fl_progress_tell(work->progress,
                     (begin + (end - begin) * (0.75 * filled + 0.25 * pooled)) / 100);
}

static void fill_strip(void *user, size_t job)
{
    struct work *work = user;
    int32_t first = (int32_t)(work->first + job) * work->strip;
    int32_t n = work->h - first < work->strip ? work->h - first : work->strip;

    if (!fl_filters_fill(&work->filters, first, n))
        atomic_store(&work->exhausted, true);
    atomic_fetch_add(&work->filled, 1);
    tell_part(work);
}

static void pool(void *user, size_t job)
{
    struct work *work = user;
    struct fl_kernel kernel = fl_kernel_gauss(pool_sigma);
    struct fl_plane scratch;

    if (fl_plane_init(&scratch, work->w, work->h))
        fl_plane_blur(&work->planes[job], &kernel, &scratch, &work->planes[FL_FILTERS + job]);
    else
        atomic_store(&work->exhausted, true);
    fl_plane_finish(&scratch);
    atomic_fetch_add(&work->pooled, 1);
    tell_part(work);
}

static void standardise(void *user, size_t job)
{
    struct work *work = user;
    float *at = work->planes[job].at;
    size_t n = (size_t)work->w * (size_t)work->h;
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)at[i];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += ((double)at[i] - mean) * ((double)at[i] - mean);
    double deviation = sqrt(squares / (double)n);
    double scale = deviation > least_deviation ? 1 / deviation : 0;
    for (size_t i = 0; i < n; i++)
        at[i] = (float)(((double)at[i] - mean) * scale);
}

static void store_row(void *user, size_t y)
{
    const struct work *work = user;
    size_t w = (size_t)work->w;
    float *out = work->out + y * w * FL_FILTER_BANK_CHANNELS + (size_t)work->level * PER_LEVEL;

    for (int c = 0; c < PER_LEVEL; c++) {
        const float *row = fl_plane_row(&work->planes[c], (int32_t)y);
        for (size_t x = 0; x < w; x++)
            out[x * FL_FILTER_BANK_CHANNELS + (size_t)c] = row[x];
    }
}

static bool filter_level(struct work *work)
{
    const struct fl_plane *colours = work->pyramid.planes[work->level];
    double shrink = 1.0 / (1 << work->level);
    const double cell[2] = {
        shrink * work->pyramid.planes[0][0].w / work->w,
        shrink * work->pyramid.planes[0][0].h / work->h,
    };
    unsigned begin = begins[work->level], end = begins[work->level + 1];

    work->strip = STRIP / FL_FILTER_BANK_CELL << work->level;
    if (!fl_filters_init(&work->filters, colours, cell, work->planes))
        return false;
    size_t jobs = (size_t)((work->h + work->strip - 1) / work->strip);
    work->strips = jobs;
    atomic_store(&work->filled, 0);
    atomic_store(&work->pooled, 0);
    for (work->first = 0; work->first < jobs; work->first += ROUND) {
        tell(work, begin + (unsigned)((end - begin) * work->first / jobs));
        fl_parallel(jobs - work->first < ROUND ? jobs - work->first : ROUND, fill_strip, work);
    }
    fl_parallel(FL_FILTERS, pool, work);
    fl_parallel(PER_LEVEL, standardise, work);
    fl_parallel((size_t)work->h, store_row, work);
    fl_filters_finish(&work->filters);
    return !atomic_load(&work->exhausted);
}

static bool compute(struct work *work)
{
    const struct fl_picture *picture = work->bank->picture;
    bool ok = true;

    tell(work, 0);
    if (!fl_pyramid_init(&work->pyramid, fl_picture_rgb(picture), fl_picture_w(picture),
                         fl_picture_h(picture)))
        return false;
    for (int c = 0; ok && c < PER_LEVEL; c++)
        ok = fl_plane_init(&work->planes[c], work->w, work->h);
    for (work->level = 0; ok && work->level < FL_PYRAMID_LEVELS; work->level++)
        ok = filter_level(work);
    for (int c = 0; c < PER_LEVEL; c++)
        fl_plane_finish(&work->planes[c]);
    fl_pyramid_finish(&work->pyramid);
    if (ok)
        tell(work, 100);
    return ok;
}

static int32_t cells(int32_t pixels)
{
    return (pixels + FL_FILTER_BANK_CELL - 1) / FL_FILTER_BANK_CELL;
}

// The map, one level's channels as planes, the pyramid (4/3 of three planes), and a strip's planes
// for each processor.
static uint64_t needed(int32_t w, int32_t h)
{
    uint64_t grid = (uint64_t)cells(w) * (uint64_t)cells(h);
    uint64_t strip = (uint64_t)w * 2 * STRIP * 10;

    return 4 * (grid * (FL_FILTER_BANK_CHANNELS + PER_LEVEL) + (uint64_t)w * (uint64_t)h * 4 +
                strip * fl_cores());
}

static enum fl_err decode(void *user, float **out, const struct fl_progress *progress,
                          struct fl_error *error)
{
    struct bank *bank = user;
    int32_t w = fl_picture_w(bank->picture), h = fl_picture_h(bank->picture);
    struct work work = {.bank = bank, .progress = progress, .w = cells(w), .h = cells(h)};

    *out = NULL;
    enum fl_err err = fl_picture_load(bank->picture, error);
    if (!err)
        err = fl_map_memory_check("The picture's filter-bank map", needed(w, h), error);
    if (err)
        return err;
    work.out = malloc((size_t)work.w * (size_t)work.h * FL_FILTER_BANK_CHANNELS * sizeof(float));
    if (work.out && compute(&work)) {
        *out = work.out;
        return FL_OK;
    }
    free(work.out);
    return fl_fail(error, FL_ERR_TOO_BIG,
                   "There is no memory to compute the picture's filter-bank map; close other "
                   "programs or reduce the picture.");
}

static void finish(void *user)
{
    struct bank *bank = user;

    fl_picture_unref(bank->picture);
    free(bank);
}

enum fl_err fl_filter_bank_source(struct fl_picture *picture, struct fl_map_source *out,
                                  void (*progress)(void *user, const char *what, unsigned percent),
                                  void *user, struct fl_error *error)
{
    int32_t w = cells(fl_picture_w(picture)), h = cells(fl_picture_h(picture));
    uint64_t bytes = 0;

    *out = (struct fl_map_source){0};
    enum fl_err err = fl_map_shape_check("The picture's filter-bank map", (uint64_t)w, (uint64_t)h,
                                         FL_FILTER_BANK_CHANNELS, &bytes, error);
    if (err)
        return err;
    struct bank *bank = fl_new(struct bank);
    *bank = (struct bank){
        .picture = fl_picture_ref(picture),
        .progress = progress,
        .user = user,
    };
    *out = (struct fl_map_source){
        .w = w,
        .h = h,
        .d = FL_FILTER_BANK_CHANNELS,
        .dtype = "f4",
        .decode = decode,
        .finish = finish,
        .user = bank,
    };
    return FL_OK;
}
