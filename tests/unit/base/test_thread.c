// Mailboxes and the parallel loop, under as many threads as the machine has.
#include "server/base/clock.h"
#include "server/base/crew.h"
#include "server/base/parallel.h"
#include "server/base/thread.h"
#include "test.h"

#include <stdatomic.h>
#include <time.h>

enum { N = 10000 };

static int numbers[N]; // their places are what is sent

static void put_numbers(void *user)
{
    for (int i = 0; i < N; i++)
        fl_mailbox_put(user, &numbers[i]);
    fl_mailbox_close(user);
}

static void test_a_mailbox_keeps_the_order(void)
{
    struct fl_mailbox *box = fl_mailbox_create();
    struct fl_thread *thread = fl_thread_start("put", put_numbers, box);
    int next = 0;

    for (void *value = NULL; (value = fl_mailbox_take(box)); next++)
        EXPECT(value == &numbers[next]);
    EXPECT_INT(next, N);
    fl_thread_join(thread);
    fl_mailbox_destroy(box);
}

static void test_polling_an_empty_mailbox_gives_nothing(void)
{
    struct fl_mailbox *box = fl_mailbox_create();

    EXPECT(!fl_mailbox_poll(box));
    fl_mailbox_put(box, box);
    EXPECT(fl_mailbox_poll(box) == box);
    EXPECT(!fl_mailbox_poll(box));
    fl_mailbox_destroy(box);
}

static void put_late(void *user)
{
    struct timespec a_while = {.tv_nsec = 20000000};

    nanosleep(&a_while, NULL);
    fl_mailbox_put(user, user);
}

static void test_a_mailbox_is_waited_for_only_so_long(void)
{
    struct fl_mailbox *box = fl_mailbox_create();
    uint64_t before = fl_now_us();

    EXPECT(!fl_mailbox_take_within(box, 30000));
    EXPECT(fl_now_us() - before >= 30000);
    struct fl_thread *thread = fl_thread_start("late", put_late, box);
    EXPECT(fl_mailbox_take_within(box, 60000000) == box);
    fl_thread_join(thread);
    fl_mailbox_put(box, box);
    fl_mailbox_close(box);
    EXPECT(fl_mailbox_take_within(box, 60000000) == box);
    EXPECT(!fl_mailbox_take_within(box, 60000000)); // closed: at once
    fl_mailbox_destroy(box);
}

static void count(void *user, size_t job)
{
    atomic_int *counts = user;
    atomic_fetch_add(&counts[job], 1);
}

static void test_every_job_runs_once(void)
{
    static atomic_int counts[N];

    fl_parallel(N, count, counts);
    for (int i = 0; i < N; i++)
        EXPECT_INT(atomic_load(&counts[i]), 1);
    fl_parallel(0, count, counts);
    EXPECT(fl_cores() >= 1);
}

static void test_a_crew_works_turn_after_turn(void)
{
    static atomic_int counts[N];
    struct fl_crew *crew = fl_crew_create(fl_cores() + 1);

    for (int turn = 0; turn < 300; turn++)
        fl_crew_run(crew, (size_t)turn % 7, count, counts); // 300 turns: 0 .. 6 jobs
    fl_crew_run(crew, N, count, counts);
    EXPECT_INT(atomic_load(&counts[N - 1]), 1);
    EXPECT_INT(atomic_load(&counts[0]), 1 + 300 - 43); // every turn but those of no job
    fl_crew_destroy(crew);
}

struct turn { // plain memory: who returns from a turn sees what all its jobs wrote
    int number;
    int written[9];
};

static void write_number(void *user, size_t job)
{
    struct turn *turn = user;

    turn->written[job] = turn->number;
}

static void test_a_turn_is_over_when_all_its_jobs_are(void)
{
    struct fl_crew *crew = fl_crew_create(4);
    struct turn turns[2] = {{0}};

    for (int number = 1; number <= 3000; number++) {
        struct turn *turn = &turns[number % 2];
        size_t jobs = 1 + (size_t)number % 9;
        turn->number = number;
        fl_crew_run(crew, jobs, write_number, turn);
        for (size_t job = 0; job < jobs; job++)
            EXPECT_INT(turn->written[job], number);
    }
    fl_crew_destroy(crew);
}

int main(void)
{
    RUN(test_a_mailbox_keeps_the_order);
    RUN(test_a_mailbox_is_waited_for_only_so_long);
    RUN(test_polling_an_empty_mailbox_gives_nothing);
    RUN(test_every_job_runs_once);
    RUN(test_a_crew_works_turn_after_turn);
    RUN(test_a_turn_is_over_when_all_its_jobs_are);
    return 0;
}
