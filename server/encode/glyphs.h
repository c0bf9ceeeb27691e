#pragma once

#include <stdint.h>

// How a pen draws a character. A glyph's strokes are written as text: points of two digits each, x and
// y (0-9, a-f), with a blank between strokes. y runs down from 0, the top of a digit, over the baseline
// at a to the lowest descender at d; small letters begin at 4. A stroke that begins with '~' is a
// curve whose corners are control points (its ends are met), one with 'o' is such a curve closed.
struct fl_glyph {
    char c;
    int8_t width; // of its box; the next glyph begins 3 further on
    const char *strokes;
};

const struct fl_glyph *fl_glyph_find(char c); // NULL: there is none
