// Uploads without a network: pieces, the quota, what is stored and what is not.
#include "scenes.h"

#include "server/base/clock.h"
#include "server/data/upload.h"

#include <dirent.h>

// This program's time goes on when the test says so.
static uint64_t now = 1000000;

uint64_t fl_now_us(void)
{
    return now;
}

static const struct fl_catalogue_options reading;
static struct fl_shelf *shelf;
static struct fl_uploads *uploads;

static void begin(uint64_t quota)
{
    struct fl_error error = {0};

    EXPECT_INT(fl_shelf_open(at("up"), quota, &shelf, &error), FL_OK);
    uploads = fl_uploads_create(shelf);
}

static void end(void)
{
    fl_uploads_destroy(uploads);
    fl_shelf_close(shelf);
}

static struct fl_named map_named(const char *scene, const char *layer)
{
    return (struct fl_named){.thing = FL_THING_MAP, .scene = scene, .layer = layer};
}

// Bytes first .. last - 1 of `bytes`: where the server wants to go on, or what it says.
struct came {
    enum fl_err err;
    uint64_t received, due;
    bool done, created;
    char text[480];
};

static struct came send(const struct fl_named *named, const struct bytes *file, uint64_t first,
                        uint64_t last)
{
    struct fl_piece piece = {first, last, file->len, first == 0 && last == file->len, ""};
    struct fl_upload *upload = NULL;
    struct fl_error error = {0};
    struct came came = {0};

    came.err = fl_uploads_begin(uploads, named, &piece, &upload, &came.due, &error);
    if (!came.err)
        came.err = fl_upload_write(upload, file->at + first, (size_t)(last - first), &error);
    if (!came.err)
        came.err = fl_upload_end(upload, &reading, &came.received, &came.done, &error);
    if (!came.err && came.done)
        came.created = fl_upload_stored(upload)->created;
    EXPECT_INT(error.code, came.err);
    memcpy(came.text, error.text, sizeof came.text);
    return came;
}

static struct bytes npy(int a, int b, int c)
{
    static uint8_t ones[3500];
    char dict[128];

    snprintf(dict, sizeof dict, "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d, %d)}",
             a, b, c);
    return npy_of(1, dict, ones, (size_t)a * (size_t)b * (size_t)c);
}

static bool is_there(const char *name)
{
    return access(at(name), F_OK) == 0;
}

static size_t count_hidden(void)
{
    DIR *dir = opendir(at("up"));
    size_t n = 0;

    EXPECT(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        n += strncmp(entry->d_name, ".upload-", 8) == 0;
    closedir(dir);
    return n;
}

static struct came send_in_pieces(const struct fl_named *named, const struct bytes *file,
                                  uint64_t size)
{
    struct came came = {0};

    for (uint64_t from = 0; from < file->len; from += size) {
        uint64_t to = from + size < file->len ? from + size : file->len;
        came = send(named, file, from, to);
        EXPECT_INT(came.err, FL_OK);
        EXPECT_INT(came.received, to);
        EXPECT_INT(came.done, to == file->len);
    }
    return came;
}

static void test_pieces_in_any_number_make_the_file(void)
{
    struct bytes file = npy(6, 5, 40);
    struct fl_named named = map_named("s", "m");

    begin(1 << 20);
    for (uint64_t size = 1; size < 2 * file.len; size = size * 3 + 7) {
        EXPECT_INT(send_in_pieces(&named, &file, size).created, size == 1);
        EXPECT_INT(count_hidden(), 0);
        EXPECT_INT(fl_uploads_reserved(uploads), 0);
        EXPECT_INT(fl_shelf_used(shelf), file.len);
    }
    EXPECT(is_there("up/s/m.npy") && !is_there("up/s/scene.json"));
    end();
}

static void test_a_gap_tells_what_is_due(void)
{
    struct bytes file = npy(6, 5, 40);
    struct fl_named named = map_named("s", "m");

    begin(1 << 20);
    struct came came = send(&named, &file, 10, 20);
    EXPECT_INT(came.err, FL_ERR_ORDER);
    EXPECT_INT(came.due, 0);
    EXPECT_INT(send(&named, &file, 0, 100).received, 100);
    came = send(&named, &file, 101, 200);
    EXPECT_INT(came.err, FL_ERR_ORDER);
    EXPECT_INT(came.due, 100);
    EXPECT_INT(send(&named, &file, 50, 70).received, 100); // again
    EXPECT_INT(send(&named, &file, 50, 150).received, 150);
    struct bytes other = npy(6, 5, 41);
    EXPECT_INT(send(&named, &other, 150, 200).err, FL_ERR_ORDER); // of another length
    EXPECT_INT(send(&named, &file, 150, file.len).err, FL_OK);
    EXPECT(send(&named, &file, 150, file.len).done); // its answer was not heard
    EXPECT(!is_there("up/s/scene.json"));
    end();
    EXPECT_INT(count_hidden(), 0);
}

static void test_the_quota_counts_what_is_announced(void)
{
    struct bytes file = npy(6, 5, 40), larger = npy(6, 5, 41);
    struct fl_named a = map_named("s", "a"), b = map_named("s", "b");

    begin(2 * file.len);
    EXPECT(send(&a, &file, 0, file.len).done);
    EXPECT_INT(send(&b, &larger, 0, 10).err, FL_ERR_TOO_BIG);
    EXPECT_INT(count_hidden(), 0);
    EXPECT_INT(send(&b, &file, 0, 10).err, FL_OK);
    EXPECT_INT(fl_uploads_reserved(uploads), file.len);
    struct fl_named c = map_named("t", "c");
    EXPECT_INT(send(&c, &file, 0, 10).err, FL_ERR_TOO_BIG);
    EXPECT_INT(send(&a, &file, 0, file.len).err, FL_OK); // in the place of itself
    EXPECT_INT(send(&a, &larger, 0, 10).err, FL_ERR_TOO_BIG);
    EXPECT(is_there("up/s/a.npy") && !is_there("up/t"));
    end();
    EXPECT_INT(count_hidden(), 0); // what was not complete goes with the server
}

static void test_a_file_that_cannot_be_read_leaves_nothing(void)
{
    struct bytes file = npy(6, 5, 40);
    struct fl_named named = map_named("s", "m"),
                    picture = {.thing = FL_THING_PICTURE, .scene = "s"};

    begin(1 << 20);
    file.at[0] = 'x';
    EXPECT_INT(send(&named, &file, 0, file.len).err, FL_ERR_FORMAT);
    EXPECT_INT(send(&picture, &file, 0, file.len).err, FL_ERR_FORMAT);
    file = npy(6, 5, 40);
    file.len--;
    struct came came = send(&named, &file, 0, file.len);
    EXPECT_INT(came.err, FL_ERR_FORMAT);
    EXPECT(strncmp(came.text, "m.npy ", 6) == 0 && !strstr(came.text, "/"));
    EXPECT(count_hidden() == 0 && !is_there("up/s") && fl_uploads_reserved(uploads) == 0);
    end();
}

static void test_another_format_takes_the_place_of_the_first(void)
{
    struct bytes file = npy(6, 5, 40), zip = {0};
    struct fl_named named = map_named("s", "m"), other = map_named("s", "m.2");
    struct fl_error error = {0};

    put_ifealid("a.zip", false);
    FILE *in = fopen(at("a.zip"), "rb");
    zip.len = fread(zip.at, 1, sizeof zip.at, in);
    fclose(in);
    begin(1 << 20);
    named.spec.layout = FL_LAYOUT_CHW;
    EXPECT(send(&named, &file, 0, file.len).created);
    EXPECT(is_there("up/s/scene.json")); // for the layout
    EXPECT(send(&other, &file, 0, file.len).created);
    named.spec.layout = FL_LAYOUT_AUTO;
    EXPECT(!send(&named, &zip, 0, zip.len).created);
    EXPECT(is_there("up/s/m.zip") && !is_there("up/s/m.npy") && is_there("up/s/m.2.npy"));
    EXPECT(!is_there("up/s/scene.json")); // the files say it all
    EXPECT_INT(fl_shelf_remove(shelf, &named, &error), FL_OK);
    EXPECT_INT(fl_shelf_remove(shelf, &named, &error), FL_ERR_NOT_FOUND);
    EXPECT(!is_there("up/s/m.zip") && is_there("up/s/m.2.npy"));
    EXPECT_INT(fl_shelf_remove(shelf, &other, &error), FL_OK);
    EXPECT(!is_there("up/s"));
    end();
}

static void test_a_piece_that_breaks_off_can_be_sent_again(void)
{
    struct bytes file = npy(6, 5, 40);
    struct fl_named named = map_named("s", "m");
    struct fl_piece whole = {0, file.len, file.len, true, ""};
    struct fl_piece piece = {100, 200, file.len, false, ""};
    struct fl_upload *upload = NULL, *second = NULL;
    struct fl_error error = {0};
    uint64_t due = 0;

    begin(1 << 20);
    EXPECT_INT(fl_uploads_begin(uploads, &named, &whole, &upload, &due, &error), FL_OK);
    EXPECT_INT(fl_uploads_begin(uploads, &named, &whole, &second, &due, &error), FL_ERR_FLOOD);
    EXPECT_INT(fl_upload_write(upload, file.at, 50, &error), FL_OK);
    EXPECT_INT(count_hidden(), 1);
    fl_upload_break(upload);
    EXPECT_INT(count_hidden(), 0);
    EXPECT_INT(send(&named, &file, 0, 100).received, 100);
    EXPECT_INT(fl_uploads_begin(uploads, &named, &piece, &upload, &due, &error), FL_OK);
    EXPECT_INT(fl_upload_write(upload, "wrong", 5, &error), FL_OK);
    fl_upload_break(upload);
    EXPECT_INT(count_hidden(), 1);
    EXPECT(send(&named, &file, 100, file.len).done);
    end();
}

static void test_one_that_waits_15_minutes_for_its_next_piece_is_forgotten(void)
{
    const uint64_t minute = 60000000;
    struct bytes file = npy(6, 5, 40);
    struct fl_named idle = map_named("s", "idle"), done = map_named("s", "done"),
                    busy = map_named("s", "busy");
    struct fl_piece piece = {0, 10, file.len, false, ""};
    struct fl_upload *upload = NULL;
    struct fl_error error = {0};
    uint64_t due = 0;

    begin(1 << 20);
    EXPECT_INT(send(&idle, &file, 0, 10).err, FL_OK);
    now += 15 * minute - 1;
    fl_uploads_sweep(uploads);
    EXPECT_INT(send(&idle, &file, 10, 20).received, 20); // it counts from the last piece
    EXPECT(send(&done, &file, 0, file.len).done);
    EXPECT_INT(fl_uploads_begin(uploads, &busy, &piece, &upload, &due, &error), FL_OK);
    now += 15 * minute - 1;
    fl_uploads_sweep(uploads);
    EXPECT_INT(count_hidden(), 2);
    EXPECT_INT(fl_uploads_reserved(uploads), 2 * file.len);

    now += 1;
    fl_uploads_sweep(uploads);
    EXPECT_INT(count_hidden(), 1); // the one whose piece is coming, slowly
    EXPECT_INT(fl_uploads_reserved(uploads), file.len);
    struct came came = send(&idle, &file, 20, 30);
    EXPECT_INT(came.err, FL_ERR_ORDER);
    EXPECT_INT(came.due, 0);
    EXPECT(strstr(came.text, "begin with the first byte"));
    EXPECT(is_there("up/s/done.npy")); // its answer alone is forgotten
    EXPECT_INT(send(&idle, &file, 0, file.len).err, FL_OK);
    EXPECT_INT(fl_upload_write(upload, file.at, 10, &error), FL_OK);
    bool complete = true;
    uint64_t received = 0;
    EXPECT_INT(fl_upload_end(upload, &reading, &received, &complete, &error), FL_OK);
    EXPECT_INT(received, 10);
    EXPECT(!complete);
    end();
    EXPECT_INT(count_hidden(), 0);
}

static void test_names_are_checked(void)
{
    static const char *const bad[] = {"", ".", "..", ".x", "a/b", "a\nb", "\xff", "../x"};
    struct bytes file = npy(6, 5, 40);

    begin(1 << 20);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fl_named scene = map_named(bad[i], "m"), layer = map_named("s", bad[i]);
        EXPECT_INT(send(&scene, &file, 0, file.len).err, FL_ERR_FORMAT);
        EXPECT_INT(send(&layer, &file, 0, file.len).err, FL_ERR_FORMAT);
    }
    make_dir("outside");
    EXPECT_INT(symlink(at("outside"), at("up/s")), 0);
    struct fl_named link = map_named("s", "m");
    EXPECT_INT(send(&link, &file, 0, file.len).err, FL_ERR_FORBIDDEN);
    EXPECT_INT(fl_shelf_open_scene(shelf, "s"), -1);
    unlink(at("up/s"));
    end();
}

int main(void)
{
    RUN_IN_FOLDER(test_pieces_in_any_number_make_the_file);
    RUN_IN_FOLDER(test_a_gap_tells_what_is_due);
    RUN_IN_FOLDER(test_the_quota_counts_what_is_announced);
    RUN_IN_FOLDER(test_a_file_that_cannot_be_read_leaves_nothing);
    RUN_IN_FOLDER(test_another_format_takes_the_place_of_the_first);
    RUN_IN_FOLDER(test_a_piece_that_breaks_off_can_be_sent_again);
    RUN_IN_FOLDER(test_one_that_waits_15_minutes_for_its_next_piece_is_forgotten);
    RUN_IN_FOLDER(test_names_are_checked);
    return 0;
}
