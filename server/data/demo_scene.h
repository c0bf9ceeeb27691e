#pragma once

#include "canvas.h"

// The demo's picture: a landscape that looks like a photograph and in which things return, so that
// there is similarity to find: two kinds of trees, windows, bricks, pickets, mushrooms, flowers.
// Painted from far to near; the sun stands to the upper left. Deterministic.

enum { FL_DEMO_W = 960, FL_DEMO_H = 640 };

void fl_demo_paint(struct fl_canvas *canvas); // all of it; FL_DEMO_W x FL_DEMO_H

// Its parts, in the order that they are painted.
void fl_demo_sky(struct fl_canvas *canvas);
void fl_demo_mountains(struct fl_canvas *canvas);
void fl_demo_hills(struct fl_canvas *canvas);
void fl_demo_meadow(struct fl_canvas *canvas);
void fl_demo_house(struct fl_canvas *canvas, float x, float y); // its left bottom corner
void fl_demo_round_tree(struct fl_canvas *canvas, float x, float y, float size, uint32_t seed);
void fl_demo_fir(struct fl_canvas *canvas, float x, float y, float size, uint32_t seed);
void fl_demo_pond(struct fl_canvas *canvas);
void fl_demo_fence(struct fl_canvas *canvas);
void fl_demo_grass(struct fl_canvas *canvas, float from, float to); // blades between two heights
void fl_demo_tuft(struct fl_canvas *canvas, float x, float y, float reach); // at something's foot
void fl_demo_flowers(struct fl_canvas *canvas);
void fl_demo_mushrooms(struct fl_canvas *canvas);

// The light of grass at a point, before its blades.
struct fl_light fl_demo_grass_light(float x, float y);
