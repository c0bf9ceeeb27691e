#include "memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The number behind `key` at the beginning of a line: "MemTotal:  12 kB", "file 12", "12".
static bool find_number(const char *path, const char *key, uint64_t *out)
{
    FILE *file = fopen(path, "re");
    size_t len = strlen(key);
    bool found = false;
    char line[128];

    while (file && !found && fgets(line, sizeof line, file)) {
        char *end = line + len;
        if (strncmp(line, key, len) != 0)
            continue;
        *out = strtoull(line + len, &end, 10);
        found = end != line + len;
    }
    if (file)
        fclose(file);
    return found;
}

static uint64_t of_machine(const char *key)
{
    uint64_t kib = 0;
    return find_number("/proc/meminfo", key, &kib) ? kib * 1024 : UINT64_MAX;
}

// A container's own control group, version 2; "max" there is no number and no limit.
static bool group_limit(uint64_t *out)
{
    return find_number("/sys/fs/cgroup/memory.max", "", out);
}

uint64_t fl_memory_total(void)
{
    uint64_t total = of_machine("MemTotal:"), limit = 0;
    return group_limit(&limit) && limit < total ? limit : total;
}

uint64_t fl_memory_available(void)
{
    uint64_t available = of_machine("MemAvailable:"), limit = 0, used = 0, cache = 0;

    if (!group_limit(&limit) || !find_number("/sys/fs/cgroup/memory.current", "", &used) ||
        !find_number("/sys/fs/cgroup/memory.stat", "file ", &cache))
        return available;
    used -= cache < used ? cache : used; // can be dropped
    uint64_t left = used < limit ? limit - used : 0;
    return left < available ? left : available;
}
