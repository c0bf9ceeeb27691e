#include "waiting.h"

#include "server/base/mem.h"

#include <string.h>

void fl_waiting_finish(struct fl_waiting *self)
{
    free(self->frames);
    *self = (struct fl_waiting){0};
}

void fl_waiting_push(struct fl_waiting *self, struct fl_frame *frame)
{
    self->frames = fl_grow(self->frames, self->n, &self->room, sizeof(struct fl_frame *));
    self->frames[self->n++] = frame;
}

struct fl_frame *fl_waiting_remove(struct fl_waiting *self, size_t at)
{
    struct fl_frame *frame = self->frames[at];

    self->n--;
    memmove(&self->frames[at], &self->frames[at + 1], (self->n - at) * sizeof(struct fl_frame *));
    return frame;
}
