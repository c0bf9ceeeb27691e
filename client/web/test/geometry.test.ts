import assert from 'node:assert/strict';
import test from 'node:test';
import {
  cellCentre, cellOf, inside, moveCell, nearest, panBy, panTo, place, rectangle, tidy, toPicture, toScreen,
  windowRect, zoomAbout, MAX_ZOOM, type Camera,
} from '../src/core/geometry.ts';
import type { Point, Rect } from '../src/core/protocol.ts';

const WORLD: Rect = [0, 0, 427, 640];
const STAGE = { w: 800, h: 700 };
const WHOLE: Camera = { zoom: 1, at: null };
const MAP = { w: 27, h: 40, extent: [0, 0, 432, 640] as Rect };

function near(a: Point, b: Point, by = 1e-9): void {
  assert.ok(Math.abs(a[0] - b[0]) <= by && Math.abs(a[1] - b[1]) <= by, `${a} is not ${b}`);
}

test('the picture is fitted and centred', () => {
  const p = place(WORLD, STAGE, WHOLE);
  assert.equal(p.scale, 700 / 640);
  near(toScreen(p, [427 / 2, 320]), [400, 350]);
  near(toScreen(p, [0, 0]), [400 - (427 / 2) * (700 / 640), 0]);
});

test('screen and picture are each other\u2019s inverse at any zoom', () => {
  for (const camera of [WHOLE, { zoom: 7.3, at: [100, 200] as Point }]) {
    const p = place(WORLD, STAGE, camera);
    near(toPicture(p, toScreen(p, [12.25, 611])), [12.25, 611], 1e-9);
  }
});

test('zooming holds what lies under the pointer', () => {
  let camera = WHOLE;
  const about: Point = [489, 365];
  const under = toPicture(place(WORLD, STAGE, camera), about);
  for (const factor of [1.3, 1.7, 2, 1.1]) {
    camera = zoomAbout(WORLD, STAGE, camera, factor, about);
    near(toPicture(place(WORLD, STAGE, camera), about), under, 1e-9);
  }
});

test('zooming out ends at the whole picture, zooming in at the limit', () => {
  const deep = zoomAbout(WORLD, STAGE, WHOLE, 1e9, [400, 350]);
  assert.equal(deep.zoom, MAX_ZOOM);
  assert.deepEqual(zoomAbout(WORLD, STAGE, deep, 1e-9, [3, 4]), WHOLE);
});

test('panning moves by the pixels of the drag and cannot lose the picture', () => {
  const camera = zoomAbout(WORLD, STAGE, WHOLE, 4, [400, 350]);
  const before = toScreen(place(WORLD, STAGE, camera), [200, 300]);
  const moved = panBy(WORLD, STAGE, camera, 30, -20);
  near(toScreen(place(WORLD, STAGE, moved), [200, 300]), [before[0] + 30, before[1] - 20], 1e-9);
  const far = panBy(WORLD, STAGE, camera, 1e6, 1e6);
  near(far.at as Point, [0, 0]);
  assert.deepEqual(panBy(WORLD, STAGE, WHOLE, 50, 50), WHOLE);
});

test('a cell is the floor of the formula, its centre lies in it', () => {
  assert.deepEqual(cellOf(MAP, [304, 340]), [19, 21]);
  assert.deepEqual(cellOf(MAP, [0, 0]), [0, 0]);
  assert.equal(cellOf(MAP, [-0.01, 5]), null);
  assert.equal(cellOf(MAP, [432, 5]), null);
  for (let i = 0; i < MAP.w; i++) {
    for (let j = 0; j < MAP.h; j++) assert.deepEqual(cellOf(MAP, cellCentre(MAP, [i, j])), [i, j]);
  }
});

test('an extent beyond the picture shifts its cells', () => {
  const map = { w: 10, h: 10, extent: [-50, -50, 450, 450] as Rect };
  assert.deepEqual(cellOf(map, [0, 0]), [1, 1]);
  assert.deepEqual(windowRect(map, [1, 2, 3, 10]), [0, 50, 100, 450]);
});

test('arrow keys step cell by cell and stop at the rim of what is seen', () => {
  near(moveCell(MAP, WORLD, [304, 340], 1, 0), cellCentre(MAP, [20, 21]));
  near(moveCell(MAP, WORLD, [304, 340], 0, -10), cellCentre(MAP, [19, 11]));
  near(moveCell(MAP, WORLD, [1, 1], -1, -1), cellCentre(MAP, [0, 0]));
  const lastSeen = moveCell(MAP, WORLD, [304, 340], 100, 0);
  assert.ok(inside(WORLD, lastSeen));
});

test('a tidied point is a hundredth and stays inside', () => {
  assert.deepEqual(tidy([426.9999, 12.3456]), [426.99, 12.34]);
});

test('a rectangle is drawn in any direction and ends where the picture does', () => {
  const world = [0, 0, 100, 50] as const;
  assert.deepEqual(rectangle(world, [30, 40], [10, 20]), [10, 20, 30, 40]);
  assert.deepEqual(rectangle(world, [90, -5], [130, 60]), [90, 0, 100, 50]);
});

test('of several marks in reach the nearest is meant, of none none', () => {
  const marks = [[0, 0], [10, 0], [12, 0]] as const;
  assert.equal(nearest(marks, [11.5, 0], 11), 2);
  assert.equal(nearest(marks, [40, 0], 11), null);
  assert.equal(nearest([], [0, 0], 11), null);
});

test('a point outside of what is seen is brought in by the smallest pan', () => {
  const camera: Camera = { zoom: 8, at: [200, 300] };
  const where = (c: Camera, point: Point): Point => toScreen(place(WORLD, STAGE, c), point);
  assert.equal(panTo(WORLD, STAGE, camera, [200, 300], 28), camera);
  near(where(panTo(WORLD, STAGE, camera, [300, 300], 28), [300, 300]), [800 - 28, 350]);
  near(where(panTo(WORLD, STAGE, camera, [190, 100], 28), [190, 100]), [400 - 10 * 8 * (700 / 640), 28]);
  const corner = where(panTo(WORLD, STAGE, camera, [1, 1], 28), [1, 1]);
  assert.ok(corner[0] >= 0 && corner[0] <= 800 && corner[1] >= 0 && corner[1] <= 700, String(corner));
  assert.deepEqual(panTo(WORLD, STAGE, WHOLE, [0, 0], 28), WHOLE, 'all of it is seen already');
});
