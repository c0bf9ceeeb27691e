import assert from 'node:assert/strict';
import test from 'node:test';
import { defaults, fromFragment, toFragment, toSet, type ViewState } from '../src/core/state.ts';

const EVERYTHING: ViewState = {
  scene: 'Küche, Nr. 7 & 8/9',
  layer: 'relu 5',
  ref: [213.48, 320.25],
  pin: [17, 3.5],
  mode: 'channel',
  channel: 412,
  metric: 'cosine',
  origin: 'min',
  stretch: ['fixed', -0.01237, 0.7213],
  colormap: 'magma_r',
  opacity: 0.35,
  picture: 'colour',
  zoom: 7.304,
  at: [100.25, 80.5],
};

test('a link restores everything', () => {
  const { state, wrong } = fromFragment(toFragment(EVERYTHING));
  assert.deepEqual(wrong, []);
  assert.deepEqual(state, EVERYTHING);
});

test('the plainest view comes back from its link', () => {
  const plain = { ...defaults(), scene: 'a', layer: 'b' };
  assert.deepEqual(fromFragment(toFragment(plain)).state, plain);
});

test('a link uses the names of the wire and stays readable', () => {
  assert.equal(
    toFragment({ ...defaults(), scene: 'hydrant', layer: 'conv4', ref: [304.5, 340] }),
    '#v=1&scene=hydrant&layer=conv4&ref=304.5,340&mode=similarity&metric=angular&origin=zero' +
      '&stretch=around&colormap=viridis&opacity=0.1&picture=grey',
  );
});

test('values outside the tables are named and left at their defaults', () => {
  const bad: Record<string, string> = {
    ref: '1', pin: '1,two', at: 'NaN,1', mode: 'heat', channel: '-1', metric: 'l3', origin: 'max',
    stretch: 'percentile,98,2', colormap: 'jet', opacity: '1.5', picture: 'blue', zoom: '0.5', v: '2',
  };
  for (const [key, value] of Object.entries(bad)) {
    const { state, wrong } = fromFragment(`#${key}=${value}`);
    assert.deepEqual(wrong, [key]);
    assert.deepEqual(state, defaults(), key);
  }
  assert.deepEqual(fromFragment('#stretch=fixed,1').wrong, ['stretch']);
  assert.deepEqual(fromFragment('#stretch=minmax,1').wrong, ['stretch']);
  assert.deepEqual(fromFragment('#scene=%zz').wrong, ['scene']);
});

test('keys of a later version and an empty fragment are fine', () => {
  assert.deepEqual(fromFragment('#v=1&layers=a,b&x').wrong, []);
  assert.deepEqual(fromFragment('').state, defaults());
});

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
