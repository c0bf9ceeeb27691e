import assert from 'node:assert/strict';
import test from 'node:test';
import { Backoff } from '../src/core/backoff.ts';
import { Latest } from '../src/core/latest.ts';
import type { Frame, MapInfo, Probed, SetFields, ToServer } from '../src/core/protocol.ts';
import { Probes, View } from '../src/core/view.ts';

const MAP: MapInfo = {
  name: 'conv4', w: 27, h: 40, d: 8, extent: [0, 0, 432, 640],
  min: 0, max: 1, invalid: 0, dtype: 'f4', bytes: 1, rev: 1,
};
const WANTED: SetFields = { ref: [1, 2], mode: 'similarity', stretch: ['around'], vector: true };

function opened(): { view: View; sent: ToServer[]; clock: { now: number } } {
  const sent: ToServer[] = [];
  const clock = { now: 0 };
  const view = new View((m) => sent.push(m), () => clock.now);
  view.open('hydrant/conv4', MAP);
  view.want(WANTED);
  view.flush();
  view.opened(MAP);
  sent.length = 0;
  return { view, sent, clock };
}

function frame(number: number, seq: number): Frame {
  return {
    t: 'frame', view: 0, frame: number, seq, kind: 'scalar', enc: 'png', w: 1, h: 1,
    window: [0, 0, 1, 1], rows: null, cell: [0, 0], lo: 0, hi: 1, range: [0, 1], exact: true,
    hist: null, best: null, vector: null, us: { wait: 0, render: 0, read: 0, encode: 0 },
    image: new Uint8Array(1),
  };
}

test('the newest value wins and is taken once', () => {
  const latest = new Latest<number>();
  latest.put(1);
  latest.put(2);
  assert.equal(latest.take(), 2);
  assert.equal(latest.take(), undefined);
});

test('a hundred hovers between two animation frames are one set with the last', () => {
  const { view, sent } = opened();
  for (let k = 0; k < 100; k++) view.want({ ...WANTED, ref: [k, k] });
  view.flush();
  assert.deepEqual(sent, [{ t: 'set', view: 0, seq: 2, ref: [99, 99] }]);
});

test('only what changed is sent, and nothing when nothing did', () => {
  const { view, sent } = opened();
  view.want({ ...WANTED, ref: [1, 2], stretch: ['percentile', 2, 98] });
  view.flush();
  view.want({ ...WANTED, ref: [1, 2], stretch: ['percentile', 2, 98] });
  assert.equal(view.flush(), false);
  assert.deepEqual(sent, [{ t: 'set', view: 0, seq: 2, stretch: ['percentile', 2, 98] }]);
});

test('one reference goes in front of several and comes back', () => {
  const { view, sent } = opened();
  const { ref: _, ...rest } = WANTED;
  const wanted: SetFields[] = [{ ...rest, refs: [[3, 4, 1]] }, { ...rest, region: [0, 0, 2, 2] }, WANTED];
  for (const each of wanted) {
    view.want(each);
    view.flush();
  }
  assert.deepEqual(sent, [
    { t: 'set', view: 0, seq: 2, refs: [[3, 4, 1]] },
    { t: 'set', view: 0, seq: 3, region: [0, 0, 2, 2] },
    { t: 'set', view: 0, seq: 4, ref: [1, 2] },
  ]);
  assert.equal(view.shown(frame(2, 3))?.several, true);
});

test('the map of the reference is named, and left out again', () => {
  const { view, sent } = opened();
  view.want({ ...WANTED, from: 'beach/conv4' });
  view.flush();
  view.want(WANTED);
  view.flush();
  assert.deepEqual(sent, [
    { t: 'set', view: 0, seq: 2, from: 'beach/conv4' },
    { t: 'set', view: 0, seq: 3, from: '' },
  ]);
});

test('a refused map of the reference is taken back with the next set', () => {
  const { view, sent } = opened();
  view.want({ ...WANTED, from: 'beach/conv4' });
  view.flush();
  view.refused();
  view.want(WANTED);
  view.flush();
  assert.deepEqual(sent.at(-1), { t: 'set', view: 0, seq: 3, ...WANTED, from: '' });
});

test('views of one connection keep to their ids', () => {
  const sent: ToServer[] = [];
  const view = new View((m) => sent.push(m), () => 0, 5);
  view.open('hydrant/conv4', MAP);
  view.want(WANTED);
  view.flush();
  view.opened(MAP);
  assert.equal(view.accepts(frame(1, 1)), false, 'of view 0');
  assert.equal(view.accepts({ ...frame(1, 1), view: 5 }), true);
  view.close();
  assert.deepEqual(sent.map((m) => [m.t, 'view' in m && m.view]), [['open', 5], ['set', 5], ['close', 5]]);
});

test('another layer closes the view first and tells everything anew', () => {
  const { view, sent } = opened();
  view.open('hydrant/conv5', { ...MAP, name: 'conv5' });
  view.want(WANTED);
  view.flush();
  assert.deepEqual(sent, [
    { t: 'close', view: 0 },
    { t: 'open', view: 0, map: 'hydrant/conv5' },
    { t: 'set', view: 0, seq: 2, ...WANTED },
  ]);
});

test('after a new connection the map is opened and everything is told anew', () => {
  const { view, sent } = opened();
  view.shown(frame(90, 1));
  view.disconnected();
  assert.equal(view.flush(), false);
  view.restart();
  view.flush();
  assert.deepEqual(sent, [
    { t: 'open', view: 0, map: 'hydrant/conv4' },
    { t: 'set', view: 0, seq: 2, ...WANTED },
  ]);
  view.opened(MAP);
  assert.equal(view.accepts(frame(1, 2)), true, 'frames count from the start again');
});

test('frames that are older, of a map that was left, or of the defaults are not shown', () => {
  const { view } = opened();
  assert.equal(view.accepts(frame(1, 0)), false, 'the defaults');
  assert.equal(view.accepts(frame(5, 1)), true);
  view.shown(frame(5, 1));
  assert.equal(view.accepts(frame(4, 1)), false, 'older');
  assert.equal(view.accepts(frame(6, 1)), true, 'the exact one of the same set');
  view.open('hydrant/conv5', { ...MAP, name: 'conv5' });
  assert.equal(view.accepts(frame(7, 1)), false, 'of the map that was left');
  assert.equal(view.opened(MAP), false, 'an answer that comes too late');
  assert.equal(view.opened({ ...MAP, name: 'conv5', min: -1 }), true);
});

test('a shown frame tells what was asked and when', () => {
  const { view, clock } = opened();
  clock.now = 50;
  view.want({ ...WANTED, mode: 'channel', channel: 3 }, 40);
  clock.now = 52;
  view.flush();
  assert.equal(view.isShown(2), false);
  assert.deepEqual(view.shown(frame(2, 2)), {
    ref: [1, 2], several: false, from: '', mode: 'channel', channel: 3, metric: 'angular',
    at: 40, sent: 52,
  });
  assert.equal(view.isShown(2), true);
});

test('a refused set is not repeated, the next one is told whole', () => {
  const { view, sent } = opened();
  view.want({ ...WANTED, metric: 'l2' });
  view.flush();
  view.refused();
  assert.equal(view.flush(), false);
  view.want({ ...WANTED, metric: 'cosine' });
  view.flush();
  assert.deepEqual(sent.at(-1), { t: 'set', view: 0, seq: 3, ...WANTED, metric: 'cosine' });
});

test('acks carry the frame and whole microseconds', () => {
  const { view, sent } = opened();
  view.ack(frame(12, 1), 900.4);
  assert.deepEqual(sent, [{ t: 'ack', frame: 12, us: 900 }]);
});

function probed(seq: number): Probed {
  return {
    t: 'probed', view: 0, seq, cell: [0, 0], s: 1, cosine: 1, angle: 0, norm: 1,
    vector: new Float32Array(1),
  };
}

test('one probe of the pointer is out at a time, then the newest', () => {
  let seq = 0;
  const asked: number[] = [];
  const probes = new Probes((at) => (asked.push(at[0]), ++seq));
  for (const x of [1, 2, 3]) {
    probes.pointer([x, 0]);
    probes.flush();
  }
  assert.deepEqual(asked, [1]);
  assert.deepEqual(probes.answered(probed(1)), { what: 'pointer', at: [1, 0] });
  probes.flush();
  assert.deepEqual(asked, [1, 3]);
});

test('of two pins only the last one is answered', () => {
  let seq = 0;
  const probes = new Probes(() => ++seq);
  probes.pin([1, 1]);
  probes.pin([2, 2]);
  assert.equal(probes.answered(probed(1)), null);
  assert.deepEqual(probes.answered(probed(2)), { what: 'pin', at: [2, 2] });
});

test('the page tries again after 0.5 s to 8 s, for ever', () => {
  const backoff = new Backoff(() => 0.5);
  const waits = Array.from({ length: 100 }, () => backoff.next());
  assert.deepEqual(waits.slice(0, 6), [500, 1000, 2000, 4000, 8000, 8000]);
  assert.equal(waits[99], 8000);
  backoff.reset();
  assert.equal(backoff.next(), 500);
  assert.equal(new Backoff(() => 0).next(), 375);
  assert.equal(new Backoff(() => 1).next(), 625);
});

test('a map that went away while another was asked for does not take that one along', () => {
  const { view, sent } = opened();
  const other = { ...MAP, name: 'conv3', d: 4 };
  view.open('hydrant/conv3', other);
  view.failed(); // what the server says of conv4
  assert.equal(view.opened(other), true);
  view.want({ ...WANTED, ref: [3, 4] });
  assert.equal(view.flush(), true);
  assert.equal(sent.at(-1)?.t, 'set');
  assert.equal(view.accepts(frame(1, 3)), true);
});
