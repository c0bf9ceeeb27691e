// The first words of a connection: who may speak, in which order, and what the server says of itself.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect, decode, encode, greet } from "./lib/client.mjs";
import { served } from "./lib/served.mjs";
import { patience, within } from "./lib/server.mjs";
import { open } from "./lib/ws.mjs";

const { server } = await served();

// Sends `bytes` and gives {error, code}: the last error message and the code the socket closed with.
async function ending(client) {
  const closed = await within(client.closed, 10000, "waiting for the server to close");
  return { code: closed.code, error: client.inbox.filter((message) => message.t === "error").at(-1) };
}

describe("hello", { concurrency: true }, () => {
  test("is answered with welcome: version, role, limits and every scene", async () => {
    const client = await greet(server.port);
    const { v, id, role, server: facts, limits, scenes: found } = client.welcome;
    assert.equal(v, 1);
    assert.ok(typeof id === "string" && id.length >= 8, "an id to resume with");
    assert.ok(["owner", "leader", "viewer"].includes(role));
    assert.match(facts.version, /^\d+\.\d+\.\d+/);
    assert.ok(facts.gpu.length > 0 && typeof facts.software === "boolean");
    assert.deepEqual(limits, { views: 64, message: 65536, refs: 16, upload: 0 });
    assert.deepEqual(found.map((scene) => scene.name).sort(), ["a b%", "small", "wide"]);
    const small = found.find((scene) => scene.name === "small");
    assert.deepEqual(small.picture, [96, 64]);
    assert.deepEqual(small.maps.map((map) => map.name), ["holes", "signed"]);
    const { w, h, d, extent, dtype, bytes } = small.maps[1];
    assert.deepEqual({ w, h, d, extent, dtype, bytes }, { w: 24, h: 16, d: 12, extent: [0, 0, 96, 64], dtype: "f4", bytes: 24 * 16 * 12 * 4 });
    assert.equal(found.find((scene) => scene.name === "wide").picture, null);
    client.destroy();
  });

  test("is these eleven bytes at least", async () => {
    const client = await connect(server.port);
    client.socket.send(Buffer.from("82a174a568656c6c6fa17601", "hex"));
    assert.equal((await client.next("welcome")).v, 1);
    client.destroy();
  });

  test("takes a number as float, and skips keys it does not know", async () => {
    const client = await connect(server.port);
    client.socket.send(Buffer.concat([Buffer.from("83a174a568656c6c6fa176cb3ff0000000000000", "hex"), encode("later"), encode("thing")]));
    assert.equal((await client.next("welcome")).v, 1);
    client.destroy();
  });

  test("with a name, and with the id of an earlier welcome, is welcome too", async () => {
    const first = await greet(server.port, { hello: { name: "Ada" } });
    first.destroy();
    const again = await greet(server.port, { hello: { resume: first.welcome.id } });
    assert.equal(again.welcome.v, 1);
    again.destroy();
  });

  test("of another version is refused with error 14", async () => {
    const client = await connect(server.port);
    client.send({ t: "hello", v: 2 });
    const { code, error } = await ending(client);
    assert.equal(code, 4400);
    assert.equal(error.code, 14);
    assert.match(error.message, /\w.*\w/);
  });

  test("said twice is an error of order, and closes", async () => {
    const client = await greet(server.port);
    client.send({ t: "hello", v: 1 });
    const { code, error } = await ending(client);
    assert.equal(code, 4400);
    assert.equal(error.code, 11);
  });

  for (const message of [{ t: "open", view: 0, map: "small/signed" }, { t: "set", view: 0, seq: 1 }, { t: "pause" }, { t: "ack", frame: 1, us: 1 }]) {
    test(`must come before ${message.t}`, async () => {
      const client = await connect(server.port);
      client.send(message);
      const { code, error } = await ending(client);
      assert.equal(code, 4400);
      assert.equal(error.code, 11);
    });
  }

  test("that never comes closes the connection after 5 s", async () => {
    const client = await connect(server.port);
    const start = performance.now();
    const { code } = await ending(client);
    const seconds = (performance.now() - start) / 1000;
    assert.equal(code, 4408);
    assert.ok(seconds > 3.5 && seconds < 8 * patience, `closed after ${seconds.toFixed(1)} s`);
  });

  test("of more than 1 KiB is too long", async () => {
    const client = await connect(server.port);
    client.send({ t: "hello", v: 1, later: "x".repeat(1100) });
    assert.equal((await within(client.closed, 10000, "close")).code, 1009);
  });

  test("may be longer than 127 bytes in keys that are skipped, but not in a name", async () => {
    const client = await connect(server.port);
    client.send({ t: "hello", v: 1, name: "n".repeat(200) });
    const { error } = await ending(client);
    assert.ok([1, 3].includes(error.code), `error ${error.code}`);
  });
});

describe("the door", { concurrency: true }, () => {
  const port = () => server.port;
  const cases = [
    ["no Origin", () => ({}), 101],
    ["its own origin", () => ({ Origin: `http://127.0.0.1:${port()}` }), 101],
    ["localhost, another port", () => ({ Origin: "http://localhost:3000" }), 101],
    ["127.0.0.1, another port", () => ({ Origin: "http://127.0.0.1:9" }), 101],
    ["[::1], another port", () => ({ Origin: "http://[::1]:9" }), 101],
    ["a foreign site", () => ({ Origin: "http://evil.example" }), 403],
    ["a foreign site on our port", () => ({ Origin: `http://evil.example:${port()}` }), 403],
    ["our address as a prefix of another name", () => ({ Origin: `http://127.0.0.1:${port()}.evil.example` }), 403],
    ["our name as a prefix of another", () => ({ Origin: "http://localhost.evil.example" }), 403],
    ["our name as user of another", () => ({ Origin: "http://localhost@evil.example" }), 403],
    ["the origin null", () => ({ Origin: "null" }), 403],
    ["a file", () => ({ Origin: "file://" }), 403],
    ["Host localhost", () => ({ Host: `localhost:${port()}` }), 101],
    ["Host localhost, another port (ssh -L)", () => ({ Host: "localhost:8888" }), 101],
    ["a foreign Host (DNS rebinding)", () => ({ Host: "evil.example" }), 403],
    ["a foreign Host on our port", () => ({ Host: `evil.example:${port()}` }), 403],
    ["a foreign Host with the same foreign Origin", () => ({ Host: "evil.example", Origin: "http://evil.example" }), 403],
  ];
  for (const [name, headers, status] of cases) {
    test(`${name}: ${status}`, async () => {
      const answer = await open(server.port, { headers: headers() });
      answer.socket?.destroy();
      assert.equal(answer.status, status);
    });
  }

  test("the subprotocol is told back", async () => {
    const { socket, headers } = await open(server.port);
    socket.destroy();
    assert.equal(headers["sec-websocket-protocol"], "farlook.v1");
    assert.equal(headers["sec-websocket-extensions"], undefined, "no compression");
  });

  test("permessage-deflate is not taken up", async () => {
    const { status, socket, headers } = await open(server.port, { headers: { "Sec-WebSocket-Extensions": "permessage-deflate" } });
    socket?.destroy();
    assert.equal(status, 101);
    assert.equal(headers["sec-websocket-extensions"], undefined);
  });

  for (const [why, options] of [
    ["another subprotocol", { protocol: "chat" }], ["an older subprotocol", { protocol: "farlook.v0" }],
    ["no subprotocol", { protocol: null }], ["another path", { path: "/socket" }], ["the page's path", { path: "/" }],
    ["a path that only begins like it", { path: "/ws2" }], ["a path below it", { path: "/ws/x" }],
  ]) {
    test(`${why} is refused`, async () => {
      const { status, socket } = await open(server.port, options);
      socket?.destroy();
      assert.notEqual(status, 101);
    });
  }

  test("a session's path leads to the same server", async () => {
    for (const hello of [{}, { session: "abc" }]) {
      const client = await greet(server.port, { path: "/s/abc/ws", hello });
      assert.equal(client.welcome.v, 1);
      client.destroy();
    }
  });

  test("a hello for another session than the path's is refused", async () => {
    const client = await connect(server.port, { path: "/s/abc/ws" });
    client.send({ t: "hello", v: 1, session: "other" });
    const answer = await Promise.race([client.next("error"), client.next("welcome")]);
    assert.equal(answer.t, "error");
    client.destroy();
  });

  test("many come and go, and the server still answers", async () => {
    await Promise.all(Array.from({ length: 40 }, async () => {
      const client = await greet(server.port);
      client.destroy();
    }));
    const client = await greet(server.port);
    assert.equal(decode(encode(client.welcome)).v, 1);
    client.destroy();
  });
});
