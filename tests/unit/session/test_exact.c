// The numbers beside the picture against closed forms.
#include "server/data/source.h"
#include "server/session/exact.h"
#include "test.h"

enum { D = 3, MOST = 4 };

struct question {
    const float *p;
    const float *refs[MOST]; // NULL: no more
    int signs[MOST];         // 0: +1
    enum fl_metric metric;
    enum fl_origin origin; // with `min` their least value
};

// A map of p and the references in one row; p is no reference.
static struct fl_map *map_of(const struct question *question, struct fl_render *render,
                             float values[(MOST + 1) * D])
{
    memset(render, 0, sizeof *render);
    for (size_t k = 0; k <= MOST; k++) // what is not there is p again, so that the minimum stays
        memcpy(values + k * D, k < MOST && question->refs[k] ? question->refs[k] : question->p,
               D * sizeof *values);
    for (int32_t k = 0; k < MOST && question->refs[k]; k++)
        render->refs[render->n_refs++] =
            (struct fl_cell){k, 0, question->signs[k] ? question->signs[k] : 1};
    struct fl_map_source source = fl_map_source_of(values, MOST + 1, 1, D);
    struct fl_map *map = fl_map_create("map", &source, (double[4]){0, 0, MOST + 1, 1});
    EXPECT(!fl_map_load(map, FL_NORMS_ZERO, NULL));
    return map;
}

static struct fl_exact ask(const struct question *question)
{
    float values[(MOST + 1) * D];
    double room[2 * D];
    struct fl_render render, plain;
    struct fl_map *map = map_of(question, &render, values);
    struct fl_exact_task task = {.p = question->p,
                                 .d = D,
                                 .metric = question->metric,
                                 .origin = question->origin,
                                 .min = (double)fl_map_stats(map)->min,
                                 .room = room};

    plain = render;
    plain.metric = FL_METRIC_COSINE;
    render.metric = question->metric;
    render.origin = question->origin;
    struct fl_references *references = fl_references_create(map, false, &render, NULL);
    struct fl_references *cosines = fl_references_create(map, false, &plain, NULL);
    EXPECT(references && cosines);
    task.references = references;
    task.plain = cosines;
    struct fl_exact exact = fl_exact_compare(&task);
    fl_references_unref(references);
    fl_references_unref(cosines);
    fl_map_unref(map);
    return exact;
}

static struct fl_exact compare(const float *p, const float *r, enum fl_metric metric)
{
    return ask(&(struct question){.p = p, .refs = {r}, .metric = metric});
}

static void test_a_vector_is_exactly_like_itself(void)
{
    const float p[3] = {0.1f, -7.3f, 1e-3f};
    struct fl_exact exact = compare(p, p, FL_METRIC_ANGULAR);

    EXPECT(exact.s == 1);
    EXPECT(exact.cosine == 1);
    EXPECT(exact.angle == 0);
    EXPECT_NEAR(exact.norm, sqrt(0.1 * 0.1 + 7.3 * 7.3 + 1e-6), 1e-6);
}

static void test_right_angles_and_opposites(void)
{
    const float x[3] = {2, 0, 0}, y[3] = {0, 5, 0}, minus[3] = {-1, 0, 0};

    EXPECT_NEAR(compare(x, y, FL_METRIC_ANGULAR).s, 0, 1e-15);
    EXPECT_NEAR(compare(x, y, FL_METRIC_ANGLE).s, 90, 1e-12);
    EXPECT_NEAR(compare(x, minus, FL_METRIC_ANGULAR).s, -1, 1e-15);
    EXPECT_NEAR(compare(x, minus, FL_METRIC_COSINE).s, -1, 1e-15);
}

static void test_tiny_angles_are_not_lost(void)
{
    const float x[3] = {1, 0, 0}, y[3] = {1, 1e-6f, 0};

    EXPECT_NEAR(compare(x, y, FL_METRIC_ANGULAR).s, 1 - M_2_PI * 1e-6, 1e-13);
}

static void test_distances_and_products(void)
{
    const float p[3] = {1, 2, 3}, r[3] = {1, 6, 0};

    EXPECT_NEAR(compare(p, r, FL_METRIC_DOT).s, 13, 1e-12);
    EXPECT_NEAR(compare(p, r, FL_METRIC_L2).s, 5, 1e-12);
    EXPECT_NEAR(compare(p, r, FL_METRIC_L1).s, 7, 1e-12);
    EXPECT_NEAR(compare(p, r, FL_METRIC_LHALF).s, (2 + sqrt(3)) * (2 + sqrt(3)), 1e-9);
}

static void test_pearson_takes_the_mean_off(void)
{
    const float p[3] = {1, 2, 3}, r[3] = {11, 13, 15}, back[3] = {3, 2, 1};

    EXPECT_NEAR(compare(p, r, FL_METRIC_PEARSON).s, 1, 1e-15);
    EXPECT_NEAR(compare(p, back, FL_METRIC_PEARSON).s, -1, 1e-15);
    EXPECT_NEAR(compare(p, back, FL_METRIC_MSAM).s, -1, 1e-15);
}

static void test_the_origin_may_be_shifted(void)
{
    const float p[3] = {-1, 0, -1}, r[3] = {-1, -1, 3};

    const struct question question = {
        .p = p, .refs = {r}, .metric = FL_METRIC_ANGULAR, .origin = FL_ORIGIN_MIN};
    EXPECT_NEAR(ask(&question).s, 0, 1e-15);
}

static void test_no_direction_has_no_similarity(void)
{
    const float zero[3] = {0}, x[3] = {1, 0, 0}, nan[3] = {NAN, 0, 1}, huge[3] = {3e38f, 3e38f, 0};
    const float minus[3] = {-1, 2, 3};

    EXPECT(isnan(compare(zero, x, FL_METRIC_ANGULAR).s));
    EXPECT(isnan(compare(zero, x, FL_METRIC_ANGULAR).norm));
    EXPECT(isnan(compare(x, zero, FL_METRIC_L2).s));
    EXPECT_NEAR(compare(x, zero, FL_METRIC_L2).norm, 1, 0);
    EXPECT(isnan(compare(nan, x, FL_METRIC_COSINE).s));
    const struct question shifted = {.p = zero, .refs = {minus}, .origin = FL_ORIGIN_MIN};
    EXPECT(isnan(ask(&shifted).s));                       // nor does a shift help
    EXPECT(isnan(compare(huge, x, FL_METRIC_ANGULAR).s)); // its norm is no float32
}

// x, y and z lie at right angles to each other; xy between two of them.
static const float x[3] = {2, 0, 0}, y[3] = {0, 5, 0}, z[3] = {0, 0, 1}, xy[3] = {1, 1, 0};

static void test_of_several_references_the_nearest_counts(void)
{
    const struct question likes = {.p = xy, .refs = {z, x, y}}, far = {.p = x, .refs = {y, z}};
    const struct question angle = {.p = xy, .refs = {z, x}, .metric = FL_METRIC_ANGLE};
    const struct question l1 = {.p = x, .refs = {y, xy}, .metric = FL_METRIC_L1};
    const struct question dot = {.p = xy, .refs = {z, x, y}, .metric = FL_METRIC_DOT};

    EXPECT_NEAR(ask(&likes).s, 0.5, 1e-15);
    EXPECT_NEAR(ask(&likes).angle, 45, 1e-12);
    EXPECT_NEAR(ask(&far).s, 0, 1e-15);
    EXPECT_NEAR(ask(&angle).s, 45, 1e-12);
    EXPECT_NEAR(ask(&l1).s, 2, 0);
    EXPECT_NEAR(ask(&l1).cosine, M_SQRT1_2, 1e-15);
    EXPECT_NEAR(ask(&dot).s, 5, 0);
    EXPECT_NEAR(ask(&dot).cosine, M_SQRT1_2, 1e-15);
}

static void test_negative_references_are_taken_off(void)
{
    const struct question both = {.p = x, .refs = {x, xy}, .signs = {1, -1}};
    const struct question angle = {
        .p = x, .refs = {xy, y, z}, .signs = {1, -1, -1}, .metric = FL_METRIC_ANGLE};
    const struct question only = {.p = x, .refs = {xy, y}, .signs = {-1, -1}};

    EXPECT_NEAR(ask(&both).s, 0.5, 1e-15);
    EXPECT_NEAR(ask(&both).cosine, 1, 0); // with the positive one
    EXPECT_NEAR(ask(&angle).s, 45 - 90, 1e-12);
    EXPECT_NEAR(ask(&only).s, -0.5, 1e-15);
    EXPECT(isnan(ask(&only).cosine) && isnan(ask(&only).angle));
    EXPECT_NEAR(ask(&only).norm, 2, 0);
}

static void test_references_without_a_direction_are_left_out(void)
{
    const float zero[3] = {0}, flat[3] = {1, 1, 1};
    const struct question one = {.p = xy, .refs = {zero, x}};
    const struct question pearson = {.p = x, .refs = {flat}, .metric = FL_METRIC_PEARSON};

    EXPECT_NEAR(ask(&one).s, 0.5, 1e-15);
    EXPECT(isnan(ask(&pearson).s)); // nothing is left of it less its mean
    EXPECT_NEAR(ask(&pearson).cosine, 1 / sqrt(3), 1e-15);
}

int main(void)
{
    RUN(test_a_vector_is_exactly_like_itself);
    RUN(test_right_angles_and_opposites);
    RUN(test_tiny_angles_are_not_lost);
    RUN(test_distances_and_products);
    RUN(test_pearson_takes_the_mean_off);
    RUN(test_the_origin_may_be_shifted);
    RUN(test_no_direction_has_no_similarity);
    RUN(test_of_several_references_the_nearest_counts);
    RUN(test_negative_references_are_taken_off);
    RUN(test_references_without_a_direction_are_left_out);
    return 0;
}
