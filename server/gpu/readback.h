#pragma once

#include "gl.h"
#include "raster.h"
#include "reduce.h"

struct fl_frame;

// The way of finished pictures to the host: a ring of slots, each with what one frame is drawn into.
// Hardware copies into a pixel buffer behind a fence, so that the next frame is drawn meanwhile. A
// software renderer would block in that copy: there, one slot, read directly behind the fence.
// GPU thread only.
enum { FL_SLOTS = 3 };

struct fl_slot {
    struct fl_frame *frame; // whose it is; the ring's user's affair
    struct fl_target target;
    struct fl_rect piece; // of the frame's picture, at the target's (0, 0)
    GLuint stats;         // struct fl_stats, written by the passes
    GLuint copy;          // its first bytes, for the host
    GLuint pixels;        // pixel buffer
    size_t pixels_size;
    GLsync fence;
};

struct fl_readback {
    struct fl_slot slots[FL_SLOTS];
    unsigned size, first, used; // slots of the ring: all, the oldest in use, how many in use
    bool direct;
};

bool fl_readback_init(struct fl_readback *self, bool direct); // false (and logged): no memory
void fl_readback_finish(struct fl_readback *self); // zeroed is fine; frames are not touched

struct fl_slot *fl_readback_free(struct fl_readback *self);   // NULL: all are in use
struct fl_slot *fl_readback_oldest(struct fl_readback *self); // in use; NULL: none
void fl_readback_push(struct fl_readback *self,
                      struct fl_frame *frame);              // the free one gets its frame
struct fl_frame *fl_readback_pop(struct fl_readback *self); // the oldest is free again

bool fl_slot_target(struct fl_slot *slot, GLenum format, int32_t w, int32_t h);
// After the last draw into slot->target: sends its piece on the way.
void fl_slot_begin(struct fl_slot *slot, bool direct);
bool fl_slot_done(const struct fl_slot *slot, uint64_t nanoseconds); // waits at most so long
// Of a done slot: its piece into the picture `out`, row_pixels wide, `channels` bytes a pixel; and the
// statistics. False when the driver failed.
bool fl_slot_take(struct fl_slot *slot, bool direct, uint8_t *out, int32_t row_pixels,
                  int32_t channels);
bool fl_slot_stats(const struct fl_slot *slot, bool direct, struct fl_stats *out);
