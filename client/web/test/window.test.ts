import assert from 'node:assert/strict';
import test from 'node:test';
import { place, panBy, zoomAbout, type Camera, type Grid } from '../src/core/geometry.ts';
import type { Point, Rect } from '../src/core/protocol.ts';
import { Windows, wanted, type Sight } from '../src/core/window.ts';

const STAGE = { w: 800, h: 700 };
const WHOLE: Camera = { zoom: 1, at: null };

function grid(w: number, h: number): Grid {
  return { w, h, extent: [0, 0, w, h] };
}

function sight(map: Grid, camera = WHOLE, density = 1): Sight {
  return { place: place(map.extent, STAGE, camera), stage: STAGE, density };
}

function at(map: Grid, zoom: number, [x, y]: Point = [map.w / 2, map.h / 2]): Sight {
  return sight(map, { zoom, at: [x, y] });
}

test('a map of ordinary size is asked for whole, at any zoom', () => {
  const map = { w: 106, h: 160, extent: [0, 0, 424, 640] as Rect };
  for (const zoom of [1, 3, 20]) {
    assert.deepEqual(wanted(map, at(map, zoom, [100, 100])), { window: null, size: null });
  }
  const phone = { ...sight(grid(160, 100)), stage: { w: 10, h: 10 } };
  assert.deepEqual(wanted(grid(160, 100), phone), { window: null, size: null }, 'even if tiny');
});

test('a map with about as many cells as pixels is asked for whole', () => {
  const map = grid(1000, 800); // 800 x 640 pixels: 1.6 cells on one
  assert.deepEqual(wanted(map, sight(map)), { window: null, size: null });
});

test('a map with clearly more cells than pixels is asked for in the screen\u2019s pixels', () => {
  const map = grid(1200, 1000); // 800 x 667 pixels: 2.25 cells on one
  assert.deepEqual(wanted(map, sight(map)), { window: [0, 0, 1200, 1000], size: [832, 704] });
  assert.deepEqual(wanted(map, sight(map, WHOLE, 2)), { window: null, size: null }, 'a fine screen');
  const narrow = grid(400, 300);
  const phone = { place: place([0, 0, 400, 300], { w: 160, h: 120 }, WHOLE), density: 1 };
  const { size } = wanted(narrow, { ...phone, stage: { w: 160, h: 120 } });
  assert.deepEqual(size, [192, 128]);
});

test('of a large map, zoomed in, what is seen is asked for with half as much on every side', () => {
  const map = grid(1000, 800);
  const { window, size } = wanted(map, at(map, 5));
  assert.equal(size, null, 'cells larger than pixels come one by one');
  const [x0, y0, x1, y1] = window as Rect; // 200 x 175 cells are seen around 500, 400
  assert.ok(x0 <= 300 && x0 > 230 && x1 >= 700 && x1 < 770, String(window));
  assert.ok(y0 <= 225 && y0 > 160 && y1 >= 575 && y1 < 640, String(window));
});

test('half of the map on the screen is where windows start', () => {
  const map = grid(1000, 800);
  assert.equal(wanted(map, at(map, 1.35)).window, null);
  assert.notEqual(wanted(map, at(map, 1.6)).window, null);
  const smaller = grid(400, 320); // less than 2^17 cells
  assert.equal(wanted(smaller, at(smaller, 10)).window, null);
});

test('windows stay inside the map and hold something', () => {
  const map = grid(3000, 2000);
  const corners: Point[] = [[0, 0], [3000, 2000], [0, 2000], [3000, 0]];
  for (const corner of corners) {
    for (const zoom of [1, 2, 7, 64]) {
      const { window } = wanted(map, at(map, zoom, corner));
      const [x0, y0, x1, y1] = window as Rect;
      assert.ok(x0 >= 0 && y0 >= 0 && x0 < x1 && y0 < y1 && x1 <= 3000 && y1 <= 2000, String(window));
      for (const value of window as Rect) assert.ok(Number.isInteger(value), String(window));
    }
  }
  const away = { ...sight(map), place: { world: map.extent, scale: 4, x: 90_000, y: 90_000 } };
  const [x0, y0, x1, y1] = wanted(map, away).window as Rect;
  assert.ok(x0 === 0 && y0 === 0 && x1 >= 1 && y1 >= 1, 'nothing of it is seen');
});

test('a pan inside the margin asks for nothing new, a longer one does', () => {
  const map = grid(3000, 2000);
  const windows = new Windows();
  let camera = zoomAbout(map.extent, STAGE, WHOLE, 8, [400, 350]);
  const first = windows.at(map, sight(map, camera), 0).part;
  assert.notEqual(first.window, null);
  for (let k = 1; k <= 12; k++) {
    camera = panBy(map.extent, STAGE, camera, 30, -20);
    assert.deepEqual(windows.at(map, sight(map, camera), 1000 * k).part, first, `${k} steps`);
  }
  camera = panBy(map.extent, STAGE, camera, 200, 0);
  assert.notDeepEqual(windows.at(map, sight(map, camera), 20_000).part, first);
});

test('what was asked for is replaced when it is too coarse or far too much', () => {
  const map = grid(4000, 3000);
  const windows = new Windows();
  const all = windows.at(map, sight(map), 0).part;
  assert.deepEqual(all.window, [0, 0, 4000, 3000]);
  const finer = windows.at(map, at(map, 1.3), 1000).part;
  assert.ok((finer.size?.[0] ?? 0) > (all.size?.[0] ?? 0), 'more pixels of the whole');
  const part = windows.at(map, at(map, 6), 2000).part;
  assert.ok((part.window?.[0] ?? 0) > 0);
  const deep = windows.at(map, at(map, 40), 3000).part;
  assert.ok((deep.window?.[0] ?? 0) > (part.window?.[0] ?? 0), 'a small part of the part');
  assert.deepEqual(windows.at(map, sight(map), 4000).part, all);
});

test('one change in 150 ms; what is missing then is asked for when they are over', () => {
  const map = grid(4000, 3000);
  const windows = new Windows();
  const first = windows.at(map, sight(map), 1000);
  assert.equal(first.again, null);
  const early = windows.at(map, at(map, 6), 1100);
  assert.deepEqual(early, { part: first.part, again: 50 });
  const late = windows.at(map, at(map, 6), 1150);
  assert.equal(late.again, null);
  assert.notDeepEqual(late.part, first.part);
  windows.restart();
  assert.equal(windows.at(map, sight(map), 1151).again, null, 'another map asks at once');
});
