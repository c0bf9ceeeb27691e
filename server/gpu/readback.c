#define LOG_MODULE "readback"
#include "readback.h"

#include "server/base/log.h"

#include <stdlib.h>
#include <string.h>

bool fl_readback_init(struct fl_readback *self, bool direct)
{
    *self = (struct fl_readback){.size = direct ? 1 : FL_SLOTS, .direct = direct};
    for (unsigned i = 0; i < self->size; i++) {
        struct fl_slot *slot = &self->slots[i];
        slot->stats =
            fl_gl_buffer(GL_SHADER_STORAGE_BUFFER, sizeof(struct fl_stats), GL_DYNAMIC_COPY);
        slot->copy = fl_gl_buffer(GL_COPY_WRITE_BUFFER, FL_STATS_READ, GL_STREAM_READ);
        if (!slot->stats || !slot->copy) {
            log_error("no room for the results of a frame");
            return false;
        }
    }
    return true;
}

void fl_readback_finish(struct fl_readback *self)
{
    for (unsigned i = 0; i < self->size; i++) {
        struct fl_slot *slot = &self->slots[i];
        fl_target_finish(&slot->target);
        glDeleteBuffers(1, &slot->stats);
        glDeleteBuffers(1, &slot->copy);
        glDeleteBuffers(1, &slot->pixels);
        if (slot->fence)
            glDeleteSync(slot->fence);
    }
    *self = (struct fl_readback){0};
}

struct fl_slot *fl_readback_free(struct fl_readback *self)
{
    if (self->used == self->size)
        return NULL;
    return &self->slots[(self->first + self->used) % self->size];
}

struct fl_slot *fl_readback_oldest(struct fl_readback *self)
{
    return self->used > 0 ? &self->slots[self->first] : NULL;
}

void fl_readback_push(struct fl_readback *self, struct fl_frame *frame)
{
    fl_readback_free(self)->frame = frame;
    self->used++;
}

struct fl_frame *fl_readback_pop(struct fl_readback *self)
{
    struct fl_slot *slot = fl_readback_oldest(self);
    struct fl_frame *frame = slot->frame;

    slot->frame = NULL;
    self->first = (self->first + 1) % self->size;
    self->used--;
    return frame;
}

bool fl_slot_target(struct fl_slot *slot, GLenum format, int32_t w, int32_t h)
{
    struct fl_target *target = &slot->target;

    if (target->texture && target->format == format && target->w == w && target->h == h)
        return true;
    fl_target_finish(target);
    return fl_target_init(target, format, w, h);
}

static size_t piece_bytes(const struct fl_slot *slot)
{
    return (size_t)slot->piece.w * (size_t)slot->piece.h * fl_target_texel(&slot->target);
}

static void copy_pixels(struct fl_slot *slot)
{
    size_t size = piece_bytes(slot);

    if (!slot->pixels)
        glGenBuffers(1, &slot->pixels);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, slot->pixels);
    if (slot->pixels_size != size)
        glBufferData(GL_PIXEL_PACK_BUFFER, (GLsizeiptr)size, NULL, GL_STREAM_READ);
    slot->pixels_size = size;
    glBindFramebuffer(GL_FRAMEBUFFER, slot->target.fbo);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glPixelStorei(GL_PACK_ROW_LENGTH, 0);
    glReadPixels(0, 0, slot->piece.w, slot->piece.h, slot->target.read_format,
                 slot->target.read_type, NULL);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    glBindBuffer(GL_COPY_READ_BUFFER, slot->stats);
    glBindBuffer(GL_COPY_WRITE_BUFFER, slot->copy);
    glCopyBufferSubData(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, 0, 0, FL_STATS_READ);
}

void fl_slot_begin(struct fl_slot *slot, bool direct)
{
    if (!direct)
        copy_pixels(slot);
    if (slot->fence)
        glDeleteSync(slot->fence);
    slot->fence = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
    glFlush();
}

bool fl_slot_done(const struct fl_slot *slot, uint64_t nanoseconds)
{
    GLenum state = glClientWaitSync(slot->fence, GL_SYNC_FLUSH_COMMANDS_BIT, nanoseconds);
    return state != GL_TIMEOUT_EXPIRED; // a failure shows when it is read
}

// Rows of texels, tightly packed, into the picture: of each the first `channels` bytes.
static void unpack(const struct fl_slot *slot, const uint8_t *in, uint8_t *out, size_t row,
                   size_t channels)
{
    size_t texel = fl_target_texel(&slot->target), w = (size_t)slot->piece.w;

    for (int32_t y = 0; y < slot->piece.h; y++, in += w * texel, out += row) {
        if (texel == channels) {
            memcpy(out, in, w * texel);
            continue;
        }
        for (size_t x = 0; x < w; x++)
            memcpy(out + x * channels, in + x * texel, channels);
    }
}

static bool take_mapped(struct fl_slot *slot, uint8_t *out, size_t row, size_t channels)
{
    glBindBuffer(GL_PIXEL_PACK_BUFFER, slot->pixels);
    const uint8_t *in =
        glMapBufferRange(GL_PIXEL_PACK_BUFFER, 0, (GLsizeiptr)slot->pixels_size, GL_MAP_READ_BIT);
    if (in)
        unpack(slot, in, out, row, channels);
    bool ok = in && glUnmapBuffer(GL_PIXEL_PACK_BUFFER);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    return ok;
}

static bool take_directly(struct fl_slot *slot, uint8_t *out, int32_t row_pixels, size_t channels)
{
    const struct fl_target *target = &slot->target;
    bool same = fl_target_texel(target) == channels;
    uint8_t *packed = same ? NULL : malloc(piece_bytes(slot));

    if (!same && !packed)
        return false;
    glBindFramebuffer(GL_FRAMEBUFFER, target->fbo);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glPixelStorei(GL_PACK_ROW_LENGTH, same ? row_pixels : 0);
    glReadPixels(0, 0, slot->piece.w, slot->piece.h, target->read_format, target->read_type,
                 same ? out : packed);
    glPixelStorei(GL_PACK_ROW_LENGTH, 0);
    if (!same)
        unpack(slot, packed, out, (size_t)row_pixels * channels, channels);
    free(packed);
    return true;
}

bool fl_slot_take(struct fl_slot *slot, bool direct, uint8_t *out, int32_t row_pixels,
                  int32_t channels)
{
    size_t row = (size_t)row_pixels * (size_t)channels;
    uint8_t *at = out + (size_t)slot->piece.y * row + (size_t)slot->piece.x * (size_t)channels;
    bool ok = direct ? take_directly(slot, at, row_pixels, (size_t)channels)
                     : take_mapped(slot, at, row, (size_t)channels);

    return fl_gl_ok("read") && ok;
}

bool fl_slot_stats(const struct fl_slot *slot, bool direct, struct fl_stats *out)
{
    *out = (struct fl_stats){0};
    glBindBuffer(GL_COPY_READ_BUFFER, direct ? slot->stats : slot->copy);
    const void *in = glMapBufferRange(GL_COPY_READ_BUFFER, 0, FL_STATS_READ, GL_MAP_READ_BIT);
    if (in)
        memcpy(out, in, FL_STATS_READ);
    return in && glUnmapBuffer(GL_COPY_READ_BUFFER);
}
