// A farlook.v1 client as the tests need it: it shows every message and does nothing by itself but
// acknowledge frames, and that only where asked to.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

import { root, within } from "./server.mjs";
import { BINARY, open } from "./ws.mjs";

export const { encode, decode } = createRequire(join(root, "client/web/package.json"))("@msgpack/msgpack");

export class Client {
  constructor(socket, acks) {
    this.socket = socket;
    this.acks = acks;
    this.inbox = []; // messages nobody has asked for yet
    this.waiters = [];
    this.frames = []; // every frame that ever came
    this.seq = 0;
    this.closed = socket.closed;
    socket.listen((bytes, opcode) => this.receive(bytes, opcode));
    this.closed.then(({ code, reason }) => {
      for (const waiter of this.waiters.splice(0)) waiter.fail(new Error(`closed with ${code} ${reason} instead of ${waiter.what}`));
    });
  }

  receive(bytes, opcode) {
    assert.equal(opcode, BINARY, "the server sends binary messages only");
    const message = { ...decode(bytes), bytes: bytes.length, at: performance.now() };
    if (message.t === "frame") {
      this.frames.push(message);
      if (this.acks) this.ack(message);
    }
    const waiter = this.waiters.find((each) => each.wants(message));
    if (!waiter) return void this.inbox.push(message);
    this.waiters.splice(this.waiters.indexOf(waiter), 1);
    waiter.done(message);
  }

  send(message) { this.socket.send(encode(message)); }
  ack({ frame }) { this.send({ t: "ack", frame, us: 500 }); }

  // The next message of type `t` that fits; messages before it stay in the inbox.
  next(t, fits = () => true, ms = 20000) {
    const wants = (message) => message.t === t && fits(message);
    const at = this.inbox.findIndex(wants);
    if (at >= 0) return Promise.resolve(this.inbox.splice(at, 1)[0]);
    let waiter;
    const found = new Promise((done, fail) => { waiter = { wants, done, fail, what: t }; this.waiters.push(waiter); });
    return within(found, ms, `waiting for ${t}`).finally(() => {
      const left = this.waiters.indexOf(waiter);
      if (left >= 0) this.waiters.splice(left, 1);
    });
  }

  frame(fits, ms) { return this.next("frame", fits, ms); }

  async open(map, view = 0) {
    this.send({ t: "open", view, map });
    return (await this.next("opened", (message) => message.view === view)).map;
  }

  // Sends `set` and gives the seq it carries.
  set(changes, view = 0) {
    this.send({ t: "set", view, seq: ++this.seq, ...changes });
    return this.seq;
  }

  // Sends `set` and waits for the first frame that shows it.
  show(changes, view = 0) {
    const seq = this.set(changes, view);
    return this.frame((message) => message.view === view && message.seq === seq);
  }

  // The same, but only the frame whose levels are exact.
  exact(changes, view = 0) {
    const seq = this.set(changes, view);
    return this.frame((message) => message.view === view && message.seq === seq && (message.exact || message.enc === "none"));
  }

  // The frame whose picture is seen: this one, or where it says `same` the one before it.
  shown(frame) {
    if (frame.enc !== "same") return frame;
    return this.frames.filter((each) => each.view === frame.view && each.image.length && each.frame < frame.frame).at(-1);
  }

  probe(at, { view = 0, from } = {}) {
    const seq = ++this.seq;
    this.send({ t: "probe", view, seq, at, ...(from ? { from } : {}) });
    return this.next("probed", (message) => message.seq === seq);
  }

  destroy() { this.socket.destroy(); }
}

// Connects without a hello.
export async function connect(port, { acks = true, ...options } = {}) {
  const { status, socket } = await open(port, options);
  assert.equal(status, 101, "the server refused the WebSocket");
  return new Client(socket, acks);
}

// Connects and says hello; client.welcome is the answer.
export async function greet(port, options = {}) {
  const client = await connect(port, options);
  client.send({ t: "hello", v: 1, ...(options.hello ?? {}) });
  client.welcome = await client.next("welcome");
  return client;
}
