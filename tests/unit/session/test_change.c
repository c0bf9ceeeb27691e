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

int main(void)
{
    RUN(test_a_view_goes_over_to_a_replaced_map);
    RUN(test_a_view_of_a_map_that_is_gone_is_closed);
    RUN(test_a_map_that_goes_while_it_is_loaded_is_kept_alive);
    RUN(test_what_is_as_before_is_not_opened_anew);
}
