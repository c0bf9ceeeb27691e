import assert from 'node:assert/strict';
import test from 'node:test';
import { arrange, groupOf } from '../src/core/layout.ts';
import {
  MOST, add, change, cross, crossAll, enter, partner, release, remove, source, tidied, unevenWords,
  type Views,
} from '../src/core/panels.ts';
import { defaults, type ViewState } from '../src/core/state.ts';

const SPACE = { gap: 10, head: 20 };
const PORTRAIT = { w: 427, h: 640 };
const WIDE = { w: 1600, h: 900 };

function views(...names: string[]): Views {
  const list = names.map((name): ViewState => {
    const [scene = '', layer = ''] = name.split('/');
    return { ...defaults(), scene, layer };
  });
  return { list, active: 0 };
}

test('one panel fills the stage', () => {
  const { cells } = arrange([PORTRAIT], { w: 900, h: 700 }, { gap: 0, head: 0 });
  assert.deepEqual(cells, [[0, 0, 900, 700]]);
});

test('tall pictures stand beside each other on a wide stage, wide ones above each other on a tall one', () => {
  assert.equal(arrange([PORTRAIT, PORTRAIT, PORTRAIT], { w: 900, h: 700 }, SPACE).rows, 1);
  assert.equal(arrange([WIDE, WIDE], { w: 340, h: 600 }, SPACE).rows, 2);
  assert.equal(arrange([WIDE, WIDE, WIDE, WIDE], { w: 1000, h: 640 }, SPACE).rows, 2);
});

test('the layers of several scenes stand in rows of scenes', () => {
  const six = Array.from({ length: 6 }, () => WIDE);
  const stage = { w: 970, h: 640 };
  assert.equal(arrange(six, stage, SPACE).columns, 2, 'alone they would have more room');
  assert.equal(groupOf(['a', 'a', 'a', 'b', 'b', 'b']), 3);
  assert.equal(arrange(six, stage, SPACE, 3).columns, 3);
  assert.deepEqual([['a'], ['a', 'b'], ['a', 'a', 'b'], ['a', 'b', 'b', 'b'], ['a', 'a']].map(groupOf), [1, 1, 1, 1, 1]);
});

test('no other number of rows gives the pictures more room', () => {
  for (const shape of [PORTRAIT, WIDE, { w: 1, h: 1 }]) {
    for (const stage of [{ w: 820, h: 690 }, { w: 1460, h: 970 }, { w: 300, h: 520 }]) {
      for (let n = 1; n <= MOST; n++) {
        const got = arrange(Array(n).fill(shape), stage, SPACE);
        const area = (rows: number): number => {
          const columns = Math.ceil(n / rows);
          const w = (stage.w - (columns - 1) * SPACE.gap) / columns;
          const h = (stage.h - (rows - 1) * SPACE.gap) / rows - SPACE.head;
          const scale = Math.max(0, Math.min(w / shape.w, h / shape.h));
          return scale * scale;
        };
        const most = Math.max(...Array.from({ length: n }, (_, k) => area(k + 1)));
        assert.ok(area(got.rows) >= most * 0.999, `${n} in ${stage.w} x ${stage.h}: ${got.rows} rows`);
      }
    }
  }
});

test('cells lie on the stage and do not cover each other', () => {
  const stage = { w: 811, h: 613 };
  for (let n = 1; n <= MOST; n++) {
    const { cells } = arrange(Array(n).fill(WIDE), stage, SPACE);
    assert.equal(cells.length, n);
    cells.forEach(([x0, y0, x1, y1], k) => {
      assert.ok(x0 >= 0 && y0 >= 0 && x1 <= stage.w && y1 <= stage.h && x0 < x1 && y0 < y1);
      for (const [a0, b0, a1, b1] of cells.slice(k + 1)) {
        assert.ok(x1 <= a0 || a1 <= x0 || y1 <= b0 || b1 <= y0, `${n} panels: ${k}`);
      }
    });
  }
});

test('panels of a scene share the place, all share colours and measure, modes are their own', () => {
  const all = views('a/x', 'a/y', 'b/x');
  change(all, 1, { ref: [1, 2], zoom: 3, metric: 'cosine', mode: 'norm' });
  assert.deepEqual(all.list.map(({ ref, zoom }) => [ref, zoom]), [[[1, 2], 3], [[1, 2], 3], [null, 1]]);
  assert.deepEqual(all.list.map(({ metric }) => metric), ['cosine', 'cosine', 'cosine']);
  assert.deepEqual(all.list.map(({ mode }) => mode), ['similarity', 'norm', 'similarity']);
});

test('a panel that is added looks where its scene is looked at, and gets active', () => {
  const all = views('a/x');
  change(all, 0, { ref: [5, 6], pin: [7, 8], opacity: 0.4 });
  add(all, 'a', 'y');
  add(all, 'b', 'x');
  assert.equal(all.active, 2);
  assert.deepEqual(all.list.map(({ ref }) => ref), [[5, 6], [5, 6], null]);
  assert.deepEqual(all.list.map(({ pin }) => pin), [[7, 8], [7, 8], null]);
  assert.deepEqual(all.list.map(({ opacity }) => opacity), [0.4, 0.4, 0.4]);
});

test('there are six at most and one at least, and the active one stays active', () => {
  const all = views('a/x');
  for (let k = 1; k < MOST; k++) assert.ok(add(all, 'a', 'x'));
  assert.equal(add(all, 'a', 'x'), null);
  all.active = 3;
  const active = all.list[3];
  remove(all, 1);
  assert.equal(all.list[all.active], active);
  remove(all, 4);
  assert.equal(all.list[all.active], active);
  all.active = 3;
  remove(all, 3);
  assert.equal(all.active, 2);
  while (all.list.length > 1) remove(all, 0);
  assert.equal(remove(all, 0), false);
  assert.equal(all.active, 0);
});

test('another scene takes its place along or starts anew', () => {
  const all = views('a/x', 'b/x');
  change(all, 1, { ref: [1, 1] });
  change(all, 0, { ref: [2, 2], zoom: 4 });
  enter(all, 0, 'a', 'y');
  assert.deepEqual([all.list[0]?.ref, all.list[0]?.zoom], [[2, 2], 4]);
  enter(all, 0, 'b', 'y');
  assert.deepEqual([all.list[0]?.ref, all.list[0]?.zoom], [[1, 1], 1]);
  enter(all, 0, 'c', 'y');
  assert.equal(all.list[0]?.ref, null);
});

test('a reference of another scene comes from a panel that shows it', () => {
  const all = views('a/x', 'a/y', 'b/y');
  const [, , cross] = all.list as [ViewState, ViewState, ViewState];
  assert.equal(partner(all.list, 2), all.list[1], 'the same layer');
  change(all, 2, { from: 'a/y' });
  assert.equal(source(all.list, cross)?.scene, 'a');
  assert.equal(source(all.list, all.list[0] as ViewState), all.list[0]);
  remove(all, 0);
  assert.equal(cross.from, 'a/y', 'the other panel of the scene still shows it');
  remove(all, 0);
  assert.equal(cross.from, '');
});

test('two panels that would wait for each other have their own references', () => {
  const all = views('a/x', 'b/x');
  Object.assign(all.list[0] as ViewState, { from: 'b/x' });
  Object.assign(all.list[1] as ViewState, { from: 'a/x' });
  tidied(all);
  assert.ok(all.list.some((each) => each.from === ''));
});

// Lengths of vectors: a/x and b/x 8, a/y and b/y 4, a/z 2, b/z 3; c has w alone.
const LENGTHS: Record<string, number> = {
  'a/x': 8, 'a/y': 4, 'a/z': 2, 'b/x': 8, 'b/y': 4, 'b/z': 3, 'c/w': 4,
};
const lengthOf = (scene: string, layer: string): number | null => LENGTHS[`${scene}/${layer}`] ?? null;
const froms = ({ list }: Views): string[] => list.map(({ from }) => from);

test('one press compares a panel with its partner, the next one takes it back', () => {
  const all = views('a/x', 'b/y', 'b/x');
  cross(all, 2);
  assert.deepEqual(froms(all), ['', '', 'a/x']);
  cross(all, 1);
  assert.deepEqual(froms(all), ['', 'a/x', 'a/x'], 'another layer where there is none of the name');
  cross(all, 2);
  assert.deepEqual(froms(all), ['', 'a/x', '']);
});

test('all panels of a picture compare with the other’s, each with the layer of its name, shown or not', () => {
  const all = views('a/x', 'b/x', 'b/y');
  change(all, 0, { ref: [3, 4] });
  assert.deepEqual(crossAll(all, 2, lengthOf), []);
  assert.deepEqual(froms(all), ['', 'a/x', 'a/y']);
  for (const each of all.list) assert.deepEqual(source(all.list, each)?.ref, [3, 4]);
  assert.deepEqual(froms(tidied(all)), ['', 'a/x', 'a/y']);
  crossAll(all, 1, lengthOf);
  assert.deepEqual(froms(all), ['', '', '']);
});

test('what is missing is added before all is taken back; what waits for a picture can be let go', () => {
  const all = views('a/x', 'b/x', 'b/y', 'b/y');
  cross(all, 2);
  crossAll(all, 2, lengthOf);
  assert.deepEqual(froms(all), ['', 'a/x', 'a/x', 'a/y'], 'a choice that was made stays');
  assert.deepEqual(crossAll(all, 0, lengthOf), [], 'nothing is left to compare with');
  assert.deepEqual(froms(all), ['', 'a/x', 'a/x', 'a/y']);
  assert.equal(release(all.list, 'a'), true);
  assert.deepEqual([...froms(all), release(all.list, 'a')], ['', '', '', '', false]);
  crossAll(all, 0, lengthOf);
  assert.deepEqual(froms(all), ['b/x', '', '', ''], 'each picture can be the one');
  crossAll(all, 1, lengthOf);
  assert.deepEqual(froms(all), ['b/x', '', '', ''], 'which is not looked at for its own');
  const own = views('a/x', 'a/y');
  assert.deepEqual(crossAll(own, 0, lengthOf), []);
  assert.deepEqual(froms(own), ['', '']);
});

test('panels with vectors of another length stay as they are, and are named', () => {
  const all = views('a/x', 'b/x', 'b/z', 'c/w');
  const uneven = crossAll(all, 1, lengthOf);
  assert.deepEqual(froms(all), ['', 'a/x', '', '']);
  assert.deepEqual(uneven, [{ layer: 'z', length: 3, other: { scene: 'a', layer: 'z', length: 2 } }]);
  assert.equal(unevenWords(uneven), 'z keeps its own reference: its vectors have 3 values, those of z in a 2; compare layers of one length.');
  assert.deepEqual(crossAll(all, 2, lengthOf), [], 'nothing is missing any more');
  assert.deepEqual(froms(all), ['', '', '', '']);
  const none = views('a/x', 'a/y', 'c/w');
  none.list.reverse();
  const [one] = crossAll(none, 0, lengthOf);
  assert.equal(one, undefined, 'a shown layer of that length stands in for the name');
  assert.deepEqual(froms(none), ['a/y', '', '']);
  const odd = views('a/x', 'b/z', 'b/z');
  assert.match(unevenWords(crossAll(odd, 1, lengthOf)), /^z and z keep their own reference: .*in a; .*\.$/);
  assert.equal(unevenWords([]), '');
});
