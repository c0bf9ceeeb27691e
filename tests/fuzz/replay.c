// Feeds every file of the directories given to a fuzz target, so that what a fuzzer once found is
// tried by every build. A directory that is missing or empty is an error.
// usage: fuzz_X DIRECTORY...
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int complain(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s\n", path, what);
    return -1;
}

static int feed(const char *path, FILE *file)
{
    long len = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (len < 0 || fseek(file, 0, SEEK_SET) != 0)
        return complain(path, strerror(errno));
    // Exactly as many bytes as there are, so that AddressSanitizer sees every step beyond them.
    uint8_t *bytes = malloc(len > 0 ? (size_t)len : 1);
    if (!bytes)
        return complain(path, "no memory");
    int result = 0;
    if (fread(bytes, 1, (size_t)len, file) == (size_t)len)
        LLVMFuzzerTestOneInput(bytes, (size_t)len);
    else
        result = complain(path, "could not be read");
    free(bytes);
    return result;
}

static int feed_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return complain(path, strerror(errno));
    int result = feed(path, file);
    fclose(file);
    return result;
}

// Returns how many files were fed, or -1.
static int feed_directory(const char *path)
{
    DIR *dir = opendir(path);
    int fed = 0;

    if (!dir)
        return complain(path, strerror(errno));
    for (const struct dirent *entry = readdir(dir); entry && fed >= 0; entry = readdir(dir)) {
        char full[4096];
        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(full, sizeof full, "%s/%s", path, entry->d_name) >= (int)sizeof full)
            fed = complain(path, "a name is too long");
        else
            fed = feed_file(full) < 0 ? -1 : fed + 1;
    }
    closedir(dir);
    return fed == 0 ? complain(path, "holds no file") : fed;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return -complain(argv[0], "name at least one directory of inputs");
    for (int i = 1; i < argc; i++) {
        int fed = feed_directory(argv[i]);
        if (fed < 0)
            return 1;
        fprintf(stderr, "%s: %d inputs\n", argv[i], fed);
    }
    return 0;
}
