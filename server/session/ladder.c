#include "ladder.h"

// Bits a pixel beside those of quality 90 at full resolution: of the paper's maps and of large ones,
// as measured. A reduced picture is busier, so its pixels take more.
static const struct rung {
    int32_t quality, shrink;
    double bits;
} rungs[] = {
    {95, 1, 1.45}, {90, 1, 1.0},  {85, 1, 0.8}, {75, 1, 0.58},
    {90, 2, 1.4},  {75, 2, 0.85}, {90, 4, 1.8}, {75, 4, 1.1},
};

enum { RUNGS = sizeof rungs / sizeof *rungs };

void fl_ladder_init(struct fl_ladder *ladder)
{
    *ladder = (struct fl_ladder){.jpeg = 2.5, .png = 5};
}

static double bytes_of(const struct fl_ladder *ladder, const struct rung *rung, size_t pixels)
{
    return (double)pixels / (rung->shrink * rung->shrink) * ladder->jpeg * rung->bits / 8;
}

static const struct rung *first_that_fits(const struct fl_ladder *ladder, size_t pixels,
                                          uint32_t budget)
{
    for (size_t i = 0; i < RUNGS; i++)
        if (bytes_of(ladder, &rungs[i], pixels) <= budget)
            return &rungs[i];
    return &rungs[RUNGS - 1];
}

struct fl_rung fl_ladder_choose(const struct fl_ladder *ladder, size_t pixels, uint32_t budget)
{
    if (budget == 0)
        return (struct fl_rung){{FL_ENC_PNG, 0, 0, 0}, 1};
    const struct rung *rung = first_that_fits(ladder, pixels, budget);
    // Trying costs the encoder time: only where it has a chance.
    bool png = rung->shrink == 1 && (double)pixels * ladder->png / 8 <= 1.1 * budget;

    return (struct fl_rung){{png ? FL_ENC_NONE : FL_ENC_JPEG, png ? budget : 0, rung->quality, 0},
                            rung->shrink};
}

static double bits_of(int32_t quality, int32_t shrink)
{
    for (size_t i = 0; i < RUNGS; i++)
        if (rungs[i].shrink == shrink && rungs[i].quality <= quality)
            return rungs[i].bits;
    return 1;
}

static double blend(double old, double sample)
{
    return 0.5 * old + 0.5 * sample;
}

void fl_ladder_learn(struct fl_ladder *ladder, const struct fl_frame *frame, size_t bytes,
                     int32_t shrink)
{
    double pixels = (double)frame->w * frame->h, bits = (double)bytes * 8 / pixels;
    const struct fl_encoding *asked = &frame->encoding;

    if (pixels < 1024) // all header
        return;
    if (frame->enc == FL_ENC_PNG && shrink == 1) {
        ladder->png = blend(ladder->png, bits);
    } else if (frame->enc == FL_ENC_JPEG) {
        ladder->jpeg = blend(ladder->jpeg, bits / bits_of(asked->quality, shrink));
        if (asked->enc == FL_ENC_NONE) { // the PNG did not fit: it takes more than that
            double over = 1.15 * asked->budget * 8 / pixels;
            ladder->png = ladder->png > over ? ladder->png : over;
        }
    }
}
