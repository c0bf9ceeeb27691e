import assert from 'node:assert/strict';
import test from 'node:test';
import { defaults, toSet, type ViewState } from '../src/core/state.ts';

test('the state goes to the server with the names of the wire', () => {
  assert.deepEqual(toSet({ ...defaults(), ref: [1, 2], opacity: 0.7 }, null), {
    ref: [1, 2], mode: 'similarity', channel: 0, metric: 'angular', origin: 'zero',
    stretch: ['around'], kind: 'scalar', vector: true,
  });
});

test('a hovered channel goes in front, without numbers fixed for similarities', () => {
  const state: ViewState = { ...defaults(), stretch: ['fixed', 0, 1] };
  const set = toSet(state, 17);
  assert.deepEqual([set.mode, set.channel, set.stretch], ['channel', 17, ['minmax']]);
  const kept: ViewState = { ...defaults(), stretch: ['percentile', 2, 98] };
  assert.deepEqual(toSet(kept, 17).stretch, ['percentile', 2, 98]);
});

test('of one place, several and a rectangle exactly one goes to the server', () => {
  const state: ViewState = { ...defaults(), ref: [1, 2] };
  const keys = (set: object): string[] =>
    ['ref', 'refs', 'region'].filter((key) => key in set);
  assert.deepEqual(keys(toSet(state, null)), ['ref']);
  assert.deepEqual(toSet({ ...state, refs: [[3, 4, 1]] }, null).refs, [[3, 4, 1]]);
  assert.deepEqual(keys(toSet({ ...state, refs: [[3, 4, 1]] }, null)), ['refs']);
  assert.deepEqual(keys(toSet({ ...state, region: [0, 0, 5, 5] }, null)), ['region']);
});

test('a panel that compares with another map sends that map and its reference', () => {
  const state: ViewState = { ...defaults(), from: 'a/conv4', ref: [1, 2] };
  const set = toSet(state, null, { ref: [9, 9], refs: [], region: null });
  assert.deepEqual([set.from, set.ref], ['a/conv4', [9, 9]]);
  assert.equal('from' in toSet(defaults(), null), false);
});

test('numbers locked for channels are not sent for similarities', () => {
  const state: ViewState = {
    ...defaults(), stretch: ['fixed', 2, 3], lock: { mode: 'channel', back: ['around'] },
  };
  assert.deepEqual(toSet(state, null).stretch, ['minmax']);
  assert.deepEqual(toSet(state, 4).stretch, ['fixed', 2, 3]);
});
