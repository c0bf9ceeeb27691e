// Which renders are one job.
#include "server/data/source.h"
#include "server/session/job.h"
#include "test.h"

static struct fl_map *map_of(const char *name)
{
    static const float values[4 * 3 * 2];
    struct fl_map_source source = fl_map_source_of(values, 4, 3, 2);

    return fl_map_create(name, &source, (double[4]){0, 0, 4, 3});
}

static void test_the_references_map_is_part_of_the_key(void)
{
    struct fl_map *map = map_of("map"), *one = map_of("one"), *two = map_of("two");
    struct fl_render render, other;
    struct fl_jobs *jobs = fl_jobs_create();
    struct fl_frame *frame = NULL;

    memset(&render, 0, sizeof render);
    render.n_refs = 1;
    memcpy(&other, &render, sizeof other);
    other.refs[0].sign = -1;
    struct fl_asked asked = {.map = map, .render = &render, .from = one};
    struct fl_job *job = fl_jobs_start(jobs, &asked, &frame);
    EXPECT(frame->from == one && frame->map == map);
    EXPECT(fl_jobs_find_equal(jobs, &asked) == job);
    asked.from = two;
    EXPECT(fl_jobs_find_equal(jobs, &asked) == NULL);
    asked.from = NULL;
    EXPECT(fl_jobs_find_equal(jobs, &asked) == NULL);
    asked.from = one;
    asked.render = &other;
    EXPECT(fl_jobs_find_equal(jobs, &asked) == NULL);
    fl_frame_destroy(frame);
    fl_jobs_destroy(jobs);
    fl_map_unref(map);
    fl_map_unref(one);
    fl_map_unref(two);
}

int main(void)
{
    RUN(test_the_references_map_is_part_of_the_key);
    return 0;
}
