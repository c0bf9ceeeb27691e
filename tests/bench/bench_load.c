// What people at the socket feel: one alone, many with their own pointers, many who see the same,
// slow links. Starts the server by itself, prints one table, judges nothing. Loopback only.
//
// usage: bench_load [--cores N] [--connections N] [--seconds S] [--only PART] SERVER DIRECTORY
//   SERVER       the program, or http://127.0.0.1:PORT/ of one that serves the directory's maps
//   DIRECTORY    holds conv2.npy (160 x 106 cells, d = 256), large.npy (512 x 1024, d = 64) and
//                wide.npy (256 x 512, d = 256)
//   --cores      that the server may use (2); the load runs on the others
//   --connections  that see the same (500), at most 900
//   --seconds    of each measurement (5), at most 10
//   --only       memory, alone, pointers, batching, same, rest or links
#include "crowd.h"
#include "relay.h"
#include "table.h"
#include "target.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

struct bench {
    const char *server, *directory, *only; // only: NULL, or the one part that is measured
    unsigned cores, connections;
    double seconds;
    struct target target;
};

static const struct walk conv2 = {.map = "conv2/conv2", .w = 106, .h = 160, .rate = 30};
static const struct walk wide = {.map = "wide/wide", .w = 512, .h = 256, .rate = 10};
static const struct walk large = {.map = "large/large", .w = 1024, .h = 512, .rate = 30};

static void measure_alone(struct bench *bench)
{
    struct walk walk = conv2;
    struct crowd crowd;

    walk.ask_after = true;
    if (!crowd_gather(&crowd, 1, bench->target.port, &walk)) {
        table_lost("one viewer");
    } else {
        crowd_measure(&crowd, bench->seconds / 2);
        double p50 = crowd_percentile(&crowd, 50, false), p95 = crowd_percentile(&crowd, 95, false);
        double pass = crowd_render(&crowd);
        table_row("conv2, one viewer: hover to frame at the socket, p50", "", 0, p50, " ms");
        table_row("  the same, p95", "", 0, p95, " ms");
        table_row("  the frames' own time in the pass, p50", "", 0, pass, " ms");
        table_row("  p50 over the pass alone", "<=", 3, p50 / pass, " x");
    }
    crowd_end(&crowd);
}

struct used { // CPU by what was running, % of a core
    double all, network;
};

static struct used measure_crowd(struct bench *bench, struct crowd *crowd)
{
    struct target_cpu before = target_cpu(&bench->target);

    crowd_measure(crowd, bench->seconds);
    struct target_cpu after = target_cpu(&bench->target);
    return (struct used){100 * (after.all - before.all) / bench->seconds,
                         100 * (after.network - before.network) / bench->seconds};
}

static void measure_pointers(struct bench *bench, unsigned n, const struct walk *walk,
                             const char *name)
{
    char text[96];
    struct crowd crowd;

    snprintf(text, sizeof text, "%s, %u pointers at %g/s: frames/s", name, n, walk->rate);
    if (!crowd_gather(&crowd, n, bench->target.port, walk)) {
        table_lost(text);
    } else {
        struct used used = measure_crowd(bench, &crowd);
        table_row(text, ">=", n * walk->rate, (double)crowd.frames / bench->seconds, "");
        table_row("  hover to its frame or a newer one's, p50", "", 0,
                  crowd_percentile(&crowd, 50, false), " ms");
        table_row("  hovers that were shown, p99", "<", 50, crowd_percentile(&crowd, 99, true),
                  " ms");
        table_row("  the same by the server's stages, p99", "<", 50, crowd_at_server(&crowd, 99),
                  " ms");
        if (bench->target.pid > 0)
            table_row("  server's CPU", "", 0, used.all, " %");
        if (!crowd_is_whole(&crowd))
            table_lost("  some were cut off");
    }
    crowd_end(&crowd);
}

enum { POINTERS = 160 }; // on one map, of which a server cannot serve all

struct served {      // by a server that has more to do than it can
    double pointers; // at 10 frames a second each
    double cost;     // CPU of a frame, ms: what is left of noise by other programs
    double p99;      // ms, by the server's stages
};

static struct served count_served(const struct bench *bench, const char *engine, const char *batch)
{
    struct served served = {(double)NAN, (double)NAN, (double)NAN};
    char path[4096], log[4096];
    struct target target;
    struct crowd crowd = {.epoll = -1};

    snprintf(path, sizeof path, "%.4000s/wide.npy", bench->directory);
    snprintf(log, sizeof log, "%.4000s/batch-%.4s.log", bench->directory, batch);
    setenv("FARLOOK_ENGINE", engine, 1); // options are read from the environment, too
    setenv("FARLOOK_BATCH", batch, 1);
    bool started =
        target_start(&target, bench->server, (const char *const[]){path}, 1, bench->cores, log);
    unsetenv("FARLOOK_ENGINE");
    unsetenv("FARLOOK_BATCH");
    if (started && crowd_gather(&crowd, POINTERS, target.port, &wide)) {
        double before = target_cpu(&target).all;
        crowd_measure(&crowd, bench->seconds);
        served.cost = 1000 * (target_cpu(&target).all - before) / (double)crowd.frames;
        served.pointers = (double)crowd.frames / bench->seconds / wide.rate;
        served.p99 = crowd_at_server(&crowd, 99);
    }
    crowd_end(&crowd);
    target_stop(&target);
    return served;
}

static void compare_batching(struct bench *bench, const char *engine, double goal)
{
    char text[96];

    struct served alone = count_served(bench, engine, "1");
    struct served together = count_served(bench, engine, "16");
    snprintf(text, sizeof text, "512 x 256 x 256, %s, pointers at 10/s: one a pass", engine);
    table_row(text, "", 0, alone.pointers, "");
    table_row("  the same, up to 16 a pass", "", 0, together.pointers, "");
    table_row("  over those of one a pass", ">=", goal, together.pointers / alone.pointers, " x");
    table_row("  CPU of a frame, one a pass", "", 0, alone.cost, " ms");
    table_row("  the same, up to 16 a pass", "", 0, together.cost, " ms");
    table_row("  one a pass over up to 16", ">=", goal, alone.cost / together.cost, " x");
    table_row("  hovers that were shown, by the server's stages, p99", "", 0, together.p99, " ms");
}

static void measure_batching(struct bench *bench)
{
    if (bench->target.pid <= 0)
        return;
    compare_batching(bench, "gl", 4);
    compare_batching(bench, "c", 0);
}

static void measure_same(struct bench *bench)
{
    struct walk walk = conv2;
    struct crowd crowd;
    char text[96];

    walk.together = true;
    snprintf(text, sizeof text, "conv2, %u connections, the same view at 30/s: delivered",
             bench->connections);
    if (!crowd_gather(&crowd, bench->connections, bench->target.port, &walk)) {
        table_lost(text);
    } else {
        struct used used = measure_crowd(bench, &crowd);
        table_row(text, ">=", 99, 100 * (double)crowd.frames / (double)crowd.hovers, " %");
        table_row("  hover to its frame or a newer one's, p50", "", 0,
                  crowd_percentile(&crowd, 50, false), " ms");
        table_row("  hovers that were shown, p99", "<", 50, crowd_percentile(&crowd, 99, true),
                  " ms");
        table_row("  bytes of a frame", "", 0, (double)crowd.bytes / (double)crowd.frames, "");
        if (bench->target.pid > 0) {
            table_row("  network thread's CPU", "<=", 50, used.network, " %");
            table_row("  server's CPU", "", 0, used.all, " %");
        }
        if (!crowd_is_whole(&crowd))
            table_lost("  some were cut off");
    }
    crowd_end(&crowd);
}

static void measure_rest(struct bench *bench)
{
    struct crowd crowd;

    if (bench->target.pid <= 0)
        return;
    if (!crowd_gather(&crowd, 20, bench->target.port, &conv2)) {
        table_lost("20 resting viewers");
    } else {
        crowd_rest(&crowd, 1); // the exact pictures of views at rest
        struct target_cpu before = target_cpu(&bench->target);
        crowd_rest(&crowd, 10);
        double used = target_cpu(&bench->target).all - before.all;
        table_row("20 resting viewers: server's CPU over 10 s", "<", 1, 100 * used / 10, " %");
    }
    crowd_end(&crowd);
}

static void measure_memory(struct bench *bench)
{
    double alone = target_memory(&bench->target);
    struct crowd crowd;

    if (bench->target.pid <= 0)
        return;
    if (!crowd_gather(&crowd, 50, bench->target.port, &conv2)) {
        table_lost("50 viewers");
    } else {
        crowd_measure(&crowd, 2);
        double memory = target_memory(&bench->target);
        table_row("50 viewers: resident memory beyond the maps", "<=", 150, memory / 1e6, " MB");
        table_row("  of that before they came", "", 0, alone / 1e6, " MB");
    }
    crowd_end(&crowd);
}

struct line { // one row of links
    const char *name;
    struct link_kind link;
    const struct walk *walk;
    double most, least; // ms at p95; frames a second, 0: no goal
};

static void measure_link(struct bench *bench, const struct line *line)
{
    struct walk walk = *line->walk;
    struct crowd crowd = {.epoll = -1};
    uint16_t port = 0;
    pid_t pid = relay_start(&line->link, bench->target.port, &port);

    walk.rate = 60; // as a browser's pointer events
    walk.moves = 2000000;
    walk.rests = 1500000;
    if (pid < 0 || !crowd_gather(&crowd, 1, port, &walk)) {
        table_lost(line->name);
    } else {
        crowd_measure(&crowd, 7); // two of moving and resting
        table_row(line->name, "<", line->most, crowd_percentile(&crowd, 95, false), " ms");
        table_row("  p50", "", 0, crowd_percentile(&crowd, 50, false), " ms");
        table_row("  frames/s", ">=", line->least, (double)crowd.frames / crowd.moving, "");
        table_row("  bytes of a frame", "", 0, (double)crowd.bytes / (double)crowd.frames, "");
    }
    crowd_end(&crowd);
    if (pid > 0) {
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
    }
}

static void measure_links(struct bench *bench)
{
    static const struct link_kind hotel = {5e6, 10000, 65536, 0}, far = {2e6, 50000, 65536, 0},
                                  bad = {2e6, 50000, 65536, 0.01};
    const struct line lines[] = {
        {"conv2, 20 ms and 5 Mbit/s: pointer to picture, p95", hotel, &conv2, 100, 35},
        {"conv2, 100 ms and 2 Mbit/s: pointer to picture, p95", far, &conv2, 300, 0},
        {"conv2, the same with 1 % loss: p95", bad, &conv2, 500, 0},
        {"1024 x 512, 20 ms and 5 Mbit/s: pointer to picture, p95", hotel, &large, 150, 0},
        {"1024 x 512, 100 ms and 2 Mbit/s: pointer to picture, p95", far, &large, 300, 0},
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        measure_link(bench, &lines[i]);
}

static void measure_crowds(struct bench *bench)
{
    measure_pointers(bench, 20, &conv2, "conv2");
    measure_pointers(bench, 50, &conv2, "conv2");
    measure_pointers(bench, 100, &conv2, "conv2");
    measure_pointers(bench, 200, &conv2, "conv2");
    measure_pointers(bench, 400, &conv2, "conv2");
}

static const struct part {
    const char *name;
    void (*measure)(struct bench *bench);
} parts[] = {
    {"memory", measure_memory},     {"alone", measure_alone}, {"pointers", measure_crowds},
    {"batching", measure_batching}, {"same", measure_same},   {"rest", measure_rest},
    {"links", measure_links},
};

static void measure_all(struct bench *bench)
{
    table_head();
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!bench->only || strcmp(bench->only, parts[i].name) == 0)
            parts[i].measure(bench);
}

static bool read_options(struct bench *bench, int argc, char **argv)
{
    int at = 1;

    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
        double value = strtod(argv[at + 1], NULL);
        if (strcmp(argv[at], "--cores") == 0 && value >= 1 && value <= 1024)
            bench->cores = (unsigned)value;
        else if (strcmp(argv[at], "--connections") == 0 && value >= 1 && value <= 900)
            bench->connections = (unsigned)value;
        else if (strcmp(argv[at], "--seconds") == 0 && value >= 1 && value <= 10)
            bench->seconds = value;
        else if (strcmp(argv[at], "--only") == 0)
            bench->only = argv[at + 1];
        else
            return false;
    }
    if (at + 2 != argc)
        return false;
    bench->server = argv[at];
    bench->directory = argv[at + 1];
    return true;
}

int main(int argc, char **argv)
{
    struct bench bench = {.cores = 2, .connections = 500, .seconds = 5};
    char paths[2][4096], log[4096];
    struct rlimit files;

    if (!read_options(&bench, argc, argv)) {
        fprintf(stderr, "usage: bench_load [--cores N] [--connections N, at most 900] "
                        "[--seconds S, at most 10] [--only PART] SERVER DIRECTORY\n");
        return 2;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    snprintf(paths[0], sizeof paths[0], "%.4000s/conv2.npy", bench.directory);
    snprintf(paths[1], sizeof paths[1], "%.4000s/large.npy", bench.directory);
    snprintf(log, sizeof log, "%.4000s/server.log", bench.directory);
    if (!target_start(&bench.target, bench.server, (const char *const[]){paths[0], paths[1]}, 2,
                      bench.cores, log)) {
        fprintf(stderr, "%s does not serve; %s may say why.\n", bench.server, log);
        return 1;
    }
    target_leave_cores(bench.cores);
    measure_all(&bench);
    if (target_stop(&bench.target))
        return 0;
    fprintf(stderr, "The server did not end well; %s may say why.\n", log);
    return 1;
}
