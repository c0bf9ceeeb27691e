import assert from 'node:assert/strict';
import test from 'node:test';
import { colours, palette } from '../src/core/colour.ts';
import { layOut, type Mark } from '../src/core/labels.ts';
import {
  centredColours, colourBack, isPaper, keptColours, lookOf, PAPER, paperPart,
} from '../src/core/looks.ts';
import { MEANINGS, measure } from '../src/core/measure.ts';
import { coloursOf, emptyModel, measured, presentOf } from '../src/core/model.ts';
import { METRICS, type Frame, type MapInfo } from '../src/core/protocol.ts';
import { defaults } from '../src/core/state.ts';
import { shortNumber, typedNumber, typedStretch } from '../src/core/typed.ts';

const signed = { min: -2, d: 8, name: 'vit', w: 4, h: 2 } as MapInfo;
const positive = { ...signed, min: 0 };

// A small generator, so that a failure can be seen again.
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

test('labels never cover each other, whatever lo, hi, the ends and the ticks are', () => {
  const next = numbers(7);
  for (let k = 0; k < 20000; k++) {
    const height = 40 + next() * 400;
    const at = (name = ''): Mark => ({ value: 0, name, y: next() * height });
    const lo = at('lo');
    const hi = next() < 0.3 ? { ...lo, name: 'hi' } : at('hi');
    const loose = [{ value: 1, name: '', y: 0 }, { value: 0, name: '', y: height }, at(), at(), at()];
    const labels = layOut([lo, hi], loose, height, 15);
    assert.deepEqual(
      labels.filter((each) => each.name).map((each) => each.name).sort(), ['hi', 'lo'],
    );
    const places = labels.map((each) => each.at).sort((a, b) => a - b);
    places.forEach((place, n) => {
      assert.ok(place >= 0 && place <= height, `${place} lies outside of ${height}`);
      if (n > 0) assert.ok(place - (places[n - 1] as number) >= 15 - 1e-9, `${places}`);
    });
    for (const each of labels) if (!each.name) assert.equal(each.at, each.y);
  }
});

test('labels with room stand where their values are, equal ones with hi above', () => {
  const mark = (name: string, y: number): Mark => ({ value: 0, name, y });
  const apart = layOut([mark('lo', 200), mark('hi', 20)], [], 300, 15);
  assert.deepEqual(apart.map((each) => [each.name, each.at]), [['hi', 20], ['lo', 200]]);
  const same = layOut([mark('lo', 100), mark('hi', 100)], [], 300, 15);
  assert.deepEqual(same.map((each) => [each.name, each.at]), [['hi', 92.5], ['lo', 107.5]]);
  assert.deepEqual(layOut([mark('lo', NaN)], [mark('', Infinity)], 300, 15), []);
});

test('the paper look is known, and what it replaces can come back', () => {
  const state = { ...defaults(), colormap: 'magma', opacity: 0.7 };
  assert.equal(isPaper(state), false);
  const before = paperPart(state);
  const paper = { ...state, ...PAPER };
  assert.equal(isPaper(paper), true);
  assert.deepEqual(PAPER, { colormap: 'fire', stretch: ['minmax'], origin: 'min', picture: 'grey' });
  assert.deepEqual({ ...paper, ...before }, state);
  assert.equal(isPaper({ ...paper, stretch: ['around'] }), false);
});

test('channels of signed maps have diverging colours around 0 unless a person chose otherwise', () => {
  const state = defaults();
  const channel = { mode: 'channel', signed: true } as const;
  assert.deepEqual(lookOf(state, channel), { colormap: 'coolwarm', centred: true });
  assert.deepEqual(
    lookOf(state, { mode: 'similarity', signed: true }), { colormap: 'viridis', centred: false },
  );
  assert.deepEqual(
    lookOf(state, { mode: 'channel', signed: false }), { colormap: 'viridis', centred: false },
  );
  const kept = { ...state, mode: 'channel' as const };
  assert.deepEqual(
    lookOf({ ...kept, colormap: 'fire' }, channel), { colormap: 'fire', centred: false },
  );
  assert.deepEqual(
    lookOf({ ...kept, colormap: 'coolwarm_r' }, channel), { colormap: 'coolwarm_r', centred: true },
  );
  for (const stretch of [['percentile', 2, 98], ['fixed', -1, 5]] as const) {
    assert.equal(lookOf({ ...kept, colormap: 'coolwarm', stretch }, channel).centred, false);
  }
  assert.equal(keptColours(state, signed), 'coolwarm');
  assert.equal(keptColours(state, positive), 'viridis');
  assert.equal(keptColours({ ...state, stretch: ['percentile', 1, 99] }, signed), 'viridis');
  assert.equal(colourBack('coolwarm', 'magma'), 'magma');
  assert.equal(colourBack('fire', 'magma'), 'fire');
  assert.equal(colourBack('coolwarm', null), 'viridis');
});

test('centred colours give every level the colour and the opacity that its value has in -m .. m', () => {
  for (const [lo, hi] of [[-1, 3], [-3, 1], [-2, 2], [0.5, 4], [-4, -1]] as const) {
    const { rgb, at } = centredColours('coolwarm', lo, hi);
    const plain = colours('coolwarm');
    const m = Math.max(Math.abs(lo), Math.abs(hi));
    for (const level of [0, 17, 128, 254, 255]) {
      const value = lo + (level / 255) * (hi - lo);
      const entry = Math.round((255 * (value + m)) / (2 * m));
      assert.deepEqual(
        [...rgb.subarray(level * 3, level * 3 + 3)], [...plain.subarray(entry * 3, entry * 3 + 3)],
      );
      const alpha = palette(rgb, 0.1, at)[level * 4 + 3] as number;
      assert.equal(alpha, Math.round(255 * Math.min(1, (value + m) / (2 * m) + 0.1)));
    }
  }
  assert.deepEqual([...centredColours('coolwarm', 0, 0).at], new Array(256).fill(0.5));
});

test('what is exported of a centred channel is its range in numbers', () => {
  const model = emptyModel();
  Object.assign(model.state, { mode: 'channel', channel: 3, colormap: 'coolwarm' });
  model.map = signed;
  model.scene = { name: 's', picture: null, rev: 1, maps: [signed] };
  model.frame = { lo: -1, hi: 2.5, cell: [0, 0], vector: null } as unknown as Frame;
  model.asked = { mode: 'channel', channel: 3, metric: 'angular', ref: null } as never;
  model.map = { ...signed, extent: [0, 0, 4, 2] };
  const seen = coloursOf(model);
  assert.deepEqual([seen.lo, seen.hi, seen.centred], [-2.5, 2.5, true]);
  assert.deepEqual(presentOf(model)?.stretch, ['fixed', -2.5, 2.5]);
  model.state.colormap = 'fire';
  assert.equal(presentOf(model)?.stretch, null);
});

test('all nine measures are those of the formulas', () => {
  const a = Float32Array.of(1, 2, 3, 4);
  const b = Float32Array.of(2, 1, 4, 0.5);
  const dot = 2 + 2 + 12 + 2;
  const cosine = dot / (Math.sqrt(30) * Math.sqrt(21.25));
  const angle = Math.acos(cosine);
  const [ma, mb] = [2.5, 1.875];
  const centre = (v: Float32Array, m: number): number[] => [...v].map((x) => x - m);
  const [ca, cb] = [centre(a, ma), centre(b, mb)];
  const sum = (x: number[], y: number[]): number => x.reduce((t, v, k) => t + v * (y[k] as number), 0);
  const pearson = sum(ca, cb) / Math.sqrt(sum(ca, ca) * sum(cb, cb));
  const want: Record<string, number> = {
    angular: 1 - (2 / Math.PI) * angle,
    cosine,
    angle: (angle * 180) / Math.PI,
    dot,
    l2: Math.sqrt(1 + 1 + 1 + 12.25),
    l1: 1 + 1 + 1 + 3.5,
    lhalf: (3 + Math.sqrt(3.5)) ** 2,
    pearson,
    msam: 1 - (2 / Math.PI) * Math.acos(pearson),
  };
  for (const metric of METRICS) {
    const got = measure(metric, a, b);
    assert.ok(got !== null && Math.abs(got - (want[metric] as number)) < 1e-6, `${metric}: ${got}`);
    assert.ok(MEANINGS[metric].length > 10);
    assert.equal(measure(metric, a, new Float32Array(4)), null, 'a zero vector is no data');
    assert.equal(measure(metric, a, b.subarray(1)), null);
  }
  const shifted = (3 * 4 + 4 * 3 + 5 * 6 + 6 * 2.5);
  assert.equal(measure('dot', a, b, -2), shifted);
});

test('the read-out has a row for the measure that has none, and for a kept channel', () => {
  const model = emptyModel();
  model.frame = { cell: [0, 0], vector: Float32Array.of(3, 4) } as unknown as Frame;
  model.map = { ...positive, extent: [0, 0, 4, 2] };
  assert.equal(measured(model), null);
  model.state.metric = 'l1';
  assert.deepEqual(measured(model), { name: 'l1', value: 0 });
  Object.assign(model.state, { mode: 'channel', channel: 1 });
  assert.deepEqual(measured(model), { name: 'channel 1', value: 4 });
  model.state.mode = 'norm';
  assert.equal(measured(model), null);
});

test('numbers are taken as people type them, and wrong ones refused in a sentence', () => {
  assert.equal(typedNumber(' \u22120,5 '), -0.5);
  assert.equal(typedNumber('98 %'), 98);
  assert.equal(typedNumber('1e3'), 1000);
  for (const wrong of ['', 'x', '1.2.3', 'Infinity']) assert.equal(typedNumber(wrong), null, wrong);
  assert.deepEqual(typedStretch('percentile', '0', '99,5'), { stretch: ['percentile', 0, 99.5] });
  assert.deepEqual(typedStretch('fixed', '1', '1'), { stretch: ['fixed', 1, 1] });
  const refused = [
    ['percentile', '-1', '50'], ['percentile', '2', '101'], ['percentile', '50', '50'],
    ['fixed', '2', '1'], ['fixed', '', '1'],
  ] as const;
  for (const [kind, low, high] of refused) {
    const answer = typedStretch(kind, low, high);
    assert.ok('why' in answer && /\.$/.test(answer.why), `${kind} ${low} ${high}`);
  }
  assert.equal(shortNumber(10), '10');
  assert.equal(shortNumber(0.123456789), '0.123457');
});
