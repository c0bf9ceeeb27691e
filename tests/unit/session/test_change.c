#include "spy.h"

#include "server/session/viewer.h"

// The catalogue becomes another one while people look.

// As main.c does it: the old catalogue is gone as soon as the session has the new one.
static void change_to(struct fl_catalogue *catalogue)
{
    fl_session_change(spy.session, catalogue);
    fl_catalogue_close(spy.catalogue);
    spy.catalogue = catalogue;
}

static void test_a_view_goes_over_to_a_replaced_map(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_view *view = &viewer->views[0];
    struct fl_map *old = view->map;

    view->state.has_window = true;
    memcpy(view->state.window, (uint32_t[]){1, 1, 99, 99}, sizeof view->state.window);
    hover(viewer, 5, 2.5, 1.5); // a render that comes back too late
    EXPECT_INT(spy.n_sent, 1);
    change_to(catalogue_of("map", "other"));
    EXPECT(view->map && view->map != old);
    EXPECT(spy.loading == view->map);
    EXPECT_INT(spy.forgotten, 2);
    expect(viewer, "scenes");
    expect_silence(viewer); // not before it is loaded
    loaded();
    expect(viewer, "scenes");
    expect(viewer, "opened");
    EXPECT_INT(spy.n_sent, 2);
    rendered(100, FL_ENC_PNG); // of the map that is no more: nobody is told
    expect_silence(viewer);
    EXPECT(spy.sent[0]->map == view->map);
    EXPECT_INT(spy.sent[0]->render.refs[0].i, 2);
    EXPECT_INT(spy.sent[0]->render.window[2], W);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 5);
    end();
}

static void test_a_view_of_a_map_that_is_gone_is_closed(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    struct fl_viewer *other = greeted();

    change_to(catalogue_of("other", NULL));
    expect(viewer, "scenes");
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_GONE);
    EXPECT(!viewer->views[0].map);
    expect(other, "scenes");
    expect_silence(other);
    hover(viewer, 6, 2.5, 1.5);
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_NOT_FOUND);
    end();
}

static void test_a_map_that_goes_while_it_is_loaded_is_kept_alive(void)
{
    begin();
    struct fl_viewer *viewer = greeted();
    struct fl_msg open = {.type = FL_MSG_OPEN};

    strcpy(open.open.map, "map/map");
    say(viewer, &open);
    struct fl_map *old = fl_map_ref(spy.loading); // as the loader does
    change_to(catalogue_of("map", "other"));
    expect(viewer, "scenes");
    EXPECT(spy.loading != old);
    EXPECT_INT(fl_map_load(old, FL_NORMS_ZERO, &(struct fl_error){0}), FL_OK);
    fl_session_loaded(spy.session, old, FL_NORMS_ZERO, &(struct fl_error){0});
    fl_map_unref(old);
    expect(viewer, "scenes");
    expect_silence(viewer); // the view waits for the new one
    loaded();
    expect(viewer, "scenes");
    expect(viewer, "opened");
    end();
}

static void test_what_is_as_before_is_not_opened_anew(void)
{
    begin();
    struct fl_viewer *viewer = watching();
    const struct fl_scene *scenes[] = {fl_catalogue_scene(spy.catalogue, 0),
                                       fl_catalogue_scene(spy.catalogue, 1)};

    change_to(fl_catalogue_of(scenes, 2));
    expect(viewer, "scenes");
    expect_silence(viewer);
    EXPECT_INT(spy.renders, 0);
    EXPECT_INT(spy.forgotten, 0);
    end();
}

// The new catalogue: "map" as it is, and `other` (or nothing) beside it.
static struct fl_catalogue *beside(struct fl_catalogue *other)
{
    const struct fl_scene *scenes[2] = {fl_catalogue_find(spy.catalogue, "map")};
    size_t n = 1;

    for (size_t i = 0; other && i < fl_catalogue_count(other); i++)
        scenes[n++] = fl_catalogue_scene(other, i);
    struct fl_catalogue *catalogue = fl_catalogue_of(scenes, n);
    fl_catalogue_close(other);
    return catalogue;
}

static void take_from(struct fl_viewer *viewer, uint32_t seq, const char *from)
{
    struct fl_msg msg = {.type = FL_MSG_SET};

    msg.set.seq = seq;
    msg.set.set.has = FL_SET_FROM;
    snprintf(msg.set.set.to.from, sizeof msg.set.set.to.from, "%s", from);
    say(viewer, &msg);
}

// Looks at "map/map", the reference in "other/other", and has its frame; not the exact one where
// the frame is lossy.
static struct fl_viewer *comparing(enum fl_enc enc)
{
    struct fl_viewer *viewer = watching();
    struct fl_msg ack = {.type = FL_MSG_ACK};

    take_from(viewer, 1, "other/other");
    loaded();
    expect(viewer, "scenes");
    rendered(100, enc);
    ack.ack.frame = (uint32_t)expect(viewer, "frame").frame;
    say(viewer, &ack);
    spy.renders = 0;
    return viewer;
}

static void test_a_reference_s_map_that_is_replaced_is_compared_with_anew(void)
{
    begin();
    struct fl_viewer *viewer = comparing(FL_ENC_PNG);
    struct fl_map *own = viewer->views[0].map;

    change_to(beside(catalogue_of("other", NULL)));
    expect(viewer, "scenes");
    expect_silence(viewer);
    EXPECT_INT(spy.renders, 0); // not before it is loaded
    EXPECT_INT(spy.forgotten, 1);
    EXPECT(spy.loading && spy.loading != own);
    struct fl_map *from = spy.loading;
    loaded();
    expect(viewer, "scenes");
    EXPECT_INT(spy.renders, 1);
    EXPECT(spy.sent[0]->map == own && spy.sent[0]->from == from);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 1);
    EXPECT(viewer->views[0].map == own); // which was not opened anew
    end();
}

static void test_a_render_with_the_old_reference_is_followed_by_one_with_the_new(void)
{
    begin();
    struct fl_viewer *viewer = comparing(FL_ENC_PNG);
    struct fl_msg ack = {.type = FL_MSG_ACK};

    hover(viewer, 2, 1.5, 1.5);
    EXPECT_INT(spy.n_sent, 1);
    change_to(beside(catalogue_of("other", NULL)));
    expect(viewer, "scenes");
    rendered(100, FL_ENC_PNG); // what it needs lives as long as it does
    ack.ack.frame = (uint32_t)expect(viewer, "frame").frame;
    say(viewer, &ack);
    struct fl_map *from = spy.loading;
    EXPECT(from);
    loaded();
    expect(viewer, "scenes");
    EXPECT_INT(spy.n_sent, 1);
    EXPECT(spy.sent[0]->from == from);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 2);
    end();
}

static void test_a_reference_s_map_that_goes_is_said_once(void)
{
    begin();
    struct fl_viewer *viewer = comparing(FL_ENC_JPEG);

    change_to(beside(NULL));
    expect(viewer, "scenes");
    struct heard heard = expect(viewer, "error");
    EXPECT_INT(heard.code, FL_ERR_NOT_FOUND);
    EXPECT_INT(heard.seq, 1);
    EXPECT(viewer->views[0].map); // it is open and may be compared with another
    spy.now += 1000000;
    fl_session_tick(spy.session); // it would be made exact now
    change_to(beside(NULL));      // and something else changes
    expect(viewer, "scenes");
    expect_silence(viewer);
    EXPECT_INT(spy.renders, 0);
    // A probe has nothing to compare with.
    struct fl_msg probe = {.type = FL_MSG_PROBE};
    probe.probe.seq = 2;
    say(viewer, &probe);
    expect(viewer, "probed");
    // It comes back.
    change_to(beside(catalogue_of("other", NULL)));
    expect(viewer, "scenes");
    loaded();
    expect(viewer, "scenes");
    EXPECT_INT(spy.renders, 1);
    rendered(100, FL_ENC_PNG);
    EXPECT_INT(expect(viewer, "frame").seq, 1);
    end();
}

static void test_a_reference_s_map_that_goes_while_it_is_loaded_is_kept_alive(void)
{
    begin();
    struct fl_viewer *viewer = watching();

    take_from(viewer, 1, "other/other");
    struct fl_map *old = fl_map_ref(spy.loading); // as the loader does
    change_to(beside(NULL));
    expect(viewer, "scenes");
    EXPECT_INT(expect(viewer, "error").code, FL_ERR_NOT_FOUND);
    EXPECT_INT(fl_map_load(old, FL_NORMS_ZERO, &(struct fl_error){0}), FL_OK);
    fl_session_loaded(spy.session, old, FL_NORMS_ZERO, &(struct fl_error){0});
    fl_map_unref(old);
    expect(viewer, "scenes");
    expect_silence(viewer);
    EXPECT_INT(spy.renders, 0);
    take_from(viewer, 2, "");
    expect(viewer, "frame"); // what it showed before
    end();
}

static void test_other_changes_leave_a_comparison_as_it_is(void)
{
    begin();
    struct fl_viewer *viewer = comparing(FL_ENC_PNG);
    const struct fl_scene *both[] = {fl_catalogue_scene(spy.catalogue, 0),
                                     fl_catalogue_scene(spy.catalogue, 1)};
    struct fl_catalogue *more = catalogue_of("more", NULL);
    const struct fl_scene *all[] = {both[0], both[1], fl_catalogue_scene(more, 0)};

    change_to(fl_catalogue_of(all, 3));
    fl_catalogue_close(more);
    expect(viewer, "scenes");
    expect_silence(viewer);
    EXPECT_INT(spy.renders, 0);
    end();
}

int main(void)
{
    RUN(test_a_view_goes_over_to_a_replaced_map);
    RUN(test_a_view_of_a_map_that_is_gone_is_closed);
    RUN(test_a_map_that_goes_while_it_is_loaded_is_kept_alive);
    RUN(test_what_is_as_before_is_not_opened_anew);
    RUN(test_a_reference_s_map_that_is_replaced_is_compared_with_anew);
    RUN(test_a_render_with_the_old_reference_is_followed_by_one_with_the_new);
    RUN(test_a_reference_s_map_that_goes_is_said_once);
    RUN(test_a_reference_s_map_that_goes_while_it_is_loaded_is_kept_alive);
    RUN(test_other_changes_leave_a_comparison_as_it_is);
}
