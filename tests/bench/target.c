#include "target.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 16 };

// The allowed cores, of which the first `skip` are left out and at most `n` taken.
static void use_cores(unsigned skip, unsigned n)
{
    cpu_set_t allowed, wanted;

    CPU_ZERO(&wanted);
    if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
        return;
    for (unsigned core = 0, seen = 0; core < CPU_SETSIZE; core++)
        if (CPU_ISSET(core, &allowed) && seen++ >= skip && seen <= skip + n)
            CPU_SET(core, &wanted);
    if (CPU_COUNT(&wanted) > 0)
        sched_setaffinity(0, sizeof wanted, &wanted);
}

void target_leave_cores(unsigned cores)
{
    use_cores(cores, CPU_SETSIZE);
}

static void become(const char *program, const char *const *paths, unsigned n, const char *log,
                   int out)
{
    char *arguments[MOST_ARGUMENTS] = {strdup(program),    strdup("--software"),
                                       strdup("--listen"), strdup("127.0.0.1:0"),
                                       strdup("--layout"), strdup("HWC")};
    int errors = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    for (unsigned i = 0; i < n && i + 7 < MOST_ARGUMENTS; i++)
        arguments[6 + i] = strdup(paths[i]);
    prctl(PR_SET_PDEATHSIG, SIGKILL); // even a server that hangs ends with the measurement
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execv(program, arguments);
    _exit(127);
}

static bool read_url(const char *text, uint16_t *port)
{
    const char *at = strstr(text, "http://127.0.0.1:"); // loopback only
    unsigned long number = at ? strtoul(at + 17, NULL, 10) : 0;

    *port = (uint16_t)number;
    return number > 0 && number <= UINT16_MAX;
}

bool target_start(struct target *target, const char *what, const char *const *paths, unsigned n,
                  unsigned cores, const char *log)
{
    char line[256] = "";
    int ends[2];

    *target = (struct target){0};
    if (strncmp(what, "http://", 7) == 0)
        return read_url(what, &target->port);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    target->pid = fork();
    if (target->pid == 0) {
        use_cores(0, cores);
        become(what, paths, n, log, ends[1]);
    }
    close(ends[1]);
    FILE *out = fdopen(ends[0], "r");
    bool told = target->pid > 0 && out && fgets(line, sizeof line, out);
    if (out)
        fclose(out);
    return told && read_url(line, &target->port);
}

bool target_stop(const struct target *target)
{
    int status = 0;

    if (target->pid <= 0)
        return true;
    kill(target->pid, SIGTERM);
    for (int tries = 0; tries < 500; tries++) {
        if (waitpid(target->pid, &status, WNOHANG) == target->pid)
            return status == 0;
        usleep(10000);
    }
    kill(target->pid, SIGKILL);
    waitpid(target->pid, &status, 0);
    return false;
}

static double cpu_of(const char *path)
{
    char text[1024] = "";
    unsigned long user = 0, system = 0;
    FILE *file = fopen(path, "r");

    if (!file)
        return 0;
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    char *at = strrchr(text, ')'); // behind the name, which may hold anything
    for (int field = 3; at && field <= 14; field++)
        at = strchr(at + 1, ' ');
    if (!at)
        return 0;
    user = strtoul(at, &at, 10);
    system = strtoul(at, NULL, 10);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

struct target_cpu target_cpu(const struct target *target)
{
    char all[64], network[64]; // the main thread is that of the network

    snprintf(all, sizeof all, "/proc/%d/stat", (int)target->pid);
    snprintf(network, sizeof network, "/proc/%d/task/%d/stat", (int)target->pid, (int)target->pid);
    return (struct target_cpu){cpu_of(all), cpu_of(network)};
}

double target_memory(const struct target *target)
{
    char path[64], line[4096];
    bool counted = true;
    double sum = 0;

    snprintf(path, sizeof path, "/proc/%d/smaps", (int)target->pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "Rss:", 4) == 0 && counted)
            sum += (double)strtoul(line + 4, NULL, 10) * 1024;
        else if ((line[0] >= '0' && line[0] <= '9') || (line[0] >= 'a' && line[0] <= 'f'))
            counted = !strstr(line, ".npy");
    }
    if (file)
        fclose(file);
    return sum;
}
