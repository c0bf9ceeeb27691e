#include "hurry.h"

enum {
    LEAST_PIXELS = 65536, // smaller exact pictures take about as long as a JPEG's own overhead
    QUALITY = 90,         // where loss begins to be seen only by those who search for it
};

bool fl_hurry_wanted(const struct fl_frame *frame, unsigned waiting, unsigned encoders)
{
    const struct fl_encoding *asked = &frame->encoding;
    bool large = (uint64_t)frame->w * (uint64_t)frame->h >= LEAST_PIXELS;
    bool png_first = asked->enc == FL_ENC_NONE && asked->strip == 0;

    return frame->moving && frame->render.output == FL_OUT_LEVELS && large && png_first &&
           waiting > encoders;
}

void fl_hurry(struct fl_frame *frame)
{
    frame->encoding = (struct fl_encoding){FL_ENC_JPEG, 0, QUALITY, 0};
}
