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

int main(void)
{
    RUN(test_a_shot_waits_for_its_map_and_can_be_forgotten);
    return 0;
}
