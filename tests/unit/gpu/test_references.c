// Several references, negative ones, regions and references of another map, by every metric, against
// float64: every cell, and what `around` leaves out.
#include "several.h"

enum { W = 23, H = 17, W2 = 11, H2 = 9 };

static struct rig rig;

enum kind {
    ONE,
    THREE,
    ONE_UNLIKE,
    ONLY_UNLIKE,
    REGION,
    REGION_OF_ONE,
    SIXTEEN,
    SOME_INVALID,
    KINDS
};

// The references of a map of w x h cells.
static void set_references(struct fl_render *render, enum kind kind, int32_t w, int32_t h)
{
    static const struct fl_cell three[] = {{4, 4, 1}, {9, 8, 1}, {0, 0, 1}};

    render->n_refs = 0;
    render->has_region = kind == REGION || kind == REGION_OF_ONE;
    memset(render->refs, 0, sizeof render->refs);
    if (render->has_region) { // with the two that have no direction
        memcpy(render->region, kind == REGION ? (int32_t[4]){1, 0, 6, 5} : (int32_t[4]){4, 4, 5, 5},
               sizeof render->region);
        return;
    }
    if (kind == SIXTEEN) {
        for (int32_t k = 0; k < FL_MAX_REFS; k++)
            render->refs[render->n_refs++] =
                (struct fl_cell){(k * 5 + 4) % w, (k * 3 + 4) % h, k % 4 == 3 ? -1 : 1};
        return;
    }
    render->n_refs = kind == ONE ? 1 : 3;
    memcpy(render->refs, three, render->n_refs * sizeof *three);
    if (kind == ONE_UNLIKE)
        render->refs[1].sign = -1;
    for (int k = 0; kind == ONLY_UNLIKE && k < 3; k++)
        render->refs[k].sign = -1;
    if (kind == SOME_INVALID) {
        render->refs[0] = (struct fl_cell){2, 1, 1};
        render->refs[2] = (struct fl_cell){3, 1, 1};
    }
}

static struct fl_frame *draw(const struct set *set, const struct set *from,
                             const struct fl_render *render)
{
    struct fl_frame *frame = fl_new(struct fl_frame);

    frame->map = fl_map_ref(set->map);
    frame->from = from ? fl_map_ref(from->map) : NULL;
    frame->render = *render;
    fl_gpu_send(rig.gpu, frame);
    return rig_take(&rig);
}

static bool has_unlike(const struct fl_render *render)
{
    for (uint32_t k = 0; k < render->n_refs; k++)
        if (render->refs[k].sign < 0)
            return true;
    return false;
}

static void check_cells(const struct set *set, const struct vectors *all,
                        const struct fl_frame *frame)
{
    const struct fl_render *render = &frame->render;
    double sums = has_unlike(render) ? 2 : 1;

    for (int32_t cell = 0; cell < set->w * set->h; cell++) {
        double want = wanted(set, render, all, cell);
        double got = (double)rig_value(frame, cell % set->w, cell / set->w);
        bool near = isnan(want)
                        ? isnan(got)
                        : fabs(got - want) <= sums * tolerance(render->metric, want, set->d);
        if (near)
            continue;
        fprintf(stderr, "  %s, origin %d, d = %d, cell %d, %d: %.9g instead of %.9g\n",
                fl_metric_names[render->metric], (int)render->origin, set->d, cell % set->w,
                cell / set->w, got, want);
        exit(1);
    }
}

static void expect_itself(const struct fl_frame *frame, int32_t i, int32_t j)
{
    EXPECT(rig_value(frame, i, j) == (frame->render.metric == FL_METRIC_ANGLE ? 0.0F : 1.0F));
}

// Exactly 1 wherever a reference lies, and where its twin does.
static void check_itself(const struct fl_frame *frame, enum kind kind)
{
    const struct fl_render *render = &frame->render;
    bool all = kind == ONE || kind == THREE;

    for (uint32_t k = 0; all && k < render->n_refs; k++)
        expect_itself(frame, render->refs[k].i, render->refs[k].j);
    if (all || kind == REGION_OF_ONE)
        expect_itself(frame, 4, 4);
    if (kind == ONE || kind == REGION_OF_ONE)
        expect_itself(frame, 6, 6);
    if (kind == SOME_INVALID)
        expect_itself(frame, render->refs[1].i, render->refs[1].j);
}

static bool is_left_out(const struct fl_render *render, int32_t i, int32_t j)
{
    const int32_t *r = render->region;

    for (uint32_t k = 0; k < render->n_refs; k++)
        if (abs(render->refs[k].i - i) <= 1 && abs(render->refs[k].j - j) <= 1)
            return true;
    return render->has_region && i >= r[0] - 1 && i <= r[2] && j >= r[1] - 1 && j <= r[3];
}

// By the frame's own numbers.
static void check_around(const struct set *set, const struct fl_frame *frame)
{
    const struct fl_render *render = &frame->render;
    bool smallest = fl_metric_is_distance(render->metric);
    double low = HUGE_VAL, high = -HUGE_VAL, away = smallest ? HUGE_VAL : -HUGE_VAL;
    int32_t best[2] = {-1, -1};

    for (int32_t cell = 0; cell < set->w * set->h; cell++) {
        int32_t i = cell % set->w, j = cell / set->w;
        double s = (double)rig_value(frame, i, j);
        if (isnan(s))
            continue;
        low = fmin(low, s);
        high = fmax(high, s);
        if (!frame->from && is_left_out(render, i, j))
            continue;
        if (smallest ? s < away : s > away) {
            away = s;
            best[0] = i;
            best[1] = j;
        }
    }
    EXPECT(frame->lo == (smallest ? away : low));
    EXPECT(frame->hi == (smallest ? high : away));
    EXPECT(frame->range[0] == low && frame->range[1] == high);
    EXPECT(frame->best[0] == best[0] && frame->best[1] == best[1]);
}

static void check_one(const struct set *set, const struct set *from, enum kind kind,
                      const struct fl_render *asked)
{
    struct fl_render render = *asked;

    set_references(&render, kind, from ? from->w : set->w, from ? from->h : set->h);
    struct fl_frame *frame = draw(set, from, &render);
    if (has_unlike(&render) && !is_angle(render.metric)) {
        EXPECT_INT(frame->error.code, FL_ERR_RANGE);
        EXPECT(strstr(frame->error.text, fl_metric_names[render.metric]) != NULL);
        rig_free(frame);
        return;
    }
    if (frame->error.code)
        fprintf(stderr, "  %s\n", frame->error.text);
    EXPECT(!frame->error.code && !frame->invalid_ref);
    check_cells(set, take(from ? from : set, &render), frame);
    check_around(set, frame);
    if (is_angle(render.metric) && !from)
        check_itself(frame, kind);
    EXPECT((frame->vector != NULL) == (kind == ONE));
    if (frame->vector)
        EXPECT(memcmp(frame->vector, at(from ? from : set, 4, 4), (size_t)set->d * 4) == 0);
    EXPECT((frame->references != NULL) == render.has_region);
    rig_free(frame);
}

static void check_all(const struct set *set, const struct set *from)
{
    for (int metric = 0; metric < FL_METRICS; metric++)
        for (int origin = 0; origin < FL_ORIGINS; origin++)
            for (int kind = 0; kind < KINDS; kind++) {
                struct fl_render render = rig_render(set->map, 0, 0);
                render.metric = (enum fl_metric)metric;
                render.origin = (enum fl_origin)origin;
                render.stretch.kind = FL_STRETCH_AROUND;
                check_one(set, from, (enum kind)kind, &render);
            }
}

static void test_every_metric_takes_every_kind_of_reference(void)
{
    static const int32_t depths[] = {5, 30, MOST_D};

    for (size_t k = 0; k < sizeof depths / sizeof *depths; k++)
        for (int is_signed = 0; is_signed < 2; is_signed++) {
            struct set set = make_set(W, H, depths[k], is_signed);
            check_all(&set, NULL);
            free_set(&set);
        }
}

static void test_references_may_lie_in_another_map(void)
{
    for (int kind = 0; kind < 4; kind++) { // signed or not, each of them
        struct set set = make_set(W, H, 30, kind % 2), from = make_set(W2, H2, 30, kind / 2);
        check_all(&set, &from);
        free_set(&set);
        free_set(&from);
    }
}

static void test_maps_cut_into_tiles_combine_too(void)
{
    static const struct fl_limits cut = {.side = 16, .tile = 3000};

    rig_close(&rig);
    for (int way = FL_WAY_FRAGMENT; way <= FL_WAY_COMPUTE8; way++) {
        struct fl_tuning tuning = {.limits = cut, .way = (enum fl_way)way};
        struct set set = make_set(W, H, 30, true);
        rig = rig_open(&tuning, 0);
        check_all(&set, NULL);
        rig_close(&rig);
        free_set(&set);
    }
    rig = rig_open(NULL, 0);
}

static void test_references_without_a_direction_show_nothing(void)
{
    struct set set = make_set(W, H, 7, true);
    struct fl_render render = rig_render(set.map, 2, 1);

    render.n_refs = 2;
    render.refs[1] = (struct fl_cell){3, 1, -1};
    for (int region = 0; region < 2; region++) {
        struct fl_frame *frame = rig_draw(&rig, set.map, &render);
        EXPECT(frame->invalid_ref && isnan(frame->lo) && isnan(rig_value(frame, 5, 5)));
        rig_free(frame);
        render.n_refs = 0;
        render.has_region = true;
        memcpy(render.region, (int32_t[4]){2, 1, 4, 2}, sizeof render.region);
    }
    free_set(&set);
}

// What a frame with fewer pixels than cells keeps: the pixels of all references.
static void test_every_reference_keeps_its_pixel(void)
{
    struct set set = make_set(W, H, 30, true);
    struct fl_render render = rig_render(set.map, 0, 0);

    set_references(&render, THREE, W, H);
    render.w = 8;
    render.h = 6;
    struct fl_frame *frame = rig_draw(&rig, set.map, &render);
    for (uint32_t k = 0; k < render.n_refs; k++)
        EXPECT(rig_value(frame, (2 * render.refs[k].i + 1) * 8 / (2 * W),
                         (2 * render.refs[k].j + 1) * 6 / (2 * H)) == 1);
    rig_free(frame);
    free_set(&set);
}

int main(void)
{
    rig = rig_open(NULL, 0);
    RUN(test_every_metric_takes_every_kind_of_reference);
    RUN(test_references_may_lie_in_another_map);
    RUN(test_maps_cut_into_tiles_combine_too);
    RUN(test_references_without_a_direction_show_nothing);
    RUN(test_every_reference_keeps_its_pixel);
    rig_close(&rig);
    return 0;
}
