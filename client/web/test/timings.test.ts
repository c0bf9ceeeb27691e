import assert from 'node:assert/strict';
import test from 'node:test';
import {
  STAGES, Timings, spread, stagesOf, verdict, type Passage, type Summary,
} from '../src/core/timings.ts';

// 3 ms until it is asked for, 4 at the server, 6 on the link, 2 decoding, 1 drawing; from 97 ms on.
function passage(change: Partial<Passage> = {}): Passage {
  return {
    event: 97, sent: 100, arrived: 110, decode: 2, draw: 1, shown: 113.25,
    us: { wait: 500, render: 2000, read: 250, encode: 1250 },
    bytes: 1000, enc: 'png', exact: true, ...change,
  };
}

function summaryOf(...passages: Passage[]): Summary {
  const timings = new Timings();
  for (const each of passages) timings.add(each);
  return timings.summary() as Summary;
}

test('what is neither the server\u2019s nor the browser\u2019s is the link\u2019s', () => {
  assert.deepEqual(stagesOf(passage()), {
    ask: 3, wait: 0.5, render: 2, read: 0.25, encode: 1.25, network: 6, decode: 2, draw: 1,
  });
  const late = passage({ us: { wait: 50_000, render: 0, read: 0, encode: 0 } });
  assert.equal(stagesOf(late).network, 0, 'clocks that do not fit give no negative time');
});

test('the stages of a frame add up to its time from pointer to picture', () => {
  const { stages, total } = summaryOf(passage());
  const sum = STAGES.reduce((all, stage) => all + stages[stage].median, 0);
  assert.equal(sum, 16);
  assert.equal(total.median, 16.25, 'and what nobody measures, between decoding and drawing');
});

test('median and p95 are values that occurred', () => {
  const values = Array.from({ length: 60 }, (_, k) => 60 - k);
  assert.deepEqual(spread(values), { median: 30, p95: 57 });
  assert.deepEqual(spread([7]), { median: 7, p95: 7 });
  assert.deepEqual(spread([3, 1]), { median: 1, p95: 3 });
  assert.deepEqual(spread([]), { median: 0, p95: 0 });
});

test('the last 60 frames count, older ones are forgotten', () => {
  const timings = new Timings();
  assert.equal(timings.summary(), null);
  for (let k = 0; k < 10; k++) timings.add(passage({ bytes: 1e6, decode: 99 }));
  for (let k = 0; k < 60; k++) timings.add(passage());
  const summary = timings.summary() as Summary;
  assert.equal(summary.frames, 60);
  assert.deepEqual([summary.bytes.p95, summary.stages.decode.p95], [1000, 2]);
  timings.clear();
  assert.equal(timings.summary(), null);
});

test('frames a second are those of the movement, not of the pauses', () => {
  const at = [0, 40, 80, 120, 5120, 5160];
  const { rate } = summaryOf(...at.map((arrived) => passage({ arrived })));
  assert.equal(rate, 25);
  assert.equal(summaryOf(passage({ arrived: 0 }), passage({ arrived: 40 })).rate, null);
});

test('kinds of frames are counted', () => {
  const jpeg = passage({ enc: 'jpeg', exact: false });
  const { jpeg: lossy, exact, frames } = summaryOf(jpeg, passage(), jpeg);
  assert.deepEqual([lossy, exact, frames], [2, 1, 3]);
});

test('one sentence names the largest share', () => {
  const slowLink = summaryOf(passage({ arrived: 400 }));
  assert.equal(slowLink.largest, 'network');
  assert.equal(verdict(slowLink), 'The link takes most of the time.');
  const even = summaryOf(passage());
  assert.equal(verdict(even), 'The link takes the largest share, 38 %.');
  const us = { wait: 0, render: 90_000, read: 0, encode: 0 };
  assert.match(verdict(summaryOf(passage({ arrived: 195, us }))), /^Computing the picture takes most/);
  for (const largest of STAGES) {
    assert.match(verdict({ ...even, largest, share: 0.9 }), /^[A-Z].* takes most of the time\.$/);
  }
});
