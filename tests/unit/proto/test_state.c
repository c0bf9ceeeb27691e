#include "proto/state.h"

#include "tests/unit/proto/vectors.h"
#include "tests/unit/test.h"

static void test_the_defaults_are_those_of_the_readme(void)
{
    struct fl_state state = fl_state_default();

    EXPECT(state.n_refs == 0 && !state.has_region && state.from[0] == 0);
    EXPECT(state.mode == FL_MODE_SIMILARITY && state.channel == 0);
    EXPECT(state.metric == FL_METRIC_ANGULAR && state.origin == FL_ORIGIN_ZERO);
    EXPECT_INT(state.stretch.kind, FL_STRETCH_AROUND);
    EXPECT(!state.has_window && state.size[0] == 0 && state.size[1] == 0);
    EXPECT(state.kind == FL_KIND_SCALAR && !state.vector);
    EXPECT(state.colormap == FL_COLORMAP_VIRIDIS && !state.reversed);
    EXPECT_NEAR(state.opacity, 0.1, 0);
    EXPECT_INT(state.picture, FL_UNDER_GREY);
}

static struct fl_set parsed(const char *query)
{
    struct fl_set set;
    EXPECT_INT(fl_set_parse_query(query, strlen(query), &set, NULL), FL_OK);
    return set;
}

static const char all[] = "ref=1,2&from=a/b&mode=norm&channel=7&metric=dot&origin=min&"
                          "stretch=fixed,3,4&window=1,2,3,4&size=5,6&kind=colour&vector=true&"
                          "colormap=fire_r&opacity=0.5&picture=none";

static void test_a_change_of_all_fields_changes_all(void)
{
    struct fl_set set = parsed(all);
    struct fl_state state = fl_state_default();

    EXPECT_INT(set.has, (FL_SET_PICTURE << 1) - 1);
    fl_state_apply(&state, &set);
    EXPECT(vectors_same_bytes(&state, &set.to, sizeof state));
}

static void test_a_change_of_one_field_leaves_the_others(void)
{
    struct fl_set set = parsed(all);

    for (uint32_t bit = 1; bit <= FL_SET_PICTURE; bit <<= 1) {
        struct fl_state before = fl_state_default(), state = before, rest = set.to;
        struct fl_set one = {bit, set.to}, others = {set.has & ~bit, before};
        fl_state_apply(&state, &one);
        EXPECT(!vectors_same_bytes(&state, &before, sizeof state));
        // The field alone differs: giving the others the old values changes nothing more.
        fl_state_apply(&rest, &others);
        EXPECT(vectors_same_bytes(&state, &rest, sizeof state));
    }
    struct fl_state state = fl_state_default(), before = state;
    fl_state_apply(&state, &(struct fl_set){0, set.to});
    EXPECT(vectors_same_bytes(&state, &before, sizeof state));
}

static void test_setting_one_reference_clears_the_others(void)
{
    struct fl_state state = fl_state_default();
    struct fl_set set = parsed("refs=1,2,1,3,4,-1");

    fl_state_apply(&state, &set);
    EXPECT_INT(state.n_refs, 2);
    set = parsed("region=1,2,3,4");
    fl_state_apply(&state, &set);
    EXPECT(state.n_refs == 0 && state.has_region);
    set = parsed("ref=5,6");
    fl_state_apply(&state, &set);
    EXPECT(state.n_refs == 1 && !state.has_region);
    EXPECT_NEAR(state.refs[1].x, 0, 0);
    set = parsed("ref=null");
    fl_state_apply(&state, &set);
    EXPECT(state.n_refs == 0 && !state.has_region);
}

static void check_names(const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        EXPECT(names[i] && names[i][0]);
        for (int k = 0; k < i; k++)
            EXPECT(strcmp(names[i], names[k]) != 0);
    }
}

static void test_every_value_of_an_enum_has_a_name_of_its_own(void)
{
    check_names(fl_mode_names, FL_MODES);
    check_names(fl_metric_names, FL_METRICS);
    check_names(fl_origin_names, FL_ORIGINS);
    check_names(fl_stretch_names, FL_STRETCHES);
    check_names(fl_kind_names, FL_KINDS);
    check_names(fl_colormap_names, FL_COLORMAPS);
    check_names(fl_under_names, FL_UNDERS);
    EXPECT(strcmp(fl_metric_names[FL_METRIC_L2], "l2") == 0);
    EXPECT(strcmp(fl_metric_names[FL_METRIC_MSAM], "msam") == 0);
}

int main(void)
{
    RUN(test_the_defaults_are_those_of_the_readme);
    RUN(test_a_change_of_all_fields_changes_all);
    RUN(test_a_change_of_one_field_leaves_the_others);
    RUN(test_setting_one_reference_clears_the_others);
    RUN(test_every_value_of_an_enum_has_a_name_of_its_own);
    return 0;
}
