// One-shot answers for HTTP.
#include "spy.h"

static void count_shot(void *user, const struct fl_frame *frame)
{
    EXPECT(frame->image || frame->vector);
    ++*(int *)user;
}

static void test_a_shot_waits_for_its_map_and_can_be_forgotten(void)
{
    begin();
    const struct fl_scene *scene = fl_catalogue_scene(spy.catalogue, 0);
    struct fl_shot shot = {
        .kind = FL_SHOT_FRAME, .scene = scene, .map = scene->maps[0], .output = FL_OUT_VALUES};
    struct fl_error error = {0};
    int shots = 0;

    EXPECT(fl_session_shoot(spy.session, &shot, count_shot, &shots, &error));
    uint64_t gone = fl_session_shoot(spy.session, &shot, count_shot, &shots, &error);
    EXPECT_INT(spy.n_sent, 0);
    fl_session_forget(spy.session, gone);
    loaded();
    EXPECT_INT(spy.n_sent, 1);
    rendered(sizeof(float[W * H]), FL_ENC_RAW);
    EXPECT_INT(shots, 1);
    shot.kind = FL_SHOT_VECTOR;
    EXPECT(fl_session_shoot(spy.session, &shot, count_shot, &shots, &error));
    rendered(1, FL_ENC_NONE);
    EXPECT_INT(shots, 2);
    shot.set.has = FL_SET_REF;
    shot.set.to.n_refs = 1;
    shot.set.to.refs[0] = (struct fl_point){99, 99, 1};
    EXPECT(!fl_session_shoot(spy.session, &shot, count_shot, &shots, &error));
    EXPECT_INT(error.code, FL_ERR_RANGE);
    shot.kind = FL_SHOT_PICTURE;
    EXPECT(!fl_session_shoot(spy.session, &shot, count_shot, &shots, &error));
    EXPECT_INT(error.code, FL_ERR_NOT_FOUND);
    end();
}

static void note_error(void *user, const struct fl_frame *frame)
{
    EXPECT(frame->error.code && frame->error.text[0]);
    *(int *)user = (int)frame->error.code;
}

// "map" as it is, and `other` (or nothing) beside it; as main.c does it.
static void change_other(struct fl_catalogue *other)
{
    const struct fl_scene *scenes[2] = {fl_catalogue_find(spy.catalogue, "map")};

    if (other)
        scenes[1] = fl_catalogue_scene(other, 0);
    struct fl_catalogue *catalogue = fl_catalogue_of(scenes, other ? 2 : 1);
    fl_catalogue_close(other);
    fl_session_change(spy.session, catalogue);
    fl_catalogue_close(spy.catalogue);
    spy.catalogue = catalogue;
}

// A shot of "map/map" with its reference in "other/other", which is being loaded.
static void begin_compared(enum fl_shot_kind kind, int *code, uint64_t *id)
{
    struct fl_error error = {0};
    struct fl_shot shot = {.kind = kind, .output = FL_OUT_VALUES};

    begin();
    shot.scene = fl_catalogue_find(spy.catalogue, "map");
    shot.map = shot.scene->maps[0];
    EXPECT_INT(fl_map_load(shot.map, FL_NORMS_ZERO, &error), FL_OK);
    shot.set.has = FL_SET_FROM;
    strcpy(shot.set.to.from, "other/other");
    *id = fl_session_shoot(spy.session, &shot, note_error, code, &error);
    EXPECT(*id && spy.loading && spy.loading != shot.map);
}

static void load_old(struct fl_map *map)
{
    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, &(struct fl_error){0}), FL_OK);
    fl_session_loaded(spy.session, map, FL_NORMS_ZERO, &(struct fl_error){0});
    fl_map_unref(map);
}

static void test_a_shot_whose_reference_s_map_is_replaced_meanwhile_is_told(void)
{
    for (int kind = 0; kind < 2; kind++) {
        int code = 0;
        uint64_t id = 0;
        begin_compared(kind ? FL_SHOT_VECTOR : FL_SHOT_FRAME, &code, &id);
        struct fl_map *old = fl_map_ref(spy.loading); // as the loader does
        change_other(catalogue_of("other", NULL));
        EXPECT_INT(code, 0);
        load_old(old);
        EXPECT_INT(code, FL_ERR_GONE);
        EXPECT_INT(spy.n_sent, 0);
        end();
    }
}

static void test_a_shot_whose_reference_s_map_goes_meanwhile_is_told(void)
{
    int code = 0;
    uint64_t id = 0;

    begin_compared(FL_SHOT_FRAME, &code, &id);
    struct fl_map *old = fl_map_ref(spy.loading);
    change_other(NULL);
    load_old(old);
    EXPECT_INT(code, FL_ERR_GONE);
    EXPECT_INT(spy.n_sent, 0);
    end();
}

static void test_a_shot_forgotten_while_its_reference_s_map_is_replaced_is_not_told(void)
{
    int code = 0;
    uint64_t id = 0;

    begin_compared(FL_SHOT_FRAME, &code, &id);
    struct fl_map *old = fl_map_ref(spy.loading);
    change_other(catalogue_of("other", NULL));
    fl_session_forget(spy.session, id);
    load_old(old);
    EXPECT_INT(code, 0);
    end();
}

int main(void)
{
    RUN(test_a_shot_waits_for_its_map_and_can_be_forgotten);
    RUN(test_a_shot_whose_reference_s_map_is_replaced_meanwhile_is_told);
    RUN(test_a_shot_whose_reference_s_map_goes_meanwhile_is_told);
    RUN(test_a_shot_forgotten_while_its_reference_s_map_is_replaced_is_not_told);
    return 0;
}
