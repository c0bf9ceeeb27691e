import assert from 'node:assert/strict';
import test from 'node:test';
import { comparison, emptyModel, here, other, reference, words, type Model } from '../src/core/model.ts';
import { compare, normOf } from '../src/core/readout.ts';
import {
  allRows, channelAt, fullScale, reveal, scrollRows, zoomRows,
} from '../src/core/rows.ts';
import type { Frame, MapInfo } from '../src/core/protocol.ts';

function near(a: number | null, b: number, by = 1e-12): void {
  assert.ok(a !== null && Math.abs(a - b) <= by, `${a} is not ${b}`);
}

test('equal vectors have s exactly 1 and angle exactly 0', () => {
  const v = Float32Array.from({ length: 1024 }, (_, k) => Math.sin(k) * 3);
  const { s, angle, cosine } = compare(v, v.slice());
  assert.equal(s, 1);
  assert.equal(angle, 0);
  near(cosine, 1);
});

test('s, cosine and angle are those of the formulas', () => {
  const right = compare(Float32Array.of(1, 0), Float32Array.of(0, 5));
  near(right.s, 0);
  near(right.angle, 90);
  near(right.cosine, 0);
  const opposite = compare(Float32Array.of(1, 2), Float32Array.of(-2, -4));
  near(opposite.s, -1);
  near(opposite.angle, 180, 1e-6);
  const some = compare(Float32Array.of(3, 4), Float32Array.of(4, 3));
  near(some.cosine, 0.96);
  near(some.s, 1 - (2 / Math.PI) * Math.acos(0.96), 1e-9);
  near(some.norm, 5);
});

test('tiny angles keep their digits', () => {
  const { angle } = compare(Float32Array.of(1, 0), Float32Array.of(1, 2 ** -30));
  near(angle, (2 ** -30 * 180) / Math.PI, 1e-16);
});

test('vectors without a direction are no data', () => {
  const good = Float32Array.of(1, 2);
  for (const bad of [[0, 0], [NaN, 1], [Infinity, 0], [3.4e38, 3.4e38]]) {
    const result = compare(Float32Array.from(bad), good);
    assert.deepEqual(result, { s: null, cosine: null, angle: null, norm: null }, String(bad));
  }
  const other = compare(good, Float32Array.of(0, 0));
  assert.equal(other.s, null);
  near(other.norm, Math.sqrt(5));
});

test('origin "min" takes the minimum from every value', () => {
  near(compare(Float32Array.of(-1, 1), Float32Array.of(1, -1)).s, -1);
  near(compare(Float32Array.of(-1, 1), Float32Array.of(1, -1), -1).s, 0);
  assert.equal(normOf(Float32Array.of(-1, -1), -1), null);
});

const MAP = {
  name: 'conv4', w: 4, h: 4, d: 2, extent: [0, 0, 40, 40], min: 0, max: 1, invalid: 0,
  dtype: 'f4', bytes: 1, rev: 1,
} as unknown as MapInfo;

function looking(): Model {
  const frame = { cell: [1, 1], vector: Float32Array.of(1, 0), frame: 1, seq: 1 } as unknown as Frame;
  return { ...emptyModel(), map: MAP, frame };
}

test('the reference keeps the exact point while it lies in the frame\u2019s cell', () => {
  const model = looking();
  assert.deepEqual(reference(model).point, [15, 15], 'the centre, where nothing was pointed at');
  model.state.ref = [12.5, 19];
  assert.deepEqual(reference(model).point, [12.5, 19]);
  model.state.ref = [33, 33]; // already further than the frame
  const asked = {
    mode: 'similarity', channel: 0, metric: 'angular', several: false, from: '', at: 0, sent: 0,
  } as const;
  model.asked = { ref: [11, 12], ...asked };
  assert.deepEqual(reference(model).point, [11, 12]);
});

test('the read-out compares with itself, the held reference, or the pin', () => {
  const model = looking();
  assert.equal(comparison(model)?.s, 1);
  assert.equal(other(model), null);
  model.held = true;
  model.probe = { cell: [2, 2], point: [25, 25], vector: Float32Array.of(0, 2) };
  near(comparison(model)?.s ?? null, 0);
  near(comparison(model)?.norm ?? null, 2);
  assert.match(words(model), /held reference 1, 1/);
  model.pin = { cell: [3, 3], point: [35, 35], vector: Float32Array.of(0, 1) };
  assert.equal(comparison(model)?.s, 1);
  assert.match(words(model), /pin at 3, 3/);
  model.held = false;
  near(comparison(model)?.s ?? null, 0);
  assert.deepEqual(here(model).cell, [1, 1]);
});

test('what lies outside or has no direction is said in words', () => {
  const model = looking();
  model.pin = { cell: null, point: [99, 99], vector: null };
  assert.match(words(model), /pin lies outside/);
  model.frame = { ...(model.frame as Frame), cell: null, vector: null };
  assert.match(words(model), /^outside of what conv4 covers/);
  model.frame = { ...model.frame, cell: [0, 0], vector: Float32Array.of(0, 0) };
  model.pin = null;
  assert.match(words(model), /no direction/);
  assert.equal(comparison(model)?.s, null);
});

test('every channel can be reached, however many there are', () => {
  const d = 2048;
  let rows = allRows(d);
  assert.equal(channelAt(rows, d, 0.9999), 2047);
  const at = 0.3;
  const under = rows.first + at * rows.count;
  for (let k = 0; k < 40; k++) rows = zoomRows(rows, d, 1.3, at);
  assert.equal(rows.count, 12);
  assert.equal(Math.floor(rows.first + at * rows.count), Math.floor(under), 'zooms about the pointer');
  rows = reveal(rows, d, 2000);
  assert.ok(rows.first <= 2000 && rows.first + rows.count > 2000);
  assert.deepEqual(scrollRows(rows, d, 1e9), { first: d - 12, count: 12 });
  assert.deepEqual(zoomRows(rows, d, 1e-9, 0.5), allRows(d));
  assert.deepEqual(zoomRows(allRows(3), 3, 5, 0.5), allRows(3));
});

test('the full width of the bars is round and does not flicker', () => {
  assert.equal(fullScale(20.3, 0), 25);
  assert.equal(fullScale(16, 25), 25);
  assert.equal(fullScale(11, 25), 12);
  assert.equal(fullScale(9.7, 0), 10);
  assert.equal(fullScale(0, 0), 1);
  assert.equal(fullScale(0, 5), 5);
});

test('with several references the server\'s numbers count, with a pin this page\'s', () => {
  const model = looking();
  const said = { s: 0.5, cosine: 0.25, angle: 45, norm: 2 };
  model.state.refs = [[5, 5, 1], [25, 5, 1], [35, 5, -1]];
  model.asked = {
    mode: 'similarity', channel: 0, metric: 'angular', ref: null, several: true, from: '', at: 0,
    sent: 0,
  };
  assert.equal(words(model), '3 references, 1 negative: point to compare');
  assert.equal(here(model).cell, null);
  model.probe = { cell: [2, 0], point: [21, 5], vector: Float32Array.of(1, 1), said };
  assert.deepEqual(comparison(model), said);
  assert.equal(words(model), 'compared with 3 references, 1 negative');
  model.pin = { cell: [0, 0], point: [5, 5], vector: Float32Array.of(1, 1) };
  near(comparison(model)?.s ?? null, 1);
});
