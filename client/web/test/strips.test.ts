import assert from 'node:assert/strict';
import test from 'node:test';
import type { Frame, Rect } from '../src/core/protocol.ts';
import { Strips, scaled, type Levels, type Shown } from '../src/core/strips.ts';

const WINDOW: Rect = [0, 0, 4, 6];
const VECTOR = Float32Array.of(1, 2);

function frame(number: number, seq: number, change: Partial<Frame> = {}): Frame {
  return {
    t: 'frame', view: 0, frame: number, seq, kind: 'scalar', enc: 'png', w: 4, h: 6,
    window: WINDOW, rows: null, cell: [0, 0], lo: 0, hi: 1, range: [0, 1], exact: false, hist: null,
    best: null, vector: null, us: { wait: 0, render: 0, read: 0, encode: 0 },
    image: new Uint8Array(1), ...change,
  };
}

function level(w: number, h: number, value: number): Levels {
  return { w, h, bytes: new Uint8Array(w * h).fill(value) };
}

// A reduced JPEG of seq 7, all at level 9.
function lossy(): Shown {
  return { frame: frame(1, 7, { enc: 'jpeg', w: 2, h: 3, vector: VECTOR }), levels: level(2, 3, 9) };
}

function add(strips: Strips, screen: Shown | null, number: number, y0: number, y1: number,
  last: boolean, seq = 7): Shown | null {
  const rows = { y0, y1, last };
  return strips.add(frame(number, seq, { rows }), rows, level(4, y1 - y0, 100 + y0), screen);
}

// The first level of every row.
function rowsOf(shown: Shown | null): number[] {
  const { levels } = shown as Shown;
  assert.equal(levels?.w, 4);
  return Array.from({ length: 6 }, (_, y) => levels?.bytes[y * 4] as number);
}

test('strips turn a lossy picture exact from the top down', () => {
  const strips = new Strips();
  let shown = add(strips, lossy(), 2, 0, 2, false);
  assert.deepEqual(rowsOf(shown), [100, 100, 9, 9, 9, 9], 'over the lossy one, scaled up');
  assert.equal(shown?.frame.exact, false);
  assert.equal(shown?.frame.vector, VECTOR, 'what strips do not repeat stays');
  shown = add(strips, shown, 3, 2, 5, false);
  assert.deepEqual(rowsOf(shown), [100, 100, 102, 102, 102, 9]);
  assert.equal(shown?.frame.exact, false);
  shown = add(strips, shown, 4, 5, 6, true);
  assert.deepEqual(rowsOf(shown), [100, 100, 102, 102, 102, 105]);
  assert.equal(shown?.frame.exact, true);
  assert.equal(shown?.frame.frame, 4);
  assert.equal(shown?.frame.vector, VECTOR);
});

test('a picture on the screen is never changed in place by the first strip', () => {
  const screen: Shown = { frame: frame(1, 7, { enc: 'jpeg' }), levels: level(4, 6, 9) };
  add(new Strips(), screen, 2, 0, 2, false);
  assert.ok(screen.levels?.bytes.every((value) => value === 9));
});

test('a still that was cancelled starts over and never counts as exact half-way', () => {
  const strips = new Strips();
  add(strips, lossy(), 2, 0, 3, false);
  strips.drop(); // an ordinary frame came
  const again = add(strips, lossy(), 4, 3, 6, true);
  assert.deepEqual(again && rowsOf(again), [9, 9, 9, 103, 103, 103]);
  assert.equal(again?.frame.exact, false, 'the upper half is missing');
});

test('strips of a newer set are not mixed with those of the one before', () => {
  const strips = new Strips();
  const shown = add(strips, lossy(), 2, 0, 3, false);
  assert.equal(add(strips, shown, 3, 0, 3, false, 8), null, 'seq 7 is on the screen');
  const complete = add(strips, shown, 4, 3, 6, true, 8);
  assert.deepEqual(rowsOf(complete), [100, 100, 100, 103, 103, 103], 'complete it may be shown');
  assert.equal(complete?.frame.exact, true);
  assert.equal(complete?.frame.vector, null, 'the vector of seq 7 is not that of seq 8');
});

test('nothing, or another window, on the screen: shown when it is complete', () => {
  const elsewhere: Shown = {
    frame: frame(1, 7, { window: [0, 0, 8, 6] }), levels: level(4, 6, 9),
  };
  const nothing: Shown = { frame: frame(1, 7, { enc: 'none' }), levels: null };
  for (const screen of [null, elsewhere, nothing]) {
    const strips = new Strips();
    assert.equal(add(strips, screen, 2, 0, 5, false), null);
    assert.equal(add(strips, screen, 3, 5, 6, true)?.frame.exact, true);
  }
});

test('a strip of the wrong size is refused, and the rest of its still is not exact', () => {
  const rows = { y0: 2, y1: 4, last: false };
  for (const wrong of [level(3, 2, 1), level(4, 1, 1), level(4, 3, 1)]) {
    const strips = new Strips();
    const shown = add(strips, lossy(), 2, 0, 2, false);
    assert.throws(() => strips.add(frame(3, 7, { rows }), rows, wrong, shown), /a strip of/);
    assert.equal(add(strips, shown, 4, 4, 6, true)?.frame.exact, false);
  }
});

test('a still of a reduced picture is exact only where the server says so', () => {
  const window: Rect = [0, 0, 8, 12];
  for (const exact of [false, true]) {
    const rows = { y0: 0, y1: 6, last: true };
    const still = frame(2, 7, { window, rows, exact });
    assert.equal(new Strips().add(still, rows, level(4, 6, 1), null)?.frame.exact, exact);
  }
});

test('scaling repeats pixels', () => {
  const two = { w: 2, h: 1, bytes: Uint8Array.of(1, 2) };
  assert.deepEqual([...scaled(two, 4, 2)], [1, 1, 2, 2, 1, 1, 2, 2]);
  assert.deepEqual([...scaled(two, 3, 1)], [1, 2, 2]);
});
