// The compute form of the pass, and several references in one pass over the map.
#include "rig.h"

enum { W = 45, H = 19, FRAMES = 16 };

struct kind {
    int32_t d;
    bool is_signed;
    enum fl_origin origin;
    enum fl_metric metric;
};

static const struct kind kinds[] = {
    {64, false, FL_ORIGIN_ZERO, FL_METRIC_ANGULAR}, {7, false, FL_ORIGIN_ZERO, FL_METRIC_COSINE},
    {30, true, FL_ORIGIN_ZERO, FL_METRIC_ANGULAR},  {30, true, FL_ORIGIN_MIN, FL_METRIC_ANGULAR},
    {301, false, FL_ORIGIN_MIN, FL_METRIC_ANGULAR}, {301, true, FL_ORIGIN_ZERO, FL_METRIC_ANGLE},
};

// One zero vector and one that is not a number; cell (5, 5) is cell (4, 4) again, (6, 6) its negative.
static struct fl_map *make(const struct kind *kind)
{
    size_t d = (size_t)kind->d, n = (size_t)W * H * d;
    float *values = malloc(n * sizeof *values);
    uint32_t seed = 7;

    EXPECT(values != NULL);
    for (size_t i = 0; i < n; i++)
        values[i] = rig_random(&seed) - (kind->is_signed ? 0.5F : 0);
    for (size_t k = 0; k < d; k++) {
        values[(3 * W + 2) * d + k] = 0;
        values[(5 * W + 5) * d + k] = values[(4 * W + 4) * d + k];
        if (kind->is_signed)
            values[(6 * W + 6) * d + k] = -values[(4 * W + 4) * d + k];
    }
    values[(3 * W + 3) * d] = NAN;
    struct fl_map *map = rig_map(values, W, H, kind->d);
    free(values);
    return map;
}

static struct fl_render render_of(const struct fl_map *map, const struct kind *kind, int i)
{
    struct fl_render render = rig_render(map, (4 + 5 * i) % W, (4 + 3 * i) % H);

    render.origin = kind->origin;
    render.metric = kind->metric;
    return render;
}

static void expect_cell(const struct fl_map *map, const struct kind *kind,
                        const struct fl_frame *frame, int32_t cell)
{
    size_t d = (size_t)kind->d;
    const float *values = fl_map_rows(map, 0);
    const struct fl_cell *ref = &frame->render.refs[0];
    struct oracle o = {values + (size_t)cell * d, values + (size_t)(ref->j * W + ref->i) * d,
                       kind->d, (double)fl_map_stats(map)->min};
    double wanted = oracle_s(&o, kind->metric, kind->origin);
    double got = (double)rig_value(frame, cell % W, cell / W);

    EXPECT(isnan(wanted) == isnan(got));
    if (!isnan(wanted))
        EXPECT_NEAR(got, wanted, kind->metric == FL_METRIC_ANGLE ? 1e-6 * 180 : 1e-6);
}

static void expect_as_oracle(const struct fl_map *map, const struct kind *kind,
                             const struct fl_frame *frame)
{
    const struct fl_cell *ref = &frame->render.refs[0];
    float itself = kind->metric == FL_METRIC_ANGLE ? 0 : 1;

    EXPECT(rig_value(frame, ref->i, ref->j) == itself);
    if (ref->i == 4 && ref->j == 4)
        EXPECT(rig_value(frame, 5, 5) == itself);
    for (int32_t cell = 0; cell < W * H; cell++)
        expect_cell(map, kind, frame, cell);
}

static void check_alone(struct rig *rig, const struct kind *kind)
{
    struct fl_map *map = make(kind);
    struct fl_render render = render_of(map, kind, 0);
    struct fl_frame *frame = rig_draw(rig, map, &render);

    expect_as_oracle(map, kind, frame);
    rig_free(frame);
    fl_map_unref(map);
}

static void test_every_way_of_computing_is_as_exact(void)
{
    static const struct fl_limits cut = {.side = 16, .tile = 6000};

    for (int way = FL_WAY_COMPUTE8; way < FL_WAYS; way++) {
        for (int is_cut = 0; is_cut < 2; is_cut++) {
            struct fl_tuning tuning = {.way = (enum fl_way)way};
            if (is_cut)
                tuning.limits = cut;
            struct rig rig = rig_open(&tuning, 0);
            for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
                if (!is_cut || kinds[k].d <= 4 * cut.side)
                    check_alone(&rig, &kinds[k]);
            rig_close(&rig);
        }
    }
}

// A rig whose GPU thread waits inside `done` after its first frame, until all others were sent.
struct gate {
    struct fl_mailbox *done, *open;
    int frames;
};

static void on_done(void *user, struct fl_frame *frame)
{
    struct gate *gate = user;

    if (gate->frames++ == 0)
        fl_mailbox_take(gate->open);
    fl_mailbox_put(gate->done, frame);
}

struct batch {
    const struct kind *kind;
    struct fl_limits limits;
    uint64_t passes; // that it is to cost
    bool as_hardware;
    struct fl_render (*make)(const struct fl_map *map, const struct kind *kind, int i);
};

static struct fl_frame *new_frame(struct fl_map *map, const struct fl_render *render)
{
    struct fl_frame *frame = fl_new(struct fl_frame);

    frame->map = fl_map_ref(map);
    frame->render = *render;
    return frame;
}

// Sends FRAMES at once, behind one of a channel that has the map uploaded; returns the passes.
static uint64_t draw_together(struct fl_map *map, const struct batch *batch,
                              struct fl_frame **frames)
{
    struct gate gate = {.done = fl_mailbox_create(), .open = fl_mailbox_create()};
    struct fl_tuning tuning = {.limits = batch->limits,
                               .choice = FL_ENGINE_GL,
                               .way = FL_WAY_FRAGMENT,
                               .as_hardware = batch->as_hardware};
    struct fl_gpu_options options = {.which = "auto", .software = true};
    struct fl_error error = {0};
    struct fl_gpu *gpu = fl_gpu_create_tuned(&options, &tuning, on_done, &gate, &error);
    struct fl_render first = rig_render(map, 0, 0);

    EXPECT(gpu != NULL);
    first.mode = FL_MODE_CHANNEL;
    fl_gpu_send(gpu, new_frame(map, &first));
    for (int i = 0; i < FRAMES; i++) {
        struct fl_render render =
            batch->make ? batch->make(map, batch->kind, i) : render_of(map, batch->kind, i);
        fl_gpu_send(gpu, new_frame(map, &render));
    }
    fl_mailbox_put(gate.open, &gate);
    rig_free(fl_mailbox_take(gate.done));
    for (int i = 0; i < FRAMES; i++)
        frames[i] = fl_mailbox_take(gate.done);
    uint64_t passes = fl_gpu_passes(gpu);
    fl_gpu_destroy(gpu);
    fl_mailbox_destroy(gate.done);
    fl_mailbox_destroy(gate.open);
    return passes;
}

static void expect_same(const struct fl_frame *a, const struct fl_frame *b, double tolerance)
{
    EXPECT(!a->error.code && !b->error.code);
    EXPECT_NEAR(a->range[0], b->range[0], tolerance);
    EXPECT_NEAR(a->range[1], b->range[1], tolerance);
    for (int32_t i = 0; i < W * H; i++) {
        double x = (double)rig_value(a, i % W, i / W), y = (double)rig_value(b, i % W, i / W);
        EXPECT(isnan(x) == isnan(y));
        if (!isnan(x))
            EXPECT_NEAR(x, y, tolerance);
    }
}

static void check_batch(const struct batch *batch)
{
    struct fl_map *map = make(batch->kind);
    struct fl_tuning tuning = {.way = FL_WAY_FRAGMENT};
    struct rig rig = rig_open(&tuning, 0);
    struct fl_frame *frames[FRAMES];
    double tolerance = batch->kind->metric == FL_METRIC_ANGLE ? 5e-7 * 180 : 5e-7;

    EXPECT_INT((int)draw_together(map, batch, frames), (int)batch->passes);
    for (int i = 0; i < FRAMES; i++) {
        struct fl_render render = render_of(map, batch->kind, i);
        struct fl_frame *alone = rig_draw(&rig, map, &render);
        EXPECT_INT(frames[i]->render.refs[0].i, render.refs[0].i); // in their order
        expect_same(frames[i], alone, tolerance);
        expect_as_oracle(map, batch->kind, frames[i]);
        rig_free(alone);
        rig_free(frames[i]);
    }
    EXPECT_INT((int)fl_gpu_passes(rig.gpu), FRAMES);
    rig_close(&rig);
    fl_map_unref(map);
}

static void test_sixteen_waiting_frames_cost_one_pass(void)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        bool eight = kinds[k].is_signed && kinds[k].origin == FL_ORIGIN_ZERO;
        struct batch batch = {.kind = &kinds[k], .passes = eight ? 2 : 1};
        check_batch(&batch);
    }
}

static void test_so_they_do_where_hardware_takes_fewer_cells_an_invocation(void)
{
    struct batch plain = {.kind = &kinds[0], .passes = 1, .as_hardware = true};
    struct batch is_signed = {.kind = &kinds[2], .passes = 2, .as_hardware = true};
    struct batch four = {
        .kind = &kinds[0], .limits = {.uniforms = 64}, .passes = 4, .as_hardware = true};

    check_batch(&plain);
    check_batch(&is_signed);
    check_batch(&four);
}

static void test_references_that_no_block_holds_are_split(void)
{
    struct batch four = {.kind = &kinds[0], .limits = {.uniforms = 64}, .passes = 4};
    struct batch none = {.kind = &kinds[0], .limits = {.uniforms = 15}, .passes = FRAMES};

    check_batch(&four); // 16 groups each
    check_batch(&none);
}

static void test_tiles_and_sheets_are_compared_together(void)
{
    struct batch batch = {.kind = &kinds[1], .limits = {.side = 16, .tile = 3000}, .passes = 1};

    check_batch(&batch);
}

// Several references a frame: render_of's, and further ones.
static struct fl_render several(const struct fl_map *map, const struct kind *kind, int i)
{
    struct fl_render render = render_of(map, kind, i);

    render.n_refs = 4;
    for (int k = 1; k < 4; k++)
        render.refs[k] = (struct fl_cell){(8 + 7 * i + 3 * k) % W, (4 + i + 5 * k) % H,
                                          k == 3 && i % 2 ? -1 : 1};
    return render;
}

// Frames of four vectors each: sixteen cost a pass (eight, where values below zero occur).
static void check_several(const struct kind *kind, uint64_t passes)
{
    struct fl_map *map = make(kind);
    struct fl_tuning tuning = {.way = FL_WAY_FRAGMENT};
    struct rig rig = rig_open(&tuning, 0);
    struct batch batch = {.kind = kind, .make = several};
    struct fl_frame *frames[FRAMES];
    double tolerance = 2 * (kind->metric == FL_METRIC_ANGLE ? 5e-7 * 180 : 5e-7);

    EXPECT_INT((int)draw_together(map, &batch, frames), (int)passes);
    for (int i = 0; i < FRAMES; i++) {
        struct fl_render render = several(map, kind, i);
        struct fl_frame *alone = rig_draw(&rig, map, &render);
        expect_same(frames[i], alone, tolerance);
        rig_free(alone);
        rig_free(frames[i]);
    }
    rig_close(&rig);
    fl_map_unref(map);
}

static void test_frames_of_several_references_share_passes(void)
{
    check_several(&kinds[0], FRAMES * 4 / 16);
    check_several(&kinds[2], FRAMES * 4 / 8);
    check_several(&kinds[5], FRAMES * 4 / 8);
}

static void find_the_fastest(bool as_hardware)
{
    enum { SIDE = 96, CHANNELS = 64 }; // over a MiB
    size_t n = (size_t)SIDE * SIDE * CHANNELS;
    float *values = malloc(n * sizeof *values);
    struct fl_tuning tuning = {.as_hardware = as_hardware};
    struct rig rig = rig_open(&tuning, 0);
    uint32_t seed = 3;

    EXPECT(values != NULL);
    for (size_t i = 0; i < n; i++)
        values[i] = rig_random(&seed);
    struct fl_map *map = rig_map(values, SIDE, SIDE, CHANNELS);
    for (int i = 0; i < 2; i++) {
        struct fl_render render = rig_render(map, 50 + i, 60);
        struct fl_frame *frame = rig_draw(&rig, map, &render);
        struct oracle o = {values, values + (size_t)(60 * SIDE + 50 + i) * CHANNELS, CHANNELS, 0};
        EXPECT(rig_value(frame, 50 + i, 60) == 1);
        EXPECT_NEAR((double)rig_value(frame, 0, 0), oracle_s(&o, FL_METRIC_ANGULAR, FL_ORIGIN_ZERO),
                    1e-6);
        rig_free(frame);
    }
    EXPECT_INT((int)fl_gpu_passes(rig.gpu), 2); // the trial's own are not counted
    fl_map_unref(map);
    rig_close(&rig);
    free(values);
}

static void test_the_fastest_way_is_found_on_the_first_real_map(void)
{
    find_the_fastest(false);
    find_the_fastest(true); // more ways are tried
}

// A second copy of the map counts; where there is no room for it, the texture serves.
static void test_a_buffer_is_made_only_within_the_budget(void)
{
    uint64_t once = (uint64_t)W * H * (64 * 4 + 12), twice = once + (uint64_t)W * H * 64 * 4;
    const uint64_t budgets[] = {once, twice - 1, twice};

    for (int k = 0; k < 3; k++) {
        struct fl_tuning tuning = {.way = FL_WAY_BUFFER};
        struct rig rig = rig_open(&tuning, budgets[k]);
        check_alone(&rig, &kinds[0]);
        rig_close(&rig);
    }
}

int main(void)
{
    RUN(test_every_way_of_computing_is_as_exact);
    RUN(test_sixteen_waiting_frames_cost_one_pass);
    RUN(test_so_they_do_where_hardware_takes_fewer_cells_an_invocation);
    RUN(test_references_that_no_block_holds_are_split);
    RUN(test_tiles_and_sheets_are_compared_together);
    RUN(test_frames_of_several_references_share_passes);
    RUN(test_the_fastest_way_is_found_on_the_first_real_map);
    RUN(test_a_buffer_is_made_only_within_the_budget);
    return 0;
}
