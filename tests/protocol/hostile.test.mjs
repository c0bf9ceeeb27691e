// Bytes that nobody should send. Whatever comes, the right answer goes out, nobody else notices, and
// the server neither dies nor grows.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { connect, encode, greet } from "./lib/client.mjs";
import { random, remove, scenes } from "./lib/fixtures.mjs";
import { fetchRaw } from "./lib/http.mjs";
import { patience, root, serve, sleep, within } from "./lib/server.mjs";
import { CLOSE, CONTINUATION, PING, TEXT, frame } from "./lib/ws.mjs";

// What AddressSanitizer keeps of freed memory (256 MiB, if it may) is not the server's growth.
const env = { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ""}:quarantine_size_mb=64` };

let server, data, calm;
before(async () => {
  data = scenes();
  server = await serve([data.dir], { env });
  const client = await greet(server.port);
  await client.open("small/signed");
  await client.frame();
  client.destroy();
  calm = server.peakMemory();
});
after(async () => {
  const client = await greet(server.port); // it still lives
  client.destroy();
  const grown = (server.peakMemory() - calm) / 2 ** 20;
  await server.stop();
  remove(data.dir);
  assert.ok(grown < 300, `hostile bytes made the server grow by ${grown.toFixed(0)} MiB`);
});

const hex = (text) => Buffer.from(text.replaceAll(" ", ""), "hex");
const str = (text) => Buffer.concat([Buffer.from([0xa0 | text.length]), Buffer.from(text)]);

// Sends bytes after a hello and expects the connection to end with `code`.
async function expectClose(bytes, code, errors = [1]) {
  const client = await greet(server.port);
  client.socket.send(bytes);
  const closed = await within(client.closed, 10000, "waiting for the server to close");
  assert.equal(closed.code, code, `closed with ${closed.code} ${closed.reason}`);
  const error = client.inbox.find((message) => message.t === "error");
  if (error) assert.ok(errors.includes(error.code), `error ${error.code}: ${error.message}`);
}

describe("malformed bytes close with 4400", { concurrency: 8 }, () => {
  const cases = {
    "an empty message": "", "no map": "01", "a string": "a3 61 62 63", "nil": "c0", "the byte that is never used": "c1",
    "an empty map": "80", "an array that says 10^8 entries": "dd 05 f5 e1 00", "a map that says 2^32 - 1 pairs": "df ff ff ff ff",
    "a map of 65535 pairs in 3 bytes": "de ff ff", "a binary of 4 GiB": "81 a1 74 c6 ff ff ff ff",
    "a string of 4 GiB": "81 a1 74 db ff ff ff ff", "an array of 10^8 as a value": `82 a1 74 a5 ${Buffer.from("pause").toString("hex")} a1 78 dd 05 f5 e1 00`,
    "a type that is a number": "81 a1 74 01", "a key that is a number": "82 a1 74 a5 7061757365 01 02",
    "t not first": "82 a1 78 01 a1 74 a5 7061757365", "something behind the message": "81 a1 74 a5 7061757365 00",
    "an extension type as a value": "82 a1 74 a5 7061757365 a1 78 c7 ff 01",
  };
  for (const [why, bytes] of Object.entries(cases)) test(why, () => expectClose(hex(bytes), 4400));

  test("arrays in arrays, 60000 deep", () => expectClose(Buffer.concat([hex("82 a1 74"), str("pause"), str("x"), Buffer.alloc(60000, 0x91)]), 4400));
  test("maps in maps, 20000 deep", () => expectClose(Buffer.concat([hex("82 a1 74"), str("pause"), str("x"), Buffer.alloc(60000, hex("81a178"))]), 4400));
  test("refs that say 10^8 points", () =>
    expectClose(Buffer.concat([hex("84 a1 74"), str("set"), str("view"), hex("00"), str("seq"), hex("01"), str("refs"), hex("dd 05 f5 e1 00")]), 4400, [1, 3]));
  test("a text message", async () => {
    const client = await greet(server.port);
    client.socket.send("hello", { opcode: TEXT });
    const { code } = await within(client.closed, 10000, "close");
    assert.ok([4400, 1003].includes(code), `closed with ${code}`);
  });
});

// Every message a client may send, from the vectors that all implementations share.
const vectors = (name) => JSON.parse(readFileSync(join(root, `proto/vectors/${name}.json`), "utf8"));
const types = ["hello", "open", "set", "probe", "ack", "close", "pause", "resume", "lead", "follow", "release"];
const messages = types.flatMap((t) => vectors(t).map(({ name, hex: text }) => ({ t, name, bytes: hex(text) })));
const HELLO = hex("a174 a5 68656c6c6f");

describe("every cut of every message is refused", { concurrency: 4 }, () => {
  for (const { t, name, bytes } of messages) {
    test(`${t}: ${name}`, async () => {
      for (let len = 0; len < bytes.length; len++) {
        const client = t === "hello" ? await connect(server.port) : await greet(server.port);
        client.socket.send(bytes.subarray(0, len));
        const { code } = await within(client.closed, 10000, `cut at ${len}`);
        assert.equal(code, 4400, `cut at ${len} of ${bytes.length}`);
      }
    });
  }
});

describe("queries that end at the most that a query may have", () => {
  // Encoded, "!" takes three bytes: so they end everywhere around the 4096th.
  const limit = 4096, ends = ["", "=", "=&", "=&b", `=&${"b".repeat(3000)}`, `&${"b".repeat(3000)}`, `=${"b".repeat(3000)}`];
  for (const [what, bytes] of [["letters", ""], ["one byte to encode", "!"], ["two", "!!"]]) {
    test(what, async () => {
      for (let n = limit - 12; n < limit + 4; n++) {
        for (const end of ends) {
          const path = `/api/v1/scenes?${"a".repeat(n - 3 * bytes.length)}${bytes}${end}`;
          const { status } = await fetchRaw(server.port, path);
          assert.ok([200, 400, 413].includes(status), `${n} ${end.slice(0, 3)}: ${status}`);
        }
      }
    });
  }
});

describe("every malformed vector is answered with its error", { concurrency: 4 }, () => {
  const codes = { malformed: 1, "unknown type": 2, range: 3 };
  for (const { why, hex: text, error: kind, names } of vectors("malformed")) {
    test(`${why}: ${kind}`, async () => {
      const bytes = hex(text);
      const client = bytes.indexOf(HELLO) === 1 ? await connect(server.port) : await greet(server.port);
      client.socket.send(bytes);
      if (kind === "malformed") {
        assert.equal((await within(client.closed, 10000, "close")).code, 4400);
      } else {
        const error = await client.next("error");
        assert.equal(error.code, codes[kind], error.message);
        if (names) assert.ok(error.message.includes(names), `"${error.message}" does not name ${names}`);
        assert.equal(client.socket.tcp.readyState, "open");
        client.destroy();
      }
    });
  }
});

describe("what is understood but wrong is an error, and the connection goes on", () => {
  let client;
  before(async () => {
    client = await greet(server.port);
    await client.open("small/signed");
  });
  after(() => client.destroy());

  async function expectError(message, code) {
    client.send(message);
    const error = await client.next("error");
    assert.equal(error.code, code, `${JSON.stringify(message)}: error ${error.code}, ${error.message}`);
    assert.match(error.message, /^\S.* .*\S$/, "a sentence");
    if (message.seq !== undefined && code !== 2) assert.equal(error.seq, message.seq);
    if (message.view < 64 && code !== 2) assert.equal(error.view, message.view);
    const probed = await client.probe([5, 5]);
    assert.deepEqual(probed.cell.length, 2);
  }

  const set = (changes) => ({ t: "set", view: 0, seq: ++client.seq, ...changes });
  const wrong = {
    "a mode nobody knows": { mode: "guess" }, "a metric nobody knows": { metric: "best" }, "an origin nobody knows": { origin: "max" },
    "a colour map nobody knows": { colormap: "jet" }, "a kind nobody knows": { kind: "3d" }, "a picture nobody knows": { picture: "sepia" },
    "a stretch nobody knows": { stretch: ["wide"] }, "percentiles the wrong way": { stretch: ["percentile", 98, 2] },
    "percentiles beyond 100": { stretch: ["percentile", 2, 101] }, "equal percentiles": { stretch: ["percentile", 5, 5] },
    "a percentile below 0": { stretch: ["percentile", -1, 50] },
    "fixed bounds the wrong way": { stretch: ["fixed", 1, 0] }, "fixed bounds not finite": { stretch: ["fixed", 0, Infinity] },
    "fixed bounds that are no numbers": { stretch: ["fixed", NaN, 1] }, "an opacity above 1": { opacity: 1.5 },
    "an opacity below 0": { opacity: -0.1 }, "an opacity that is no number": { opacity: NaN }, "a size above 16384": { size: [16385, 10] },
    "a channel above 65535": { channel: 65536 }, "a negative channel": { channel: -1 }, "17 references": { refs: Array.from({ length: 17 }, () => [1, 1, 1]) },
    "no references": { refs: [] }, "a reference of sign 0": { refs: [[1, 1, 0]] }, "a reference of sign 2": { refs: [[1, 1, 2]] },
    "a reference that is no number": { ref: [NaN, 1] },
    "a reference at infinity": { ref: [1, Infinity] },
  };
  for (const [why, changes] of Object.entries(wrong)) test(why, () => expectError(set(changes), 3));

  test("a channel the map does not have", () => expectError(set({ mode: "channel", channel: 12 }), 3));
  test("view 64", () => expectError({ t: "open", view: 64, map: "small/signed" }, 3));
  test("a type nobody knows", () => expectError({ t: "dance", view: 0 }, 2));
  test("a scene nobody has", () => expectError({ t: "open", view: 1, map: "nowhere/signed" }, 4));
  test("a layer nobody has", () => expectError({ t: "open", view: 1, map: "small/conv9" }, 4));
  test("a map without a layer", () => expectError({ t: "open", view: 1, map: "small" }, 4));
  test("a path for a map", () => expectError({ t: "open", view: 1, map: "../small/signed" }, 4));
  test("a view that is not open", () => expectError({ ...set({ ref: [1, 1] }), view: 9 }, 4));
  test("a reference in a map of another depth", () => expectError(set({ from: "wide/wide" }), 3));
  test("a reference in a map that nobody has", () => expectError(set({ from: "wide/none" }), 4));
  for (const message of [{ t: "lead" }, { t: "follow", on: true }, { t: "release" }]) {
    test(`${message.t}, which this server cannot do yet`, () => expectError(message, 5));
  }

  test("a wrong change changes nothing", async () => {
    await client.exact(Object.fromEntries([["ref", [50, 30]], ["mode", "similarity"], ["stretch", ["fixed", 0, 1]]]));
    client.send(set({ stretch: ["fixed", 0.2, 0.4], opacity: 7 }));
    await client.next("error");
    const next = await client.show({ ref: [51, 31] });
    assert.deepEqual([next.lo, next.hi], [0, 1]);
  });
});

describe("WebSocket frames", { concurrency: 8 }, () => {
  test("a message in fragments, with a ping between them, is one message", async () => {
    const client = await connect(server.port);
    const bytes = encode({ t: "hello", v: 1 });
    client.socket.send(bytes.subarray(0, 3), { fin: false });
    client.socket.send("?", { opcode: PING });
    client.socket.send(bytes.subarray(3, 7), { opcode: CONTINUATION, fin: false });
    await sleep(20);
    client.socket.send(bytes.subarray(7), { opcode: CONTINUATION });
    assert.equal((await client.next("welcome")).v, 1);
    client.destroy();
  });

  test("byte by byte is a message too", async () => {
    const client = await connect(server.port);
    for (const byte of frame(encode({ t: "hello", v: 1 }))) {
      client.socket.write(Buffer.from([byte]));
      await sleep(1);
    }
    assert.equal((await client.next("welcome")).v, 1);
    client.destroy();
  });

  const tooLong = {
    "of 65537 bytes": (socket) => socket.send(Buffer.alloc(65537)),
    "in fragments of 40000 bytes": (socket) => {
      socket.send(Buffer.alloc(40000), { fin: false });
      socket.send(Buffer.alloc(40000), { opcode: CONTINUATION, fin: false });
    },
    "that only says it has 1 MiB": (socket) => socket.send(Buffer.alloc(100), { declared: 1048576 }),
    "that only says it has 2^62 bytes": (socket) => socket.send(Buffer.alloc(100), { declared: 2n ** 62n }),
  };
  for (const [why, send] of Object.entries(tooLong)) {
    test(`a message ${why} closes with 1009`, async () => {
      const client = await greet(server.port);
      send(client.socket);
      assert.equal((await within(client.closed, 10000, "close")).code, 1009);
    });
  }

  test("a message of exactly 64 KiB is read", async () => {
    const client = await greet(server.port);
    const message = { t: "ack", frame: 1, us: 1, later: "" };
    message.later = "x".repeat(65536 - encode({ ...message, later: "x".repeat(60000) }).length + 60000);
    assert.equal(encode(message).length, 65536);
    client.send(message);
    client.send({ t: "dance" });
    assert.equal((await client.next("error")).code, 2);
    client.destroy();
  });

  const broken = {
    "a reserved opcode": frame("x", { opcode: 3 }), "a compressed frame nobody agreed on": frame("x", { rsv: 4 }),
    "a continuation of nothing": frame("x", { opcode: CONTINUATION }), "a ping of 126 bytes": frame(Buffer.alloc(126), { opcode: PING }),
    "a close of one byte": frame("x", { opcode: CLOSE }),
  };
  for (const [why, bytes] of Object.entries(broken)) {
    test(`${why} ends the connection`, async () => {
      const client = await greet(server.port);
      client.socket.write(bytes);
      await within(client.closed, 15000, "close");
    });
  }

  test("an unmasked frame and half a frame harm nobody", async () => {
    const [one, two] = [await greet(server.port), await greet(server.port)];
    one.socket.send(encode({ t: "pause" }), { mask: false });
    two.socket.write(frame(encode({ t: "pause" })).subarray(0, 5));
    two.socket.tcp.end();
    await sleep(100);
    one.destroy();
    const client = await greet(server.port);
    client.destroy();
  });

  test("noise after hello, 300 times, is refused 300 times", async () => {
    const next = random(4711);
    for (let round = 0; round < 30; round++) {
      await Promise.all(Array.from({ length: 10 }, async () => {
        const client = await greet(server.port);
        client.socket.send(Buffer.from(Array.from({ length: 1 + Math.floor(next() * 60) }, () => Math.floor(next() * 256))));
        await within(client.closed, 10000, "close");
      }));
    }
  });

  test("a good client beside all this still gets its frames", async () => {
    const client = await greet(server.port);
    await client.open("wide/wide");
    for (let k = 0; k < 20; k++) {
      const start = performance.now();
      await client.show({ ref: [k, k] });
      assert.ok(performance.now() - start < 3000 * patience);
    }
    client.destroy();
  });
});
