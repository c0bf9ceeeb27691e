// Around the end-to-end test: the server as a child, the browser, and what the server computes, asked
// for over HTTP so that the page is held against numbers that did not pass through it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";

// Only the browser under test, and only this machine: nothing is fetched in the background.
const FLAGS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-first-run",
];

export function launch() {
  const { chromium } = createRequire(join(root, "client/web/package.json"))("playwright-core");
  return chromium.launch({ executablePath: browserPath, args: FLAGS });
}

const running = new Set();
process.on("exit", () => { for (const child of running) child.kill("SIGKILL"); });

const logs = new Map(); // of all servers that were started, by their URL
export const lastWords = (n = 12) => [...logs].map(([url, { text }]) => `${url} said last:\n${text.trimEnd().split("\n").slice(-n).join("\n")}`).join("\n");

// Starts the server and waits for the line that says where it is. {child, url, log}
export function serve(binary, args) {
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  const log = { text: "" };
  running.add(child);
  child.stderr.setEncoding("utf8").on("data", (text) => { log.text += text; });
  return new Promise((done, fail) => {
    let out = "";
    const timer = setTimeout(() => fail(new Error(`no URL after 90 s\n${log.text}`)), 90000);
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
      const found = /^farlook-server: (http\S+)$/m.exec(out);
      if (!found) return;
      clearTimeout(timer);
      logs.set(found[1], log);
      done({ child, url: found[1], log });
    });
    child.on("error", fail);
    child.on("close", (status, signal) => {
      running.delete(child);
      fail(new Error(`the server ended with ${signal ?? status}\n${log.text}`));
    });
  });
}

// Ends it by its pid; {status, signal}
export function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return { status: child.exitCode, signal: child.signalCode };
  return new Promise((done) => {
    child.on("close", (status, by) => done({ status, signal: by }));
    child.kill(signal);
  });
}

// A proxy that serves `url` under /lab/x/, as a lab's web server would. {url, close}. What `answers`
// says true to, it has answered itself.
export function proxyUnderPrefix(url, answers = () => false) {
  const target = new URL(url);
  const inner = (path) => path.replace(/^\/lab\/x\//, "/");
  const outside = [];
  const server = createServer((query, answer) => {
    if (!query.url.startsWith("/lab/x/")) outside.push(query.url);
    if (answers(query, answer)) return;
    const options = { host: target.hostname, port: target.port, path: inner(query.url), headers: query.headers };
    request({ ...options, agent: false }, (from) => { // a connection a request, as that of JupyterHub does
      answer.writeHead(from.statusCode, from.headers);
      from.pipe(answer);
    }).on("error", (error) => answer.destroy(error)).end();
  });
  server.on("upgrade", (query, socket, head) => {
    if (!query.url.startsWith("/lab/x/")) outside.push(query.url);
    const behind = connect(Number(target.port), target.hostname, () => {
      const lines = [`GET ${inner(query.url)} HTTP/1.1`];
      for (let k = 0; k < query.rawHeaders.length; k += 2) lines.push(`${query.rawHeaders[k]}: ${query.rawHeaders[k + 1]}`);
      behind.write(`${lines.join("\r\n")}\r\n\r\n`);
      behind.write(head);
      behind.pipe(socket).pipe(behind);
    });
    for (const each of [socket, behind]) each.on("error", () => { socket.destroy(); behind.destroy(); });
  });
  return new Promise((done) => {
    server.listen(0, "127.0.0.1", () => done({
      url: `http://127.0.0.1:${server.address().port}/lab/x/`,
      outside,
      close: () => (server.closeAllConnections?.(), server.close()),
    }));
  });
}

// A version 1 .npy of float32 (h, w, d); value(i, j, k) fills it.
export function npy(w, h, d, value) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${h}, ${w}, ${d}), }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const data = new Float32Array(w * h * d);
  let at = 0;
  for (let j = 0; j < h; j++) for (let i = 0; i < w; i++) for (let k = 0; k < d; k++) data[at++] = value(i, j, k);
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, "latin1"), Buffer.from(data.buffer)]);
}

// --- what the server says, not through the page ---

export class Truth {
  constructor(url, scene, map) {
    this.map = map;
    this.base = `${url}api/v1/scenes/${encodeURIComponent(scene)}/maps/${encodeURIComponent(map.name)}/`;
  }

  async vector([x, y]) {
    const answer = await fetch(`${this.base}vector.json?ref=${x},${y}`);
    assert.equal(answer.status, 200);
    return answer.json(); // {cell, norm, vector}
  }

  // The raw numbers of every cell, NaN where invalid.
  async values(query) {
    const answer = await fetch(`${this.base}frame.npy?${query}`);
    assert.equal(answer.status, 200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const start = 10 + bytes.readUInt16LE(8);
    assert.match(bytes.toString("latin1", 10, start), /'descr': '<f4'/);
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
    assert.equal(values.length, this.map.w * this.map.h);
    return values;
  }
}

export function compare(a, b) {
  let dot = 0, aa = 0, bb = 0;
  a.forEach((value, k) => { dot += value * b[k]; aa += value * value; bb += b[k] * b[k]; });
  const cosine = Math.max(-1, Math.min(1, dot / Math.sqrt(aa * bb)));
  return { cosine, s: 1 - (2 / Math.PI) * Math.acos(cosine), norm: Math.sqrt(aa) };
}

// RGB of a level in a colour map.
export function colour(name, level) {
  const hex = JSON.parse(readFileSync(join(root, "proto/colormaps.json"), "utf8"))[name];
  return [0, 2, 4].map((c) => parseInt(hex.slice(level * 6 + c, level * 6 + c + 2), 16));
}

export const centre = (map, [i, j]) => {
  const [x0, y0, x1, y1] = map.extent;
  return [x0 + ((i + 0.5) * (x1 - x0)) / map.w, y0 + ((j + 0.5) * (y1 - y0)) / map.h];
};
