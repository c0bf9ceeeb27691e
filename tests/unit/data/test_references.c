// The vectors that cells are compared with.
#include "server/data/references.h"
#include "server/data/source.h"
#include "test.h"

enum { W = 9, H = 7, D = 6 };

struct layout {
    int32_t stride_y, stride_x, stride_c;
};

static const struct layout hwc = {W * D, D, 1}, chw = {W, 1, W *H};
static float values[W * H * D];

static float value_at(int32_t i, int32_t j, int32_t k)
{
    return (float)((i * 31 + j * 17 + k * k * 7 + i * k) % 23) / 7 - 1.2F;
}

// Cell (2, 1) is zero, (3, 1) is not a number.
static struct fl_map *map_of(const struct layout *layout)
{
    struct fl_map_source source = fl_map_source_of(values, W, H, D);

    source.stride_y = layout->stride_y;
    source.stride_x = layout->stride_x;
    source.stride_c = layout->stride_c;
    for (int32_t n = 0; n < W * H * D; n++) {
        int32_t i = n / D % W, j = n / D / W, k = n % D;
        float value = j == 1 && i == 2 ? 0 : j == 1 && i == 3 && k == 4 ? NAN : value_at(i, j, k);
        values[j * layout->stride_y + i * layout->stride_x + k * layout->stride_c] = value;
    }
    struct fl_map *map = fl_map_create("map", &source, (double[4]){0, 0, W, H});
    for (int norms = 0; norms < FL_NORMS; norms++)
        EXPECT_INT(fl_map_load(map, (enum fl_norms)norms, NULL), FL_OK);
    return map;
}

static struct fl_render region(int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    struct fl_render render;

    memset(&render, 0, sizeof render);
    render.has_region = true;
    memcpy(render.region, (int32_t[4]){x0, y0, x1, y1}, sizeof render.region);
    return render;
}

static struct fl_references *make(const struct fl_map *map, const struct fl_render *render)
{
    struct fl_references *made = fl_references_create(map, false, render, NULL);
    EXPECT(made != NULL);
    return made;
}

static float shift_at(const struct fl_map *map, enum fl_norms norms, size_t cell)
{
    const float *shifts = fl_map_shifts(map, norms);

    if (shifts)
        return shifts[cell];
    return norms == FL_NORMS_MIN ? fl_map_stats(map)->min : 0;
}

// Of cells (4, 3), (2, 1) and (8, 6).
static void check_cells(const struct fl_map *map, enum fl_metric metric, enum fl_origin origin)
{
    enum fl_norms norms = fl_metric_norms(metric, origin);
    bool unit = fl_metric_form(metric) == FL_FORM_CHORD;
    size_t cell = 3 * W + 4;
    float shift = shift_at(map, norms, cell), inverse = fl_map_inverse_norms(map, norms)[cell];
    struct fl_render render = {.metric = metric,
                               .origin = origin,
                               .refs = {{4, 3, unit ? -1 : 1}, {2, 1, 1}, {8, 6, 1}},
                               .n_refs = 3};
    struct fl_references *made = make(map, &render);

    EXPECT_INT(made->n, 2); // the zero vector is left out
    EXPECT(made->cells[0].i == 4 && made->cells[1].i == 8);
    EXPECT(fl_references_have(made, -1) == unit && fl_references_have(made, 1));
    for (int32_t k = 0; k < D; k++) {
        float value = value_at(4, 3, k);
        EXPECT(made->vectors[k] == (unit ? (value - shift) * inverse : value));
        EXPECT_NEAR(made->exact[k], (double)made->vectors[k], 5e-7);
    }
    fl_references_unref(made);
}

static void test_a_cell_is_what_the_passes_make_of_it(void)
{
    struct fl_map *map = map_of(&hwc);

    for (int metric = 0; metric < FL_METRICS; metric++)
        for (int origin = 0; origin < FL_ORIGINS; origin++)
            check_cells(map, (enum fl_metric)metric, (enum fl_origin)origin);
    fl_map_unref(map);
}

// Of unit vectors for angles, else of the values; cells without a direction count for nothing.
static void expect_mean(const struct fl_references *made, const struct fl_render *render)
{
    double sum[D] = {0}, squares = 0;
    int cells = 0;

    for (int32_t j = render->region[1]; j < render->region[3]; j++)
        for (int32_t i = render->region[0]; i < render->region[2]; i++) {
            double norm = 0;
            for (int32_t k = 0; k < D; k++)
                norm += (double)value_at(i, j, k) * (double)value_at(i, j, k);
            if (j == 1 && (i == 2 || i == 3))
                continue;
            cells++;
            for (int32_t k = 0; k < D; k++)
                sum[k] += (double)value_at(i, j, k) / (made->unit ? sqrt(norm) : 1);
        }
    for (int32_t k = 0; k < D; k++)
        squares += sum[k] * sum[k];
    for (int32_t k = 0; k < D; k++) {
        double want = sum[k] / (made->unit ? sqrt(squares) : cells);
        EXPECT_NEAR(made->exact[k], want, 1e-13);
        EXPECT(made->vectors[k] == (float)made->exact[k]);
    }
}

static void check_region(const struct fl_map *map, enum fl_metric metric)
{
    struct fl_render render = region(1, 0, 6, 5);

    render.metric = metric;
    struct fl_references *made = make(map, &render);
    EXPECT_INT(made->n, 1);
    EXPECT_INT(made->cells[0].i, -1);
    expect_mean(made, &render);
    fl_references_unref(made);
}

static void test_a_region_is_the_mean_of_its_cells_in_any_layout(void)
{
    const struct layout *layouts[] = {&hwc, &chw};

    for (int n = 0; n < 2; n++) {
        struct fl_map *map = map_of(layouts[n]);
        for (int metric = 0; metric <= FL_METRIC_LHALF; metric++)
            check_region(map, (enum fl_metric)metric);
        fl_map_unref(map);
    }
}

static void test_opposite_vectors_have_no_mean_direction(void)
{
    static float both[2][D] = {{1, -2, 3, 4, 5, 6}, {-1, 2, -3, -4, -5, -6}};
    struct fl_map_source source = fl_map_source_of(both[0], 2, 1, D);
    struct fl_map *map = fl_map_create("both", &source, (double[4]){0, 0, 2, 1});
    struct fl_render render = region(0, 0, 2, 1);

    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, NULL), FL_OK);
    struct fl_references *made = make(map, &render);
    EXPECT_INT(made->n, 0);
    fl_references_unref(made);
    fl_map_unref(map);
}

static void test_holes_alone_are_nothing(void)
{
    struct fl_map *map = map_of(&hwc);
    const struct fl_render renders[] = {region(2, 1, 4, 2), region(2, 1, 3, 2), region(5, 5, 5, 6)};

    for (int k = 0; k < 3; k++) {
        struct fl_references *made = make(map, &renders[k]);
        EXPECT_INT(made->n, 0);
        fl_references_unref(made);
    }
    fl_map_unref(map);
}

static void test_a_regions_vectors_are_known_again(void)
{
    struct fl_map *map = map_of(&hwc), *other = map_of(&hwc);
    struct fl_render render = region(1, 1, 4, 4), cosine = render, l2 = render, moved = render;
    struct fl_render point = {.n_refs = 1, .refs = {{1, 1, 1}}};
    struct fl_references *made = make(map, &render), *of_point = make(map, &point);

    cosine.metric = FL_METRIC_COSINE; // of the same vectors
    l2.metric = FL_METRIC_L2;
    moved.region[0] = 0;
    EXPECT(fl_references_are(made, map, false, &render));
    EXPECT(fl_references_are(made, map, false, &cosine));
    EXPECT(!fl_references_are(made, map, true, &render));
    EXPECT(!fl_references_are(made, map, false, &l2));
    EXPECT(!fl_references_are(made, map, false, &moved));
    EXPECT(!fl_references_are(made, other, false, &render));
    EXPECT(!fl_references_are(of_point, map, false, &point));
    EXPECT(!fl_references_are(NULL, map, false, &render));
    fl_references_unref(fl_references_ref(made));
    fl_references_unref(made);
    fl_references_unref(of_point);
    fl_map_unref(map);
    fl_map_unref(other);
}

static void test_a_map_without_these_norms_gives_the_exact_ones_alone(void)
{
    struct fl_map *map = map_of(&hwc);
    struct fl_map_source source = fl_map_source_of(values, W, H, D);
    struct fl_map *fresh = fl_map_create("fresh", &source, (double[4]){0, 0, W, H});
    struct fl_render render = {.n_refs = 1, .refs = {{4, 3, 1}}, .metric = FL_METRIC_PEARSON};

    EXPECT_INT(fl_map_load(fresh, FL_NORMS_ZERO, NULL), FL_OK);
    struct fl_references *made = make(fresh, &render), *whole = make(map, &render);
    EXPECT(made->n == 1 && !made->vectors && whole->vectors);
    for (int k = 0; k < D; k++)
        EXPECT_NEAR(made->exact[k], whole->exact[k], 0);
    fl_references_unref(made);
    fl_references_unref(whole);
    fl_map_unref(map);
    fl_map_unref(fresh);
}

int main(void)
{
    RUN(test_a_cell_is_what_the_passes_make_of_it);
    RUN(test_a_region_is_the_mean_of_its_cells_in_any_layout);
    RUN(test_opposite_vectors_have_no_mean_direction);
    RUN(test_holes_alone_are_nothing);
    RUN(test_a_regions_vectors_are_known_again);
    RUN(test_a_map_without_these_norms_gives_the_exact_ones_alone);
    return 0;
}
