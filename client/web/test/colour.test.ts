import assert from 'node:assert/strict';
import test from 'node:test';
import { axisOf, label, onAxis, ticks } from '../src/core/axis.ts';
import { COLORMAPS, colours, isColormap, paint, palette, toGrey } from '../src/core/colour.ts';
import { bytes, counted, fixed, percent, significant } from '../src/core/format.ts';
import { maskOf } from '../src/core/mask.ts';

test('the colour maps are there, with their ends', () => {
  assert.deepEqual([...COLORMAPS].sort(), [
    'cividis', 'coolwarm', 'fire', 'gray', 'inferno', 'magma', 'plasma', 'turbo', 'viridis',
  ]);
  assert.deepEqual([...colours('viridis').slice(0, 3)], [68, 1, 84]);
  assert.deepEqual([...colours('viridis').slice(-3)], [253, 231, 37]);
  assert.deepEqual([...colours('gray').slice(300, 303)], [100, 100, 100]);
});

test('_r runs a colour map backwards', () => {
  const [plain, back] = [colours('magma'), colours('magma_r')];
  for (let k = 0; k < 256; k++) {
    assert.deepEqual(back.slice(k * 3, k * 3 + 3), plain.slice((255 - k) * 3, (256 - k) * 3));
  }
  assert.ok(isColormap('magma_r') && isColormap('magma') && !isColormap('jet'));
});

test('opacity is min(1, s\u2019 + a) for every level', () => {
  const rgba = palette(colours('gray'), 0.1);
  assert.equal(rgba[3], 26);
  assert.equal(rgba[128 * 4 + 3], Math.round(255 * (128 / 255 + 0.1)));
  assert.equal(rgba[255 * 4 + 3], 255);
  assert.ok(palette(colours('gray'), 1).every((v, k) => k % 4 !== 3 || v === 255));
});

test('levels become colours, invalid cells nothing', () => {
  const out = new Uint8ClampedArray(12);
  paint(Uint8Array.of(0, 100, 255), palette(colours('gray'), 0), Uint8Array.of(1, 0, 1), out);
  assert.deepEqual([...out], [0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]);
});

test('grey is Rec. 601 luma', () => {
  const pixel = Uint8ClampedArray.of(200, 100, 50, 255);
  toGrey(pixel);
  assert.deepEqual([...pixel], [124, 124, 124, 255]);
});

test('a reduced mask is invalid only where no cell is valid', () => {
  const mask = { w: 4, h: 2, valid: Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0) };
  assert.deepEqual([...maskOf(mask, [0, 0, 4, 2], 4, 2)], [0, 0, 1, 0, 0, 0, 0, 0]);
  assert.deepEqual([...maskOf(mask, [0, 0, 4, 2], 2, 1)], [0, 1]);
  assert.deepEqual([...maskOf(mask, [2, 0, 4, 1], 2, 1)], [1, 0]);
});

test('the scale of a bounded measure widens in steps and stays', () => {
  const positive = axisOf('similarity', 'angular', [0.05, 1], null);
  assert.deepEqual(positive, { from: 0, to: 1 });
  const signed = axisOf('similarity', 'angular', [-0.3, 1], positive);
  assert.deepEqual(signed, { from: -0.5, to: 1 });
  assert.deepEqual(axisOf('similarity', 'angular', [0.1, 1], signed), { from: -0.5, to: 1 });
});

test('the scale of a distance has near at the top, of a channel its own range', () => {
  assert.deepEqual(axisOf('similarity', 'angle', [0, 80], null), { from: 90, to: 0, degrees: true });
  assert.deepEqual(axisOf('similarity', 'angle', [0, 91], null), { from: 180, to: 0, degrees: true });
  assert.deepEqual(axisOf('channel', 'angle', [-2, 7], null), { from: -2, to: 7 });
  assert.deepEqual(axisOf('similarity', 'l2', [0, 9], null), { from: 9, to: 0 });
  assert.equal(onAxis({ from: 90, to: 0 }, 90), 0);
  assert.equal(onAxis({ from: 0, to: 1 }, 7), 1);
  assert.equal(onAxis({ from: 3, to: 3 }, 3), 0.5);
});

test('ticks are round and inside', () => {
  assert.deepEqual(ticks({ from: 0, to: 1 }), [0.25, 0.5, 0.75]);
  assert.deepEqual(ticks({ from: 90, to: 0 }), [25, 50, 75]);
  assert.deepEqual(ticks({ from: 2, to: 2 }), []);
  for (const v of ticks({ from: -0.037, to: 12.9 })) assert.ok(v > -0.037 && v < 12.9);
});

test('numbers are written the same way everywhere', () => {
  assert.equal(fixed(-0.123456, 4), '\u22120.1235');
  assert.equal(fixed(-0.00001, 2), '0.00');
  assert.equal(significant(31.0666), '31.07');
  assert.equal(significant(0.17062), '0.171');
  assert.equal(significant(1234567), '1.23e6');
  assert.equal(significant(0.000012), '1.20e\u22125');
  assert.equal(label({ from: 90, to: 0, degrees: true }, 74.61), '74.6\u00b0');
  assert.equal(label({ from: 75.6, to: 0 }, 10), '10.0'); // an l2 distance has no degrees
  assert.equal(label({ from: 0, to: 1 }, 0.0949), '0.09');
  assert.deepEqual([0, 0.29, 0.4375, 0.996, 1].map(percent), [0, 29, 43, 99, 100].map((n) => `${n}\u00a0%`));
  assert.equal(bytes(999), '999 B');
  assert.equal(bytes(12_210), '12.2 kB');
});

test('one channel, two channels', () => {
  assert.deepEqual([0, 1, 2].map((n) => counted(n, 'channel')), ['0 channels', '1 channel', '2 channels']);
});

test('lo and hi that lie close together are told apart', () => {
  const pair = (axis: Parameters<typeof label>[0], lo: number, hi: number): string =>
    [lo, hi].map((value) => label(axis, value, hi - lo)).join(' ');
  assert.equal(pair({ from: 0, to: 1 }, 0.16, 0.91), '0.16 0.91');
  assert.equal(pair({ from: 0, to: 1 }, 0.98712, 0.99341), '0.9871 0.9934');
  assert.equal(pair({ from: 0, to: 1 }, 0.9999991, 0.9999998), '0.999999 1.000000');
  assert.equal(pair({ from: 90, to: 0, degrees: true }, 0.31, 0.42), '0.31\u00b0 0.42\u00b0');
  assert.equal(pair({ from: 75.6, to: 0 }, 70.12, 70.45), '70.12 70.45');
  assert.equal(pair({ from: 2e9, to: 0 }, 1.5e9, 1.9e9), '1.5e9 1.9e9');
  assert.equal(pair({ from: 0, to: 1 }, 0.5, 0.5), '0.50 0.50');
});
