#include "server/data/new_file.h"

#include "files.h"
#include "npy_files.h"

#include <dirent.h>
#include <sys/stat.h>

static struct folder folder; // a new one for each test
static char path[4200];      // the file that is made in it

static int count_files(void)
{
    DIR *dir = opendir(folder.path);
    int n = 0;

    EXPECT(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void expect_content(const char *want)
{
    char got[64] = "";
    FILE *file = fopen(path, "rb");

    EXPECT(file);
    EXPECT_INT(fread(got, 1, sizeof got - 1, file), strlen(want));
    fclose(file);
    EXPECT(strcmp(got, want) == 0);
}

static struct fl_new_file *begin(bool replace, const char *text)
{
    struct fl_new_file *file = NULL;
    struct fl_error error = {0};

    EXPECT_INT(fl_new_file_create(path, replace, &file, &error), FL_OK);
    EXPECT_INT(fl_new_file_write(file, text, strlen(text), &error), FL_OK);
    return file;
}

static void keep(struct fl_new_file *file)
{
    struct fl_error error = {0};

    EXPECT_INT(fl_new_file_keep(file, &error), FL_OK);
}

static void expect_refused(enum fl_err err, const struct fl_error *error, const char *says)
{
    EXPECT_INT(err, FL_ERR_IO);
    if (!strstr(error->text, says) || !strstr(error->text, path)) {
        fprintf(stderr, "%s\n", error->text);
        exit(1);
    }
}

static void test_it_is_not_there_before_it_is_complete(void)
{
    struct fl_new_file *file = begin(false, "whole");

    EXPECT(access(path, F_OK) != 0);
    keep(file);
    expect_content("whole");
    EXPECT_INT(count_files(), 1);
}

static void test_it_has_the_rights_of_any_new_file(void)
{
    struct stat info;
    mode_t mask = umask(027);

    keep(begin(false, "x"));
    umask(mask);
    EXPECT(stat(path, &info) == 0);
    EXPECT_INT(info.st_mode & 0777, 0640);
}

static void test_what_is_dropped_leaves_nothing(void)
{
    fl_new_file_drop(begin(false, "half"));
    fl_new_file_drop(NULL);
    EXPECT_INT(count_files(), 0);
}

static void test_what_was_there_is_refused(void)
{
    struct fl_new_file *file = NULL;
    struct fl_error error = {0};

    keep(begin(false, "old"));
    expect_refused(fl_new_file_check(path, false, &error), &error, "--force");
    expect_refused(fl_new_file_create(path, false, &file, &error), &error, "--force");
    EXPECT(!file);
    expect_content("old");
}

static void test_what_came_meanwhile_is_not_replaced(void)
{
    struct fl_new_file *late = begin(false, "late"), *early = begin(false, "early");
    struct fl_error error = {0};

    keep(early);
    expect_refused(fl_new_file_keep(late, &error), &error, "--force");
    expect_content("early");
    EXPECT_INT(count_files(), 1);
}

static void test_what_is_replaced_stays_until_then(void)
{
    keep(begin(false, "old"));
    fl_new_file_drop(begin(true, "never"));
    expect_content("old");
    struct fl_new_file *file = begin(true, "new");
    expect_content("old");
    keep(file);
    expect_content("new");
    EXPECT_INT(count_files(), 1);
}

static void test_what_is_no_plain_file_is_refused(void)
{
    struct fl_error error = {0};

    EXPECT(mkdir(path, 0700) == 0);
    expect_refused(fl_new_file_check(path, true, &error), &error, "plain file");
    EXPECT(rmdir(path) == 0);
}

static void test_a_folder_that_is_not_there_is_told(void)
{
    struct fl_new_file *file = NULL;
    struct fl_error error = {0};

    snprintf(path, sizeof path, "%s/none/file", folder.path);
    expect_refused(fl_new_file_create(path, false, &file, &error), &error, "No such file");
}

#define RUN_IN_FOLDER(test)                                                                        \
    do {                                                                                           \
        fprintf(stderr, "%s\n", #test);                                                            \
        folder = make_folder();                                                                    \
        snprintf(path, sizeof path, "%s/file", folder.path);                                       \
        test();                                                                                    \
        remove_folder(&folder);                                                                    \
    } while (0)

int main(void)
{
    RUN_IN_FOLDER(test_it_is_not_there_before_it_is_complete);
    RUN_IN_FOLDER(test_it_has_the_rights_of_any_new_file);
    RUN_IN_FOLDER(test_what_is_dropped_leaves_nothing);
    RUN_IN_FOLDER(test_what_was_there_is_refused);
    RUN_IN_FOLDER(test_what_came_meanwhile_is_not_replaced);
    RUN_IN_FOLDER(test_what_is_replaced_stays_until_then);
    RUN_IN_FOLDER(test_what_is_no_plain_file_is_refused);
    RUN_IN_FOLDER(test_a_folder_that_is_not_there_is_told);
    return 0;
}
