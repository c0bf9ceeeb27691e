// The numbers beside the picture against closed forms.
#include "server/session/exact.h"
#include "test.h"

static struct fl_exact compare(const float *p, const float *r, enum fl_metric metric)
{
    return fl_exact_compare(p, r, 3, metric, 0);
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

    EXPECT_NEAR(fl_exact_compare(p, r, 3, FL_METRIC_ANGULAR, -1).s, 0, 1e-15);
}

static void test_no_direction_has_no_similarity(void)
{
    const float zero[3] = {0}, x[3] = {1, 0, 0}, nan[3] = {NAN, 0, 1}, huge[3] = {3e38f, 3e38f, 0};

    EXPECT(isnan(compare(zero, x, FL_METRIC_ANGULAR).s));
    EXPECT(isnan(compare(zero, x, FL_METRIC_ANGULAR).norm));
    EXPECT(isnan(compare(x, zero, FL_METRIC_L2).s));
    EXPECT_NEAR(compare(x, zero, FL_METRIC_L2).norm, 1, 0);
    EXPECT(isnan(compare(nan, x, FL_METRIC_COSINE).s));
    EXPECT(isnan(fl_exact_compare(zero, x, 3, FL_METRIC_ANGULAR, -1).s)); // nor does a shift help
    EXPECT(isnan(compare(huge, x, FL_METRIC_ANGULAR).s));                 // its norm is no float32
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
    return 0;
}
