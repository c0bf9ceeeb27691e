#include "server/data/mapping.h"

#include "npy_files.h"

#include "server/base/parallel.h"
#include "server/data/source.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { PAGES = 5, SURVIVED = 42 };

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

// A file of PAGES pages of 0x5a, and a bit more.
static size_t fill_file(const char *path)
{
    size_t len = PAGES * page_size() + 100;
    uint8_t *bytes = malloc(len);

    EXPECT(bytes);
    memset(bytes, 0x5a, len);
    save_bytes(path, bytes, len);
    free(bytes);
    return len;
}

static const char *in_folder(const struct folder *folder, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", folder->path, name);
    return path;
}

static struct fl_mapping *open_mapping(const char *path)
{
    struct fl_mapping *mapping = NULL;
    struct fl_error error = {0};

    if (fl_mapping_open(path, &mapping, &error)) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    return mapping;
}

static void test_a_file_that_shrinks_reads_as_zeros_and_is_gone(void)
{
    struct folder folder = make_folder();
    char path[PATH_MAX];
    size_t len = fill_file(in_folder(&folder, "a", path)), page = page_size();
    struct fl_mapping *mapping = open_mapping(path), *other = open_mapping(path);
    const volatile uint8_t *bytes = fl_mapping_bytes(mapping);

    EXPECT_INT(fl_mapping_len(mapping), len);
    EXPECT(bytes[len - 1] == 0x5a && !fl_mapping_gone(mapping) && !fl_mapping_check(mapping));
    EXPECT_INT(truncate(path, (off_t)(2 * page)), 0);
    EXPECT_INT(bytes[2 * page - 1], 0x5a);
    EXPECT(!fl_mapping_gone(mapping)); // nothing was read beyond the end yet
    EXPECT_INT(bytes[3 * page + 7], 0);
    EXPECT(fl_mapping_gone(mapping));
    EXPECT_INT(bytes[2 * page], 0); // before the first fault, and beyond the end
    EXPECT_INT(bytes[len - 1], 0);
    EXPECT_INT(bytes[2 * page - 1], 0x5a);
    EXPECT(!fl_mapping_gone(other)); // each has its own guard
    EXPECT(fl_mapping_check(other));
    fl_mapping_close(mapping);
    fl_mapping_close(other);
    remove_folder(&folder);
}

static void test_a_file_that_is_written_is_gone_when_asked(void)
{
    struct folder folder = make_folder();
    char path[PATH_MAX], next[PATH_MAX];
    size_t len = fill_file(in_folder(&folder, "a", path));
    struct fl_mapping *mapping = open_mapping(path);

    // Another file in its place leaves the one that is open as it was.
    fill_file(in_folder(&folder, "b", next));
    EXPECT_INT(rename(next, path), 0);
    EXPECT(!fl_mapping_check(mapping));
    EXPECT_INT(unlink(path), 0);
    EXPECT(!fl_mapping_check(mapping));
    fl_mapping_close(mapping);

    EXPECT_INT(fill_file(path), len);
    mapping = open_mapping(path);
    const struct timespec times[2] = {{1, 0}, {1, 1}};
    EXPECT_INT(utimensat(AT_FDCWD, path, times, 0), 0); // as a write does
    EXPECT(!fl_mapping_gone(mapping) && fl_mapping_check(mapping) && fl_mapping_gone(mapping));
    fl_mapping_close(mapping);
    remove_folder(&folder);
}

static void test_an_empty_file_has_no_bytes(void)
{
    struct folder folder = make_folder();
    char path[PATH_MAX];

    save_bytes(in_folder(&folder, "a", path), "", 0);
    struct fl_mapping *mapping = open_mapping(path);
    EXPECT(!fl_mapping_bytes(mapping) && fl_mapping_len(mapping) == 0 && !fl_mapping_gone(mapping));
    fl_mapping_close(mapping);
    remove_folder(&folder);
}

static void test_guards_are_given_back(void)
{
    struct folder folder = make_folder();
    char path[PATH_MAX];

    fill_file(in_folder(&folder, "a", path));
    for (int i = 0; i < 5000; i++)
        fl_mapping_close(open_mapping(path));
    struct fl_mapping *mapping = open_mapping(path);
    EXPECT(!fl_mapping_gone(mapping));
    fl_mapping_close(mapping);
    remove_folder(&folder);
}

struct readers {
    const uint8_t *bytes;
    size_t len;
};

static void read_all(void *user, size_t job)
{
    const struct readers *readers = user;
    const volatile uint8_t *bytes = readers->bytes;

    for (size_t i = 0; i < readers->len; i += 512)
        EXPECT(bytes[(i + job * 4099) % readers->len] == 0); // never anything but zeros
}

static void test_many_threads_may_fault_at_once(void)
{
    struct folder folder = make_folder();
    char path[PATH_MAX];
    size_t len = fill_file(in_folder(&folder, "a", path));
    struct fl_mapping *mapping = open_mapping(path);
    struct readers readers = {fl_mapping_bytes(mapping), len};

    EXPECT_INT(truncate(path, 0), 0);
    fl_parallel(64, read_all, &readers);
    EXPECT(fl_mapping_gone(mapping));
    fl_mapping_close(mapping);
    remove_folder(&folder);
}

static void test_a_map_whose_file_shrinks_says_so(void)
{
    struct folder folder = make_folder();
    struct fl_error error = {0};
    float vector[8];
    char path[PATH_MAX];
    const size_t n = 32768; // 64 x 64 x 8
    size_t len = n * sizeof(float);
    float *values = calloc(1, len);

    EXPECT(values);
    for (size_t i = 0; i < n; i++)
        values[i] = 1;
    save_bytes(in_folder(&folder, "a", path), values, len);
    free(values);
    struct fl_mapping *mapping = open_mapping(path);
    struct fl_map_source source = fl_map_source_of(fl_mapping_bytes(mapping), 64, 64, 8);
    source.mapping = mapping;
    struct fl_map *map = fl_map_create("conv4", &source, (double[]){0, 0, 64, 64});
    EXPECT_INT(fl_map_load(map, FL_NORMS_ZERO, &error), FL_OK);
    EXPECT(!fl_map_gone(map));
    EXPECT_INT(truncate(path, 0), 0);
    fl_map_read_vector(map, 3, 60, vector);
    EXPECT(fl_map_gone(map) && vector[0] == 0);
    EXPECT_INT(fl_map_load(map, FL_NORMS_MIN, &error), FL_ERR_GONE);
    EXPECT(strstr(error.text, "conv4") && !fl_map_loaded(map, FL_NORMS_MIN));
    EXPECT(fl_map_loaded(map, FL_NORMS_ZERO)); // what was published stays
    fl_map_unref(map);
    remove_folder(&folder);
}

// Runs in a child whose death is expected; returns how it ended.
static int status_of(void (*run)(const char *path), const char *path)
{
    const struct rlimit no_core = {0, 0};
    int status = 0;

    fflush(stderr);
    pid_t pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &no_core);
        EXPECT(freopen("/dev/null", "w", stderr)); // a sanitizer's report of it
        run(path);
        _exit(SURVIVED);
    }
    EXPECT(waitpid(pid, &status, 0) == pid);
    return status;
}

static void fault_elsewhere(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const volatile uint8_t *bytes = mmap(NULL, page_size(), PROT_READ, MAP_PRIVATE, fd, 0);

    if (bytes == MAP_FAILED || truncate(path, 0) != 0 || bytes[0] != 0)
        _exit(SURVIVED);
}

static void send_sigbus(const char *path)
{
    (void)path;
    raise(SIGBUS);
}

static void test_another_sigbus_ends_the_process_as_ever(void)
{
    struct folder folder = make_folder();
    char path[PATH_MAX], other[PATH_MAX];

    fill_file(in_folder(&folder, "a", path));
    fill_file(in_folder(&folder, "b", other));
    struct fl_mapping *mapping = open_mapping(path); // the handler is there
    int fault = status_of(fault_elsewhere, other), sent = status_of(send_sigbus, other);
    // Killed, or ended by a sanitizer, whose handler was there before ours.
    EXPECT(WIFSIGNALED(fault) || WEXITSTATUS(fault) != SURVIVED);
    EXPECT(WIFSIGNALED(sent) || WEXITSTATUS(sent) != SURVIVED);
    fl_mapping_close(mapping);
    remove_folder(&folder);
}

int main(void)
{
    RUN(test_a_file_that_shrinks_reads_as_zeros_and_is_gone);
    RUN(test_a_file_that_is_written_is_gone_when_asked);
    RUN(test_an_empty_file_has_no_bytes);
    RUN(test_guards_are_given_back);
    RUN(test_many_threads_may_fault_at_once);
    RUN(test_a_map_whose_file_shrinks_says_so);
    RUN(test_another_sigbus_ends_the_process_as_ever);
    return 0;
}
