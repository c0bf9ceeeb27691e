#include "proto/state.h"

#include "tests/unit/proto/alloc.h"
#include "tests/unit/proto/vectors.h"
#include "tests/unit/test.h"

static enum fl_err parse(const char *query, struct fl_set *set, struct fl_error *error)
{
    // A copy without a terminator, so that AddressSanitizer sees every step beyond it.
    size_t len = strlen(query);
    char *copy = malloc(len ? len : 1);
    EXPECT(copy);
    for (size_t i = 0; i < len; i++)
        copy[i] = query[i];
    alloc_count = 0;
    enum fl_err err = fl_set_parse_query(copy, len, set, error);
    EXPECT_INT(alloc_count, 0);
    free(copy);
    return err;
}

static struct fl_state parsed(const char *query, uint32_t has)
{
    struct fl_set set;
    struct fl_error error = {0};
    if (parse(query, &set, &error)) {
        fprintf(stderr, "%s: %s\n", query, error.text);
        exit(1);
    }
    EXPECT_INT(set.has, has);
    return set.to;
}

static void test_a_query_says_what_set_says(void)
{
    struct fl_state to = parsed("ref=10.5,20&metric=cosine&stretch=fixed,0,1",
                                FL_SET_REF | FL_SET_METRIC | FL_SET_STRETCH);
    EXPECT_INT(to.n_refs, 1);
    EXPECT_NEAR(to.refs[0].x, 10.5, 0);
    EXPECT_NEAR(to.refs[0].y, 20, 0);
    EXPECT_INT(to.refs[0].sign, 1);
    EXPECT_INT(to.metric, FL_METRIC_COSINE);
    EXPECT_INT(to.stretch.kind, FL_STRETCH_FIXED);
    EXPECT_NEAR(to.stretch.b, 1, 0);

    to = parsed("mode=channel&channel=12&origin=min&kind=colour&vector=1&opacity=0.5&picture=none&"
                "colormap=gray_r&size=640,480&window=1,2,3,4&from=a/b",
                FL_SET_MODE | FL_SET_CHANNEL | FL_SET_ORIGIN | FL_SET_KIND | FL_SET_VECTOR |
                    FL_SET_OPACITY | FL_SET_PICTURE | FL_SET_COLORMAP | FL_SET_SIZE |
                    FL_SET_WINDOW | FL_SET_FROM);
    EXPECT(to.mode == FL_MODE_CHANNEL && to.channel == 12 && to.origin == FL_ORIGIN_MIN);
    EXPECT(to.kind == FL_KIND_COLOUR && to.vector && to.picture == FL_UNDER_NONE);
    EXPECT(to.colormap == FL_COLORMAP_GRAY && to.reversed && strcmp(to.from, "a/b") == 0);
    EXPECT(to.size[0] == 640 && to.size[1] == 480 && to.has_window && to.window[3] == 4);
    EXPECT_NEAR(to.opacity, 0.5, 0);

    to = parsed("refs=10,10,1,20,20.5,-1", FL_SET_REF);
    EXPECT(to.n_refs == 2 && to.refs[0].sign == 1 && to.refs[1].sign == -1);
    EXPECT_NEAR(to.refs[1].y, 20.5, 0);
    to = parsed("region=1,2,3,4.5", FL_SET_REF);
    EXPECT(to.has_region && to.n_refs == 0);
    EXPECT_NEAR(to.region[3], 4.5, 0);
    to = parsed("stretch=percentile,2,98", FL_SET_STRETCH);
    EXPECT_INT(to.stretch.kind, FL_STRETCH_PERCENTILE);
    EXPECT_INT(parsed("stretch=minmax", FL_SET_STRETCH).stretch.kind, FL_STRETCH_MINMAX);
}

static void test_null_and_nothing_are_null_where_null_is_allowed(void)
{
    EXPECT_INT(parsed("ref=null", FL_SET_REF).n_refs, 0);
    EXPECT_INT(parsed("ref=", FL_SET_REF).n_refs, 0);
    EXPECT_INT(parsed("ref", FL_SET_REF).n_refs, 0);
    EXPECT(!parsed("window=null", FL_SET_WINDOW).has_window);
    EXPECT_INT(parsed("size=", FL_SET_SIZE).size[0], 0);
    EXPECT(parsed("from=", FL_SET_FROM).from[0] == 0);
}

static void test_escapes_are_decoded_in_keys_and_values(void)
{
    EXPECT(strcmp(parsed("from=K%C3%BCche%2Flayer+3", FL_SET_FROM).from, "K\xc3\xbc"
                                                                         "che/layer 3") == 0);
    EXPECT_NEAR(parsed("ref=1%2c2%2E5", FL_SET_REF).refs[0].y, 2.5, 0);
    EXPECT_NEAR(parsed("ref=%2B1,%2d2e%2B1", FL_SET_REF).refs[0].y, -20, 0);
    EXPECT_INT(parsed("%6dode=norm", FL_SET_MODE).mode, FL_MODE_NORM);
}

static void test_other_keys_empty_pairs_and_repetitions_do_no_harm(void)
{
    (void)parsed("", 0);
    (void)parsed("&&", 0);
    (void)parsed("=&=5", 0);
    (void)parsed("w=640&quality=high&%zz=%&Mode=x&a_key_that_is_longer_than_any_key_of_set=1", 0);
    EXPECT_INT(parsed("&mode=norm&", FL_SET_MODE).mode, FL_MODE_NORM);
    EXPECT_INT(parsed("channel=1&channel=2", FL_SET_CHANNEL).channel, 2);
    EXPECT(parsed("ref=1,2&region=1,2,3,4", FL_SET_REF).n_refs == 0);
    EXPECT(!parsed("region=1,2,3,4&ref=1,2", FL_SET_REF).has_region);
}

static const struct {
    const char *query, *names;
} bad_values[] = {
    {"ref=1", "ref"},
    {"ref=1,2,3", "ref"},
    {"ref=1,", "ref"},
    {"ref=,1", "ref"},
    {"ref=1;2", "ref"},
    {"ref=nan,1", "ref"},
    {"ref=inf,1", "ref"},
    {"ref=1e999,1", "ref"},
    {"ref=0x10,1", "ref"},
    {"ref=1 ,2", "ref"},
    {"ref=1+,2", "ref"},
    {"ref=1,2%00", "ref"},
    {"ref=1,2%0", "ref"},
    {"ref=1,2%", "ref"},
    {"ref=1,%g0", "ref"},
    {"ref=[1,2]", "ref"},
    {"refs=1,2", "refs"},
    {"refs=1,2,1,3", "refs"},
    {"refs=1,2,0", "refs"},
    {"refs=", "refs"},
    {"refs=1,2,1,1,2,1,1,2,1,1,2,1,1,2,1,1,2,1,1,2,1,1,2,1,1,2,1,1,2,1,1,2,1,1,2,1,1,2,1,1,2,"
     "1,1,2,1,1,2,1,1,2,1",
     "refs"},
    {"region=3,2,1,4", "region"},
    {"region=null", "region"},
    {"from=%ff", "from"},
    {"mode=", "mode"},
    {"mode=null", "mode"},
    {"mode=similar", "mode"},
    {"channel=-1", "channel"},
    {"channel=65536", "channel"},
    {"channel=1.5", "channel"},
    {"channel=1,2", "channel"},
    {"channel=", "channel"},
    {"channel=twelve", "channel"},
    {"metric=angular,cosine", "metric"},
    {"origin=max", "origin"},
    {"stretch=lock", "stretch"},
    {"stretch=minmax,", "stretch"},
    {"stretch=minmax,0,1", "stretch"},
    {"stretch=percentile,98,2", "stretch"},
    {"stretch=percentile,2", "stretch"},
    {"stretch=percentile,2,101", "stretch"},
    {"stretch=fixed,1,0", "stretch"},
    {"stretch=fixed,a,b", "stretch"},
    {"stretch=", "stretch"},
    {"window=0,0,0,5", "window"},
    {"window=0,0,5", "window"},
    {"window=0,0,1e9,1", "window"},
    {"size=640", "size"},
    {"size=640,16385", "size"},
    {"kind=color", "kind"},
    {"vector=yes", "vector"},
    {"vector=", "vector"},
    {"colormap=jet", "colormap"},
    {"opacity=1.1", "opacity"},
    {"opacity=-0.1", "opacity"},
    {"opacity=50%", "opacity"},
    {"opacity=null", "opacity"},
    {"picture=gray", "picture"},
    {"mode=norm&opacity=2&channel=1", "opacity"},
};

static void test_bad_values_are_refused_with_a_sentence_that_names_the_key(void)
{
    for (size_t i = 0; i < sizeof bad_values / sizeof *bad_values; i++) {
        struct fl_error error = {0};
        struct fl_set set, zero = {0};
        char quoted[64];
        fprintf(stderr, "  %s\n", bad_values[i].query);
        memset(&set, 1, sizeof set);
        memset(&zero, 0, sizeof zero);
        EXPECT_INT(parse(bad_values[i].query, &set, &error), FL_ERR_RANGE);
        EXPECT(vectors_same_bytes(&set, &zero, sizeof set));
        snprintf(quoted, sizeof quoted, "'%s'", bad_values[i].names);
        EXPECT(strstr(error.text, quoted) && error.text[strlen(error.text) - 1] == '.');
    }
}

static void test_a_value_that_is_too_long_is_refused(void)
{
    struct fl_error error = {0};
    struct fl_set set;
    char query[4096] = "from=";

    memset(query + 5, 'x', 255);
    EXPECT_INT(parse(query, &set, &error), FL_OK);
    memset(query + 5, 'x', 256);
    EXPECT_INT(parse(query, &set, &error), FL_ERR_RANGE);
    memset(query + 5, 'x', 4000);
    EXPECT_INT(parse(query, &set, &error), FL_ERR_RANGE);
    EXPECT(strstr(error.text, "'from'"));
}

static bool get(const char *query, const char *key, const char *wanted, size_t size)
{
    char out[32];
    memset(out, 'z', sizeof out);
    if (!fl_query_get(query, strlen(query), key, out, size)) {
        EXPECT(size == 0 || out[0] == 0);
        return false;
    }
    EXPECT(strcmp(out, wanted) == 0);
    return true;
}

static void test_one_key_can_be_asked_for(void)
{
    EXPECT(get("w=640", "w", "640", 32));
    EXPECT(get("a=1&w=6%340&b", "w", "640", 32));
    EXPECT(get("w=1&w=2", "w", "2", 32));
    EXPECT(get("b&w", "b", "", 32));
    EXPECT(get("name=a+b%26c%3D", "name", "a b&c=", 32));
    EXPECT(get("w=640", "w", "640", 4));
    EXPECT(!get("w=640", "w", "", 3));
    EXPECT(!get("w=640", "w", "", 0));
    EXPECT(!get("w=640", "h", "", 32));
    EXPECT(!get("ww=640", "w", "", 32));
    EXPECT(!get("", "w", "", 32));
    EXPECT(!get("w=6%004", "w", "", 32));
    EXPECT(!get("w=6%4", "w", "", 32));
    EXPECT(!get("w=%c3", "w", "", 32));
}

int main(void)
{
    RUN(test_a_query_says_what_set_says);
    RUN(test_null_and_nothing_are_null_where_null_is_allowed);
    RUN(test_escapes_are_decoded_in_keys_and_values);
    RUN(test_other_keys_empty_pairs_and_repetitions_do_no_harm);
    RUN(test_bad_values_are_refused_with_a_sentence_that_names_the_key);
    RUN(test_a_value_that_is_too_long_is_refused);
    RUN(test_one_key_can_be_asked_for);
    return 0;
}
