import assert from 'node:assert/strict';
import test from 'node:test';
import { fromFragment, toFragment } from '../src/core/fragment.ts';
import { add, change } from '../src/core/panels.ts';
import { defaults, type ViewState } from '../src/core/state.ts';

const one = (state: ViewState): string => toFragment({ list: [state], active: 0 });
const first = (fragment: string): ViewState => fromFragment(fragment).views.list[0] as ViewState;

const EVERYTHING: ViewState = {
  scene: 'Küche, Nr. 7 & 8/9',
  layer: 'relu 5',
  from: '',
  ref: [213.48, 320.25],
  refs: [[10.5, 20, 1], [30, 40.25, -1]],
  region: null,
  pin: [17, 3.5],
  mode: 'channel',
  channel: 412,
  metric: 'cosine',
  origin: 'min',
  stretch: ['fixed', -0.01237, 0.7213],
  lock: { mode: 'similarity', back: ['percentile', 2, 98] },
  colormap: 'magma_r',
  opacity: 0.35,
  picture: 'colour',
  chart: 'lines',
  order: 'share',
  zoom: 7.304,
  at: [100.25, 80.5],
};

test('a link restores everything', () => {
  const { views, wrong } = fromFragment(one(EVERYTHING));
  assert.deepEqual(wrong, []);
  assert.deepEqual(views, { list: [EVERYTHING], active: 0 });
  const rectangle: ViewState = { ...EVERYTHING, refs: [], region: [1, 2, 30.5, 40] };
  assert.deepEqual(first(one(rectangle)), rectangle);
});

test('the plainest view comes back from its link', () => {
  const plain = { ...defaults(), scene: 'a', layer: 'b' };
  assert.deepEqual(first(one(plain)), plain);
});

test('a link uses the names of the wire and stays readable', () => {
  assert.equal(
    one({ ...defaults(), scene: 'hydrant', layer: 'conv4', ref: [304.5, 340] }),
    '#v=1&scene=hydrant&layer=conv4&ref=304.5,340&mode=similarity&metric=angular&origin=zero' +
      '&stretch=around&colormap=viridis&opacity=0.1&picture=grey',
  );
});

test('values outside the tables are named and left at their defaults', () => {
  const bad: Record<string, string> = {
    ref: '1', pin: '1,two', at: 'NaN,1', mode: 'heat', channel: '-1', metric: 'l3', origin: 'max',
    stretch: 'percentile,98,2', colormap: 'jet', opacity: '1.5', picture: 'blue', zoom: '0.5', v: '2',
    refs: '1,2,0', region: '5,0,1,1', from: 'nowhere', lock: 'similarity,fixed,0,1', active: '2', chart: 'pie', order: 'size',
    'layer.7': 'x', 'ref.0': '1,1',
  };
  for (const [key, value] of Object.entries(bad)) {
    const { views, wrong } = fromFragment(`#${key}=${value}`);
    assert.deepEqual(wrong, [key]);
    assert.deepEqual(views, { list: [defaults()], active: 0 }, key);
  }
  assert.deepEqual(fromFragment('#stretch=fixed,1').wrong, ['stretch']);
  assert.deepEqual(fromFragment('#stretch=minmax,1').wrong, ['stretch']);
  assert.deepEqual(fromFragment('#scene=%zz').wrong, ['scene']);
});

test('keys of a later version and an empty fragment are fine', () => {
  assert.deepEqual(fromFragment('#v=1&layers=a,b&x').wrong, []);
  assert.deepEqual(fromFragment('').views.list[0], defaults());
});


test('a link without a lock but with fixed numbers is locked for what it shows', () => {
  const { lock, stretch } = first('#v=1&mode=channel&channel=3&stretch=fixed,0,2');
  assert.deepEqual([lock, stretch], [{ mode: 'channel', back: ['around'] }, ['fixed', 0, 2]]);
  assert.equal(first('#lock=similarity,around').lock, null);
});

test('a link restores several panels, and what they share stands once', () => {
  const views = { list: [{ ...defaults(), scene: 'a', layer: 'conv2', ref: [3, 4] as const }], active: 0 };
  add(views, 'a', 'conv3');
  add(views, 'b', 'conv3');
  change(views, 1, { mode: 'norm', zoom: 2, at: [5, 6] });
  change(views, 2, { ref: [7, 8], pin: [1, 1], from: 'a/conv3', metric: 'cosine' });
  views.active = 1;
  const fragment = toFragment(views);
  assert.equal(
    fragment,
    '#v=1&scene=a&layer=conv2&ref=3,4&zoom=2&at=5,6&mode=similarity&metric=cosine&origin=zero' +
      '&stretch=around&colormap=viridis&opacity=0.1&picture=grey&layer.2=conv3&mode.2=norm' +
      '&scene.3=b&layer.3=conv3&ref.3=7,8&pin.3=1,1&mode.3=similarity&from.3=a%2Fconv3&active=2',
  );
  const back = fromFragment(fragment);
  assert.deepEqual(back.wrong, []);
  assert.deepEqual(back.views, views);
});

test('a reference of a scene that no panel shows is left out', () => {
  const { views, wrong } = fromFragment('#scene=a&layer=x&scene.2=b&layer.2=x&from.2=c%2Fx');
  assert.deepEqual([wrong, views.list.map((each) => each.from)], [[], ['', '']]);
});
