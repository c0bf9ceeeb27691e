import assert from 'node:assert/strict';
import { encode } from '@msgpack/msgpack';
import test from 'node:test';
import { fromBytes, toBytes, type Frame, type ToServer } from '../src/core/protocol.ts';
import { bytes, hex, malformed, names, plain, vectors } from './vectors.ts';

const FROM_SERVER = [
  'welcome', 'scenes', 'opened', 'loading', 'frame', 'frame_rows', 'probed', 'error', 'bye',
];

test('every message that a client sends has the bytes of the vectors', () => {
  let seen = 0;
  for (const file of names()) {
    if (FROM_SERVER.includes(file.replace('.json', ''))) continue;
    for (const vector of vectors(file)) {
      if ('decode_only' in vector) continue;
      const message = plain(vector.message) as unknown as ToServer;
      assert.equal(hex(toBytes(message)), vector.hex, `${file}: ${vector.name}`);
      seen += 1;
    }
  }
  assert.ok(seen > 30, `only ${seen} vectors`);
});

// What the page makes of a field: binary data in typed arrays, absent optional ones as null.
function expected(message: Record<string, unknown>): Record<string, unknown> {
  const want = plain(message) as Record<string, unknown>;
  if (want['t'] === 'frame') {
    const { hist, vector } = want as { hist?: Uint8Array; vector?: Uint8Array };
    const rows = want['rows'] as [number, number, boolean] | undefined;
    want['rows'] = rows ? { y0: rows[0], y1: rows[1], last: rows[2] } : null;
    want['hist'] = hist ? new Uint32Array(hist.slice().buffer) : null;
    want['vector'] = vector ? new Float32Array(vector.slice().buffer) : null;
  }
  if (want['t'] === 'probed') {
    want['vector'] = new Float32Array((want['vector'] as Uint8Array).slice().buffer);
  }
  if (want['t'] === 'opened') {
    const { axis } = want['map'] as { axis?: { values: unknown } };
    if (axis) axis.values = new Float32Array((axis.values as Uint8Array).slice().buffer);
  }
  if (want['t'] === 'error') {
    want['view'] ??= null;
    want['seq'] ??= null;
  }
  if (want['t'] === 'welcome') {
    delete want['v'];
    const { upload } = want['limits'] as { upload?: number };
    want['limits'] = { upload: upload ?? 0 };
  }
  return want;
}

test('every message of a server is understood as the vectors say', () => {
  for (const type of FROM_SERVER) {
    for (const vector of vectors(`${type}.json`)) {
      const got = fromBytes(bytes(vector.hex)) as unknown as Record<string, unknown>;
      assert.deepEqual(got, expected(vector.message), `${type}: ${vector.name}`);
    }
  }
});

test('no cut of a message is taken for a message', () => {
  for (const type of FROM_SERVER) {
    for (const vector of vectors(`${type}.json`)) {
      const whole = bytes(vector.hex);
      for (let length = 0; length < whole.length; length++) {
        assert.throws(() => fromBytes(whole.subarray(0, length)), `${vector.name} cut at ${length}`);
      }
    }
  }
});

test('malformed bytes are refused, or are of a type that may be skipped', () => {
  for (const { why, hex: text } of malformed()) {
    let message: unknown = null;
    try {
      message = fromBytes(bytes(text));
    } catch {
      continue;
    }
    assert.equal(message, null, why);
  }
});

function frameWith(change: Record<string, unknown>): () => unknown {
  const [first] = vectors('frame.json');
  const message = { ...(plain(first?.message) as Record<string, unknown>), ...change };
  return () => fromBytes(toBytes(message as unknown as ToServer));
}

test('a frame with a field of the wrong kind is refused by name', () => {
  const wrong: Record<string, unknown> = {
    enc: 'gif', kind: 'grey', frame: -1, seq: 1.5, w: '3', window: [0, 0, 1], cell: [1],
    lo: 'low', range: [0, null], exact: 1, hist: new Uint8Array(4), vector: new Uint8Array(5),
    image: new Uint8Array(0), us: null,
  };
  for (const [key, value] of Object.entries(wrong)) {
    assert.throws(frameWith({ [key]: value }), new RegExp(`: ${key}$`), key);
  }
  assert.doesNotThrow(frameWith({ later: [1, { of: 'a later version' }] }));
});

test('a strip that is none is refused', () => {
  const h = 106; // of the first vector
  assert.deepEqual((frameWith({ rows: [0, h, true] })() as Frame).rows, { y0: 0, y1: h, last: true });
  const wrong = [
    [0, 8], [0, 8, 1], [8, 8, false], [-1, 8, false], [0.5, 8, false], [0, h + 1, true], 'all',
  ];
  for (const rows of wrong) assert.throws(frameWith({ rows }), /: rows$/, String(rows));
  assert.throws(frameWith({ enc: 'jpeg', rows: [0, 8, false] }), /: rows$/);
});

test('the vector of a frame is equal to the bit', () => {
  const values = Float32Array.of(0.1, -1e-42, 3.4028234663852886e38, -0);
  const raw = new Uint8Array(values.buffer);
  const frame = frameWith({ vector: raw })() as Frame;
  assert.deepEqual(new Uint8Array(frame.vector?.buffer as ArrayBuffer), raw);
});

test('how much is loaded lies between nothing and all', () => {
  const told = (done: unknown): unknown => fromBytes(encode({ t: 'loading', view: 0, map: 'a/b', done }));
  assert.deepEqual(told(0), { t: 'loading', view: 0, map: 'a/b', done: 0 });
  assert.deepEqual(told(1), { t: 'loading', view: 0, map: 'a/b', done: 1 });
  for (const done of [-0.1, 1.1, NaN, null, '1', undefined]) {
    assert.throws(() => told(done), /: done$/, String(done));
  }
});

test('an axis has a value for each channel', () => {
  const vector = vectors('opened.json').find(({ message }) => 'axis' in (message['map'] as object));
  const message = plain(vector?.message) as { map: { axis: object } };
  const refused = (axis: unknown): void => {
    const changed = { ...message, map: { ...message.map, axis } };
    assert.throws(() => fromBytes(encode(changed)), JSON.stringify(axis));
  };
  assert.doesNotThrow(() => fromBytes(encode(message)));
  refused(7);
  refused({ unit: 'nm' });
  refused({ ...message.map.axis, unit: null });
  refused({ ...message.map.axis, values: new Uint8Array(16) });
  refused({ ...message.map.axis, values: new Uint8Array(21) });
});
