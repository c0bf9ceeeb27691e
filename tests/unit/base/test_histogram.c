// Values and the buckets they fall into.
#include "server/base/histogram.h"
#include "test.h"

static unsigned only_bucket_of(uint64_t value)
{
    struct fl_histogram histogram = {0};
    unsigned found = 99;

    fl_histogram_add(&histogram, value);
    for (unsigned k = 0; k <= FL_HISTOGRAM_BOUNDS; k++)
        if (histogram.counts[k] == 1)
            found = k;
        else
            EXPECT_INT(histogram.counts[k], 0);
    return found;
}

static void test_bounds_belong_to_the_bucket_below_them(void)
{
    for (unsigned k = 0; k < FL_HISTOGRAM_BOUNDS; k++) {
        EXPECT_INT(only_bucket_of(fl_histogram_bound(k)), k);
        EXPECT_INT(only_bucket_of(fl_histogram_bound(k) + 1), k + 1);
    }
    EXPECT_INT(fl_histogram_bound(0), 16);
    EXPECT_INT(fl_histogram_bound(FL_HISTOGRAM_BOUNDS - 1), 16777216);
}

static void test_the_smallest_and_the_largest_have_their_place(void)
{
    EXPECT_INT(only_bucket_of(0), 0);
    EXPECT_INT(only_bucket_of(1), 0);
    EXPECT_INT(only_bucket_of(2), 0);
    EXPECT_INT(only_bucket_of(17), 1);
    EXPECT_INT(only_bucket_of(UINT64_MAX), FL_HISTOGRAM_BOUNDS);
}

static void test_the_sum_and_the_count_are_those_of_the_values(void)
{
    struct fl_histogram histogram = {0};
    uint64_t in_buckets = 0;

    for (uint64_t value = 0; value < 1000; value++)
        fl_histogram_add(&histogram, value);
    for (unsigned k = 0; k <= FL_HISTOGRAM_BOUNDS; k++)
        in_buckets += histogram.counts[k];
    EXPECT_INT(histogram.count, 1000);
    EXPECT_INT(in_buckets, 1000);
    EXPECT_INT(histogram.sum, 499500);
    EXPECT_INT(histogram.counts[0], 17); // 0 to 16
    EXPECT_INT(histogram.counts[6], 1000 - 513);
}

int main(void)
{
    RUN(test_bounds_belong_to_the_bucket_below_them);
    RUN(test_the_smallest_and_the_largest_have_their_place);
    RUN(test_the_sum_and_the_count_are_those_of_the_values);
    return 0;
}
