#pragma once

#include "shelf.h"

// Uploads under way: bytes that come in requests, one piece after the other, into hidden files of the
// shelf. The keeper's thread only; knows no sockets. Private to server/data but for the structs.
struct fl_uploads;

enum {
    FL_UPLOADS = 8,           // files that may be incomplete at once
    FL_UPLOAD_ID = 65,        // bytes of `id`, the terminator included
    FL_UPLOAD_PIECE = 8 << 20 // bytes of a piece
};

struct fl_piece { // bytes first .. last - 1 of a file of `total`
    uint64_t first, last, total;
    bool whole;     // the only one: broken off, nothing stays
    const char *id; // borrowed; another one is another upload
};

struct fl_upload; // one file

struct fl_uploads *fl_uploads_create(struct fl_shelf *shelf); // borrowed
void fl_uploads_destroy(struct fl_uploads *uploads);          // NULL is fine; drops them all
// Bytes that those under way will take.
uint64_t fl_uploads_reserved(const struct fl_uploads *uploads);

// A piece begins: what is checked before anything is stored. FL_ERR_ORDER: it is not the piece that
// is due, which begins at *due.
enum fl_err fl_uploads_begin(struct fl_uploads *uploads, const struct fl_named *named,
                             const struct fl_piece *piece, struct fl_upload **out, uint64_t *due,
                             struct fl_error *error) FL_CHECKED;
// The piece's next bytes. On an error the upload is dropped.
enum fl_err fl_upload_write(struct fl_upload *upload, const void *bytes, size_t len,
                            struct fl_error *error) FL_CHECKED;
void fl_upload_break(struct fl_upload *upload); // the rest of the piece does not come

// The piece is complete. *received: bytes from the file's start. With the last one the file is
// stored (shelf.h) and *done true; the upload is then only there to answer a repeated piece.
enum fl_err fl_upload_end(struct fl_upload *upload, const struct fl_catalogue_options *options,
                          uint64_t *received, bool *done, struct fl_error *error) FL_CHECKED;
bool fl_upload_is_done(const struct fl_upload *upload);
const char *fl_upload_scene(const struct fl_upload *upload);              // its name, borrowed
const struct fl_stored *fl_upload_stored(const struct fl_upload *upload); // once done
void fl_uploads_sweep(struct fl_uploads *uploads); // those that wait for a piece too long
