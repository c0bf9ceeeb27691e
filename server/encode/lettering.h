#pragma once

#include <stdint.h>

// Words and numbers on a picture, drawn with a pen: small letters, digits and - + . , % of our own
// making; any other byte is a blank. Pure.

struct fl_paper { // w * h * 3 bytes of RGB, rows from the top
    uint8_t *rgb; // borrowed
    int32_t w, h;
};

// Starts at x with the baseline at y; `height` is that of a digit. All in pixels.
struct fl_letters {
    double x, y, height;
    uint8_t ink[3];
};

void fl_letters_draw(const struct fl_paper *paper, const struct fl_letters *letters,
                     const char *text);
double fl_letters_width(double height, const char *text); // pixels from the first ink to the last
