// A WebSocket client over a plain socket, for bytes that a well-behaved client never sends:
// unmasked frames, fragments, lies about lengths. It answers pings and close frames like any other.
import { createHash, randomBytes } from "node:crypto";
import { connect as dial } from "node:net";

export const BINARY = 2, TEXT = 1, CONTINUATION = 0, CLOSE = 8, PING = 9, PONG = 10;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

// One frame as bytes. `declared` is the length its header claims, `mask: false` breaks RFC 6455.
export function frame(payload, { opcode = BINARY, fin = true, mask = true, rsv = 0, declared } = {}) {
  const body = Buffer.from(payload);
  const len = declared ?? body.length;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const bit = mask ? 0x80 : 0;
  if (len < 126) head.push(bit | Number(len));
  else if (len < 65536) head.push(bit | 126, Number(len) >> 8, Number(len) & 255);
  else {
    const long = Buffer.alloc(8);
    long.writeBigUInt64BE(BigInt(len));
    head.push(bit | 127, ...long);
  }
  if (!mask) return Buffer.concat([Buffer.from(head), body]);
  const key = randomBytes(4);
  for (let at = 0; at < body.length; at++) body[at] ^= key[at & 3];
  return Buffer.concat([Buffer.from(head), key, body]);
}

// The upgrade request's text. Headers given as null are left out.
function handshake(port, path, protocol, key, headers) {
  const all = {
    Host: `127.0.0.1:${port}`, Upgrade: "websocket", Connection: "Upgrade",
    "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key, "Sec-WebSocket-Protocol": protocol, ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== null && value !== undefined);
  return `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

// Resolves with {status, headers, socket}; socket is null where the server refused the upgrade, and
// status 0 where it hung up without an answer.
export function open(port, { path = "/ws", protocol = "farlook.v1", headers = {}, timeout = 20000 } = {}) {
  return new Promise((resolve, reject) => {
    const key = randomBytes(16).toString("base64");
    const tcp = dial(port, "127.0.0.1", () => tcp.write(handshake(port, path, protocol, key, headers)));
    let got = Buffer.alloc(0), answered = false;
    const timer = setTimeout(() => fail(new Error(`no answer to the upgrade of ${path}`)), timeout);
    const fail = (error) => { clearTimeout(timer); tcp.destroy(); reject(error); };
    const refused = (status, found) => { clearTimeout(timer); tcp.destroy(); resolve({ status, headers: found, socket: null }); };
    tcp.setNoDelay(true);
    tcp.on("error", () => { if (!answered) refused(0, {}); });
    tcp.on("close", () => { if (!answered) refused(0, {}); });
    tcp.on("data", function onData(bytes) {
      got = Buffer.concat([got, bytes]);
      const end = got.indexOf("\r\n\r\n");
      if (end < 0) return;
      answered = true;
      tcp.off("data", onData);
      const [first, ...rest] = got.subarray(0, end).toString("latin1").split("\r\n");
      const found = Object.fromEntries(rest.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }));
      const status = Number(first.split(" ")[1]);
      if (status !== 101) return refused(status, found);
      const accept = createHash("sha1").update(key + GUID).digest("base64");
      if (found["sec-websocket-accept"] !== accept) return fail(new Error("wrong Sec-WebSocket-Accept"));
      clearTimeout(timer);
      tcp.unref();
      resolve({ status, headers: found, socket: new Socket(tcp, got.subarray(end + 4)) });
    });
  });
}

// An open connection. `closed` resolves with {code, reason}; 1006 where no close frame came.
export class Socket {
  constructor(tcp, first) {
    this.tcp = tcp;
    this.pending = first;
    this.parts = [];
    this.messages = 0; // whole data messages received
    this.onmessage = null; // (bytes, opcode)
    this.waiting = []; // messages that came before onmessage was set
    this.code = null;
    this.reason = "";
    this.closed = new Promise((resolve) => { this.resolveClosed = resolve; });
    tcp.on("data", (bytes) => {
      this.pending = this.pending.length ? Buffer.concat([this.pending, bytes]) : bytes;
      this.parse();
    });
    tcp.on("error", () => {});
    tcp.on("close", () => this.resolveClosed({ code: this.code ?? 1006, reason: this.reason }));
    setImmediate(() => this.parse());
  }

  listen(onmessage) {
    this.onmessage = onmessage;
    for (const [bytes, opcode] of this.waiting.splice(0)) onmessage(bytes, opcode);
  }

  parse() {
    for (;;) {
      const b = this.pending;
      if (b.length < 2) return;
      let len = b[1] & 127, at = 2;
      if (len === 126) { if (b.length < 4) return; len = b.readUInt16BE(2); at = 4; }
      else if (len === 127) { if (b.length < 10) return; len = Number(b.readBigUInt64BE(2)); at = 10; }
      if (b.length < at + len) return;
      this.pending = b.subarray(at + len);
      this.take(b[0], b.subarray(at, at + len));
    }
  }

  take(first, payload) {
    const opcode = first & 15;
    if (opcode === PING) return this.write(frame(payload, { opcode: PONG }));
    if (opcode === PONG) return;
    if (opcode === CLOSE) {
      this.code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.reason = payload.subarray(2).toString();
      this.write(frame(payload.subarray(0, 2), { opcode: CLOSE }));
      return this.tcp.end();
    }
    if (opcode !== CONTINUATION) this.opcode = opcode;
    this.parts.push(payload);
    if (!(first & 0x80)) return;
    const whole = Buffer.concat(this.parts.splice(0));
    this.messages++;
    if (this.onmessage) this.onmessage(whole, this.opcode);
    else this.waiting.push([whole, this.opcode]);
  }

  write(bytes) { if (!this.tcp.destroyed && this.tcp.writable) this.tcp.write(bytes); }
  send(payload, options) { this.write(frame(payload, options)); }
  stall() { this.tcp.pause(); } // stops reading: the receive window fills
  destroy() { this.tcp.destroy(); }
}
