#pragma once

#include "../test.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

// .npy files for tests, made here or by NumPy, and folders to put them into.

struct bytes {
    uint8_t at[4096];
    size_t len;
};

// A file of version 1 to 3 with this text as its header and n bytes of `data` behind it.
static inline struct bytes npy_of(unsigned version, const char *dict, const void *data, size_t n)
{
    struct bytes file = {.at = {0x93, 'N', 'U', 'M', 'P', 'Y', (uint8_t)version}};
    size_t len = strlen(dict), prefix = version == 1 ? 10 : 12;

    EXPECT(prefix + len + n <= sizeof file.at);
    file.at[8] = (uint8_t)len;
    file.at[9] = (uint8_t)(len >> 8);
    memcpy(file.at + prefix, dict, len);
    if (n > 0)
        memcpy(file.at + prefix + len, data, n);
    file.len = prefix + len + n;
    return file;
}

static inline void save_bytes(const char *path, const void *at, size_t len)
{
    FILE *file = fopen(path, "wb");

    EXPECT(file && fwrite(at, 1, len, file) == len);
    EXPECT(fclose(file) == 0);
}

// An empty folder of its own; remove_folder takes it away with all that is in it.
struct folder {
    char path[64];
};

static inline struct folder make_folder(void)
{
    struct folder folder = {"/tmp/farlook-test-XXXXXX"};

    EXPECT(mkdtemp(folder.path));
    return folder;
}

// Runs a program found by PATH; its exit status.
static inline int run_program(char *const argv[])
{
    int status = 0;
    pid_t pid = fork();

    EXPECT(pid >= 0);
    if (pid == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    EXPECT(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void remove_folder(struct folder *folder)
{
    EXPECT_INT(run_program((char *[]){(char[]){"rm"}, (char[]){"-rf"}, folder->path, NULL}), 0);
}

// All of a file, from malloc.
static inline void *load_bytes(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");

    EXPECT(file && fseek(file, 0, SEEK_END) == 0);
    *len = (size_t)ftell(file);
    rewind(file);
    void *at = malloc(*len ? *len : 1);
    EXPECT(at && fread(at, 1, *len, file) == *len);
    fclose(file);
    return at;
}
