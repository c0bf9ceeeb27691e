// lo, hi, range, histogram and best cell against the same numbers counted on the host.
#include "rig.h"

enum { W = 131, H = 67, D = 3, CELLS = W * H };

static struct rig rig;
static float values[CELLS][D];

static struct fl_map *make_map(void)
{
    uint32_t seed = 11;

    for (int i = 0; i < CELLS * D; i++)
        (&values[0][0])[i] = rig_random(&seed) - 0.5F;
    memset(values[40 * W + 64], 0, sizeof values[0]);
    values[5][1] = NAN;
    return rig_map(&values[0][0], W, H, D);
}

// What the reduction must find, out of the frame's own numbers.
struct found {
    double low, high, low_away, high_away;
    int valid, n_away, best;
    float sorted[CELLS];
};

static int by_value(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static struct found count(const struct fl_frame *frame, bool smallest)
{
    struct found found = {HUGE_VAL, -HUGE_VAL, HUGE_VAL, -HUGE_VAL, 0, 0, -1, {0}};
    const struct fl_render *render = &frame->render;
    bool blocks = render->mode == FL_MODE_SIMILARITY;
    double best = 0;

    for (int i = 0; i < CELLS; i++) {
        double value = (double)rig_value(frame, i % W, i / W);
        if (isnan(value))
            continue;
        found.sorted[found.valid++] = (float)value;
        found.low = fmin(found.low, value);
        found.high = fmax(found.high, value);
        if (blocks && abs(i % W - render->refs[0].i) <= 1 && abs(i / W - render->refs[0].j) <= 1)
            continue;
        found.n_away++;
        found.low_away = fmin(found.low_away, value);
        found.high_away = fmax(found.high_away, value);
        if (found.best < 0 || (smallest ? value < best : value > best)) {
            found.best = i;
            best = value;
        }
    }
    qsort(found.sorted, (size_t)found.valid, sizeof *found.sorted, by_value);
    return found;
}

static void check_common(const struct fl_frame *frame, const struct found *found)
{
    double span = found->high - found->low;
    long total = 0, running = 0, wanted = 0;

    EXPECT(frame->range[0] == found->low && frame->range[1] == found->high);
    EXPECT_INT(frame->best[0], found->best % W);
    EXPECT_INT(frame->best[1], found->best / W);
    for (int bin = 0; bin < 64; bin++)
        total += frame->hist[bin];
    EXPECT_INT(total, found->valid);
    // Cumulated: a value at a border may have been rounded into the next step.
    for (int bin = 0; bin < 63; bin++) {
        double border = found->low + span * (bin + 1) / 64, slack = span * 1e-6;
        running += frame->hist[bin];
        while (wanted < found->valid && (double)found->sorted[wanted] < border - slack)
            wanted++;
        long most = wanted;
        while (most < found->valid && (double)found->sorted[most] <= border + slack)
            most++;
        EXPECT(running >= wanted && running <= most);
    }
}

static struct fl_frame *draw(struct fl_map *map, enum fl_metric metric, struct fl_stretch stretch)
{
    struct fl_render render = rig_render(map, 40, 20);

    render.metric = metric;
    render.stretch = stretch;
    return rig_draw(&rig, map, &render);
}

static void test_minmax_takes_all_valid_cells(void)
{
    struct fl_map *map = make_map();

    for (int metric = 0; metric < FL_METRICS; metric++) {
        struct fl_frame *frame =
            draw(map, (enum fl_metric)metric, (struct fl_stretch){FL_STRETCH_MINMAX, 0, 0});
        struct found found = count(frame, metric >= FL_METRIC_L2 && metric <= FL_METRIC_LHALF
                                              ? true
                                              : metric == FL_METRIC_ANGLE);
        EXPECT_INT(found.valid, CELLS - 2);
        check_common(frame, &found);
        EXPECT(frame->lo == found.low && frame->hi == found.high);
        rig_free(frame);
    }
    fl_map_unref(map);
}

static void test_around_leaves_the_block_out_of_the_best_end(void)
{
    struct fl_map *map = make_map();
    struct fl_frame *frame =
        draw(map, FL_METRIC_ANGULAR, (struct fl_stretch){FL_STRETCH_AROUND, 0, 0});
    struct found found = count(frame, false);

    EXPECT(frame->hi == found.high_away && frame->hi < found.high);
    EXPECT(frame->lo == found.low);
    check_common(frame, &found);
    rig_free(frame);

    frame = draw(map, FL_METRIC_L2, (struct fl_stretch){FL_STRETCH_AROUND, 0, 0});
    found = count(frame, true);
    EXPECT(frame->lo == found.low_away && frame->lo > found.low);
    EXPECT(frame->hi == found.high);
    check_common(frame, &found);
    rig_free(frame);
    fl_map_unref(map);
}

static void test_around_means_minmax_for_channels_and_where_nothing_is_left(void)
{
    struct fl_map *map = make_map();
    struct fl_render render = rig_render(map, 40, 20);

    render.mode = FL_MODE_CHANNEL;
    render.channel = 2;
    render.stretch.kind = FL_STRETCH_AROUND;
    struct fl_frame *frame = rig_draw(&rig, map, &render);
    struct found found = count(frame, false);
    EXPECT(frame->lo == found.low && frame->hi == found.high);
    check_common(frame, &found);
    rig_free(frame);
    fl_map_unref(map);

    map = rig_map((float[]){1, 2, 3, 4}, 2, 2, 1);
    render = rig_render(map, 0, 0);
    render.metric = FL_METRIC_L1;
    render.stretch.kind = FL_STRETCH_AROUND;
    frame = rig_draw(&rig, map, &render);
    EXPECT(frame->lo == 0 && frame->hi == 3);
    EXPECT_INT(frame->best[0], -1);
    rig_free(frame);
    fl_map_unref(map);
}

static double percentile(const struct found *found, double p)
{
    double rank = p / 100 * (found->valid - 1);
    int below = (int)floor(rank), above = below + 1 < found->valid ? below + 1 : below;
    double a = (double)found->sorted[below], b = (double)found->sorted[above];

    return a + (b - a) * (rank - below);
}

static void check_percentiles(struct fl_map *map, enum fl_metric metric, double p, double q)
{
    struct fl_frame *frame = draw(map, metric, (struct fl_stretch){FL_STRETCH_PERCENTILE, p, q});
    struct found found = count(frame, false);
    double slack = 1e-6 * (found.high - found.low);

    EXPECT_NEAR(frame->lo, percentile(&found, p), slack);
    EXPECT_NEAR(frame->hi, percentile(&found, q), slack);
    rig_free(frame);
}

static void test_percentiles_lie_between_the_exact_order_statistics(void)
{
    static const double pairs[][2] = {{2, 98}, {0, 100}, {33.3, 33.4}, {50, 99.9}};
    struct fl_map *map = make_map();

    for (int i = 0; i < FL_METRICS * 4; i++)
        check_percentiles(map, (enum fl_metric)(i / 4), pairs[i % 4][0], pairs[i % 4][1]);
    fl_map_unref(map);
}

static void test_fixed_is_told_as_it_was_given(void)
{
    struct fl_map *map = make_map();
    struct fl_frame *frame =
        draw(map, FL_METRIC_ANGULAR, (struct fl_stretch){FL_STRETCH_FIXED, 0.1, 0.7});

    EXPECT(frame->lo == 0.1 && frame->hi == 0.7);
    rig_free(frame);
    fl_map_unref(map);
}

static void test_a_constant_map_has_one_value_everywhere(void)
{
    float same[6][5] = {{0}};

    for (int i = 0; i < 30; i++)
        (&same[0][0])[i] = 2;
    struct fl_map *map = rig_map(&same[0][0], 3, 2, 5);
    struct fl_render render = rig_render(map, 1, 1);
    struct fl_frame *frame = rig_draw(&rig, map, &render);
    EXPECT(frame->lo == 1 && frame->hi == 1);
    EXPECT_INT(frame->hist[0], 6);
    rig_free(frame);
    fl_map_unref(map);
}

static void test_a_map_without_a_valid_cell_has_no_numbers(void)
{
    float nothing[6 * 4] = {0};
    struct fl_map *map = rig_map(nothing, 3, 2, 4);

    for (int kind = 0; kind < FL_STRETCHES; kind++) {
        struct fl_render render = rig_render(map, 1, 1);
        render.mode = FL_MODE_CHANNEL;
        render.stretch = (struct fl_stretch){(enum fl_stretch_kind)kind, 2, 98};
        struct fl_frame *frame = rig_draw(&rig, map, &render);
        EXPECT(isnan(frame->lo) && isnan(frame->hi));
        EXPECT(isnan(frame->range[0]) && isnan(frame->range[1]));
        EXPECT_INT(frame->best[0], -1);
        EXPECT(isnan(rig_value(frame, 2, 1)));
        rig_free(frame);
        render.output = FL_OUT_LEVELS;
        frame = rig_draw(&rig, map, &render);
        for (int i = 0; i < 6; i++)
            EXPECT_INT(frame->pixels[i], 0);
        rig_free(frame);
    }
    fl_map_unref(map);
}

int main(void)
{
    rig = rig_open(NULL, 0);
    RUN(test_minmax_takes_all_valid_cells);
    RUN(test_around_leaves_the_block_out_of_the_best_end);
    RUN(test_around_means_minmax_for_channels_and_where_nothing_is_left);
    RUN(test_percentiles_lie_between_the_exact_order_statistics);
    RUN(test_fixed_is_told_as_it_was_given);
    RUN(test_a_constant_map_has_one_value_everywhere);
    RUN(test_a_map_without_a_valid_cell_has_no_numbers);
    rig_close(&rig);
    return 0;
}
