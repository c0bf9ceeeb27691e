#include "waiting.h"

#include "server/base/mem.h"

#include <string.h>

void fl_waiting_finish(struct fl_waiting *self)
{
    free(self->frames);
    *self = (struct fl_waiting){0};
}

static void make_room_for_one(struct fl_waiting *self)
{
    if (self->n < self->room)
        return;
    size_t room = self->room ? 2 * self->room : 16;
    struct fl_frame **list = fl_calloc(room, sizeof(struct fl_frame *));
    if (self->n > 0)
        memcpy(list, self->frames, self->n * sizeof(struct fl_frame *));
    free(self->frames);
    self->frames = list;
    self->room = room;
}

void fl_waiting_push(struct fl_waiting *self, struct fl_frame *frame)
{
    make_room_for_one(self);
    self->frames[self->n++] = frame;
}

struct fl_frame *fl_waiting_remove(struct fl_waiting *self, size_t at)
{
    struct fl_frame *frame = self->frames[at];

    self->n--;
    memmove(&self->frames[at], &self->frames[at + 1], (self->n - at) * sizeof(struct fl_frame *));
    return frame;
}
