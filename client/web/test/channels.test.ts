import assert from 'node:assert/strict';
import test from 'node:test';
import {
  differenceOf, orderOf, placesOf, sharesOf, strongest, summandOf,
} from '../src/core/channels.ts';
import { Listing, type Listed } from '../src/core/listing.ts';
import { alongOf, channelName, placeAt, positionOf } from '../src/core/wave.ts';

const p = Float32Array.of(1, -2, 3, 0);
const r = Float32Array.of(2, 1, 1, 5);

test('shares are what every channel adds, as a part of all that is added', () => {
  assert.deepEqual([...sharesOf(p, r, 'product').values], [2 / 7, -2 / 7, 3 / 7, 0]);
  assert.deepEqual([...sharesOf(p, r, 'square').values], [1 / 39, 9 / 39, 4 / 39, 25 / 39]);
  assert.deepEqual([...sharesOf(p, r, 'absolute').values], [1 / 11, 3 / 11, 2 / 11, 5 / 11]);
  const roots = [1, Math.sqrt(3), Math.sqrt(2), Math.sqrt(5)];
  const sum = roots.reduce((a, b) => a + b);
  sharesOf(p, r, 'root').values.forEach((v, k) => {
    assert.ok(Math.abs(v - (roots[k] as number) / sum) < 1e-12);
  });
});

test('shares respect what the measure takes off first', () => {
  const shifted = [3 * 4, 0, 5 * 3, 2 * 7];
  assert.deepEqual(
    [...sharesOf(p, r, 'product', -2).values], shifted.map((v) => v / 41),
  );
  const a = [...p].map((v) => v - 0.5);
  const b = [...r].map((v) => v - 2.25);
  const products = a.map((v, k) => v * (b[k] as number));
  const all = products.reduce((x, y) => x + Math.abs(y), 0);
  sharesOf(p, r, 'centred').values.forEach((v, k) => {
    assert.ok(Math.abs(v - (products[k] as number) / all) < 1e-12, `${k}`);
  });
});

test('the sizes of the shares add up to 1, or to 0 where nothing is added', () => {
  const a = Float32Array.from({ length: 500 }, (_, k) => Math.sin(k * 3.3));
  const b = Float32Array.from({ length: 500 }, (_, k) => Math.cos(k * 1.7));
  for (const metric of ['angular', 'dot', 'pearson', 'msam', 'l1', 'l2', 'lhalf'] as const) {
    const { values } = sharesOf(a, b, summandOf(metric));
    const sum = values.reduce((x, y) => x + Math.abs(y), 0);
    assert.ok(Math.abs(sum - 1) < 1e-12, `${metric}: ${sum}`);
  }
  assert.deepEqual([...sharesOf(p, p, 'square').values], [0, 0, 0, 0]);
});

test('the strongest channels come first whatever their sign, and those with no share not at all', () => {
  const top = strongest(sharesOf(p, r, 'product'), p, r, 10);
  assert.deepEqual(top.map((each) => each.channel), [2, 0, 1]);
  assert.deepEqual([top[0]?.here, top[0]?.other], [3, 1]);
  assert.ok((top[2]?.share ?? 0) < 0);
  const many = Float32Array.from({ length: 3000 }, (_, k) => Math.sin(k * 12.9898) * 100);
  const ones = new Float32Array(3000).fill(1);
  const want = [...many.keys()]
    .sort((x, y) => Math.abs(many[y] as number) - Math.abs(many[x] as number)).slice(0, 8);
  const got = strongest(sharesOf(many, ones, 'product'), many, ones, 8);
  assert.deepEqual(got.map((each) => each.channel), want);
});

test('the orders put the largest first, equal ones by index and no numbers last', () => {
  const shares = sharesOf(p, r, 'product');
  assert.equal(orderOf('index', p, r, shares), null);
  assert.deepEqual([...(orderOf('value', p, null, null) ?? [])], [2, 0, 3, 1]);
  assert.deepEqual([...(orderOf('difference', p, r, shares) ?? [])], [3, 1, 2, 0]);
  assert.deepEqual([...(orderOf('share', p, r, shares) ?? [])], [2, 0, 3, 1]);
  assert.deepEqual([...(orderOf('value', Float32Array.of(NaN, 1, 1), null, null) ?? [])], [1, 2, 0]);
  assert.equal(orderOf('difference', p, null, shares), null);
  const order = Uint32Array.of(2, 0, 3, 1);
  assert.deepEqual([...placesOf(order)], [1, 3, 0, 2]);
});

function listed(d: number, more: Partial<Listed> = {}): Listed {
  const here = Float32Array.from({ length: d }, (_, k) => Math.sin(k * 7.7) + 1);
  return { d, here, other: null, metric: 'angular', shift: 0, axis: null, ...more };
}

test('every channel of 4096 is reached by the chart, in every order and at every zoom', () => {
  const d = 4096;
  const other = Float32Array.from({ length: d }, (_, k) => Math.cos(k * 3.1) + 1);
  for (const sort of ['index', 'value', 'difference', 'share'] as const) {
    const list = new Listing();
    list.take(listed(d, { other }));
    list.arrange(sort, 'bars');
    const seen = new Set<number>();
    list.zoom(200, 0);
    for (;;) {
      const [first, last] = list.visible();
      for (let k = 0; k < 4 * list.rows.count; k++) {
        const channel = list.pointed((k + 0.5) / (4 * list.rows.count));
        const place = list.placeOf(channel);
        assert.ok(place >= first && place <= last, `${place} lies outside of ${first} to ${last}`);
        assert.equal(list.channelOf(place), channel);
        seen.add(channel);
      }
      if (last === d - 1) break;
      list.scroll(list.rows.count / 2);
    }
    assert.equal(seen.size, d, sort);
  }
});

test('revealing a channel makes it visible where the order puts it', () => {
  const list = new Listing();
  list.take(listed(2048));
  list.arrange('value', 'bars');
  list.zoom(50, 0);
  const channel = list.order?.[2000] as number;
  list.reveal(channel);
  const [first, last] = list.visible();
  assert.ok(first <= 2000 && last >= 2000);
  assert.equal(list.channelOf(2000), channel);
});

test('the scale of the bars is that of what is drawn', () => {
  const list = new Listing();
  list.take({ ...listed(2), here: Float32Array.of(100, 1), other: Float32Array.of(99, 1) });
  assert.ok(list.full >= 100);
  list.arrange('index', 'difference');
  assert.ok(list.full >= 1 && list.full < 2, `${list.full}`);
  assert.deepEqual([...(list.difference ?? [])], [1, 0]);
});

test('vectors of two lengths are not compared', () => {
  const list = new Listing();
  list.take({ ...listed(3), other: Float32Array.of(1, 2) });
  assert.equal(list.shares, null);
  assert.equal(list.difference, null);
});

test('difference is here minus other', () => {
  assert.deepEqual([...differenceOf(p, r)], [-1, -3, 2, -5]);
});

test('wavelengths name the channels and order the lines', () => {
  const axis = { unit: 'nm', values: Float32Array.of(400, 900, 650.5) };
  assert.equal(channelName(axis, 2), '650.5 nm (2)');
  assert.equal(channelName(null, 2), 'channel 2');
  const along = alongOf(axis, 3);
  assert.deepEqual([...along.order], [0, 2, 1]);
  assert.deepEqual([...along.at], [400, 650.5, 900]);
  for (const [x, place] of [[0, 0], [520, 0], [530, 1], [700, 1], [899, 2], [5000, 2]] as const) {
    assert.equal(placeAt(along, x), place, `${x}`);
  }
  assert.equal(positionOf(along, 0.5), 525.25);
  assert.equal(positionOf(along, 7), 900);
  const broken = alongOf({ unit: 'nm', values: Float32Array.of(1, NaN, 3) }, 3);
  assert.deepEqual([...broken.at], [0, 1, 2], 'an axis with holes is none');
});

test('in a line plot the nearest channel is pointed at', () => {
  const list = new Listing();
  const axis = { unit: 'nm', values: Float32Array.of(100, 200, 1000) };
  list.take(listed(3, { axis }));
  list.arrange('index', 'lines');
  assert.equal(list.pointed(0.05), 0);
  assert.equal(list.pointed(0.2), 1);
  assert.equal(list.pointed(0.9), 2);
});
