import assert from 'node:assert/strict';
import test from 'node:test';
import {
  contentRange, listed, nameOf, pauseOf, PIECE, sortOf, upload, type Answer, type Sending,
} from '../src/core/pieces.ts';

interface Piece {
  from: number;
  to: number;
}

const file = (size: number): { size: number; slice(from: number, to: number): Piece } => ({
  size,
  slice: (from, to) => ({ from, to }),
});

// A server that keeps what it is sent, and does what the test tells it at some of the calls.
class Server {
  stored = 0;
  calls: string[] = [];
  slept: number[] = [];
  told: string[] = [];
  progress: number[] = [];
  stop = false;

  constructor(
    readonly total: number,
    readonly odd: Record<number, (piece: Piece) => Answer | null> = {},
  ) {}

  private take(piece: Piece): Answer {
    if (piece.from !== this.stored) {
      return { status: 416, body: { code: 3, message: 'Send the next one.', next: this.stored } };
    }
    this.stored = piece.to;
    if (this.stored === this.total) return { status: 201, body: { name: 'm' } };
    return { status: 202, body: { received: this.stored } };
  }

  io(): Sending<Piece> {
    return {
      put: (piece, range, progress) => {
        const call = this.calls.push(range) - 1;
        progress((piece.to - piece.from) / 2);
        const odd = this.odd[call];
        const answer = odd ? odd(piece) : this.take(piece);
        return answer ? Promise.resolve(answer) : Promise.reject(new Error('lost'));
      },
      progress: (sent) => void this.progress.push(sent),
      waiting: (seconds, why) => void this.told.push(`${why} ${seconds}`),
      sleep: (ms) => (this.slept.push(ms), Promise.resolve()),
      cancelled: () => this.stop,
    };
  }

  lose = (keep: boolean) => (piece: Piece): null => {
    if (keep) this.take(piece); // it arrived, and the answer was lost
    return null;
  };
}

const TOTAL = 2 * PIECE + 1000;

test('a file goes in pieces of 8 MiB at most, with the range of each', async () => {
  const server = new Server(TOTAL);
  assert.deepEqual(await upload(file(TOTAL), server.io()), { done: true, body: { name: 'm' } });
  assert.deepEqual(server.calls, [
    `bytes 0-${PIECE - 1}/${TOTAL}`,
    `bytes ${PIECE}-${2 * PIECE - 1}/${TOTAL}`,
    `bytes ${2 * PIECE}-${TOTAL - 1}/${TOTAL}`,
  ]);
  assert.deepEqual(server.progress, [...server.progress].sort((a, b) => a - b));
  assert.equal(server.progress.at(-1), TOTAL);
});

test('a small file is one piece', async () => {
  const server = new Server(10);
  assert.equal((await upload(file(10), server.io())).done, true);
  assert.deepEqual(server.calls, ['bytes 0-9/10']);
});

test('a lost connection: the same piece is sent again', async () => {
  const server = new Server(TOTAL);
  server.odd[1] = server.lose(false);
  server.odd[2] = server.lose(false);
  assert.equal((await upload(file(TOTAL), server.io())).done, true);
  assert.equal(server.calls.length, 5);
  assert.equal(server.calls[1], server.calls[3]);
  assert.deepEqual(server.slept, [pauseOf(0), pauseOf(1)]);
  assert.match(server.told[0] ?? '', /^The connection is lost/);
});

test('an answer that was lost: the server says where to go on, and nothing is sent twice', async () => {
  const server = new Server(TOTAL);
  server.odd[0] = server.lose(true);
  assert.equal((await upload(file(TOTAL), server.io())).done, true);
  assert.deepEqual(server.calls.slice(1), [
    `bytes 0-${PIECE - 1}/${TOTAL}`, // refused with 416: next is PIECE
    `bytes ${PIECE}-${2 * PIECE - 1}/${TOTAL}`,
    `bytes ${2 * PIECE}-${TOTAL - 1}/${TOTAL}`,
  ]);
});

test('a server that was restarted and forgot the pieces gets them from the start', async () => {
  const server = new Server(TOTAL);
  server.odd[2] = () => {
    server.stored = 0;
    return { status: 416, body: { next: 0 } };
  };
  assert.equal((await upload(file(TOTAL), server.io())).done, true);
  assert.equal(server.calls.length, 6);
});

test('a refusal ends it with the server’s sentence', async () => {
  for (const status of [400, 403, 413, 422, 501, 507]) {
    const server = new Server(TOTAL);
    server.odd[1] = () => ({ status, body: { code: 6, message: 'The quota is 1 GB; delete a scene.' } });
    const outcome = await upload(file(TOTAL), server.io());
    assert.deepEqual(
      outcome, { done: false, cancelled: false, why: 'The quota is 1 GB; delete a scene.' },
    );
    assert.equal(server.calls.length, 2);
  }
  const mute = new Server(10, { 0: () => ({ status: 413, body: null }) });
  const outcome = await upload(file(10), mute.io());
  assert.ok(!outcome.done && /HTTP 413/.test(outcome.why));
});

test('a busy server is asked again, later and later, and at last given up', async () => {
  const server = new Server(10);
  for (let k = 0; k < 100; k++) server.odd[k] = () => ({ status: 503, body: null });
  const outcome = await upload(file(10), server.io());
  assert.ok(!outcome.done && !outcome.cancelled && /more tries did not help/.test(outcome.why));
  assert.ok(server.slept.length >= 5 && server.slept.length < 20);
  for (const [k, ms] of server.slept.entries()) assert.ok(k === 0 || ms >= (server.slept[k - 1] as number));
});

test('a byte that gets through starts the patience anew', async () => {
  const total = 20 * PIECE;
  const server = new Server(total);
  for (let k = 0; k < 40; k += 2) server.odd[k] = server.lose(false);
  assert.equal((await upload(file(total), server.io())).done, true);
});

test('a server that sends us back and forth is not followed for ever', async () => {
  const server = new Server(TOTAL);
  for (let k = 0; k < 1000; k++) {
    server.odd[k] = () => ({ status: 416, body: { next: k % 2 === 0 ? PIECE : 0 } });
  }
  const outcome = await upload(file(TOTAL), server.io());
  assert.ok(!outcome.done && !outcome.cancelled);
  assert.ok(server.calls.length < 50, `${server.calls.length} calls`);
});

test('a 416 that makes no sense ends it', async () => {
  for (const next of [undefined, -1, 1.5, TOTAL, TOTAL + 5]) {
    const server = new Server(TOTAL, { 0: () => ({ status: 416, body: { next, message: 'No.' } }) });
    assert.deepEqual(
      await upload(file(TOTAL), server.io()), { done: false, cancelled: false, why: 'No.' },
    );
  }
});

test('cancelling ends it at once, also within a pause', async () => {
  const server = new Server(TOTAL);
  server.odd[1] = () => {
    server.stop = true;
    return null;
  };
  const outcome = await upload(file(TOTAL), server.io());
  assert.ok(!outcome.done && outcome.cancelled);
  assert.equal(server.calls.length, 2);
  assert.deepEqual(server.slept, []);
});

test('ranges', () => {
  assert.equal(contentRange(0, 1, 1), 'bytes 0-0/1');
  assert.equal(contentRange(0, 0, 0), 'bytes */0');
});

test('files are known by their names, others are refused in a sentence', () => {
  for (const name of ['a.npy', 'B.NPZ', 'x.safetensors', 'c3.8.zip']) {
    assert.deepEqual(sortOf(name), { sort: 'map' }, name);
  }
  for (const name of ['a.jpg', 'A.JPEG', 'b.png']) assert.deepEqual(sortOf(name), { sort: 'picture' });
  for (const name of ['a.tif', 'w.pt', 'cube.h5', 'x.nc']) {
    const answer = sortOf(name);
    assert.ok('why' in answer && /Python/.test(answer.why), name);
  }
  const answer = sortOf('notes.txt');
  assert.ok('why' in answer && /\.npy/.test(answer.why));
  assert.equal(nameOf('layer4.npy'), 'layer4');
  assert.equal(nameOf('a/b\\c.safetensors'), 'a_b_c');
  assert.equal(nameOf('.npy'), 'map');
  const cube = sortOf('cube.hdr');
  assert.ok('why' in cube && /ENVI/.test(cube.why));
});

test('a file may have a longer name than the server takes', () => {
  assert.equal(nameOf(`${'x'.repeat(119)} z.npy`), 'x'.repeat(119));
  assert.equal(nameOf(`${'\u00e4'.repeat(70)}.npy`), '\u00e4'.repeat(60));
  assert.equal(nameOf(`x${'\u{1f642}'.repeat(40)}.npy`), `x${'\u{1f642}'.repeat(29)}`);
});

test('of several refused files each is told, of many the first ones', () => {
  assert.equal(listed([]), '');
  assert.equal(listed(['a.', 'b.']), 'a.\nb.');
  assert.equal(listed(['1.', '2.', '3.', '4.']), '1.\n2.\n3.\n4.');
  assert.equal(listed(['1.', '2.', '3.', '4.', '5.', '6.']), '1.\n2.\n3.\n4.\n2 more of them cannot be taken.');
});
