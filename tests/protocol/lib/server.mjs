// Starts the server under test, waits for its URL, stops it by its pid. Every way it may end
// badly (a status, a sanitizer's report) fails the test that stops it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
export const binary = resolve(root, process.env.FARLOOK_SERVER ?? "build/dev/farlook-server");
// How much longer everything may take: sanitizer runs set it.
export const patience = Number(process.env.FARLOOK_PATIENCE ?? 1);

// Children and sockets never keep a test's process alive: whoever waits for one holds a timer. So a
// failed test that leaves its server behind ends all the same, and takes the server along.
const running = new Set();
process.on("exit", () => { for (const child of running) child.kill("SIGKILL"); });

// Runs it to its end. {status, signal, stdout, stderr}
export function run(args, { env = {}, timeout = 60000 * patience } = {}) {
  return new Promise((done, fail) => {
    const child = start(args, env);
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail(new Error(`still running after ${timeout} ms: ${args.join(" ")}\n${child.text.stderr}`));
    }, timeout);
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      done({ status, signal, stdout: child.text.stdout, stderr: child.text.stderr });
    });
  });
}

function start(args, env) {
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  child.text = { stdout: "", stderr: "" };
  running.add(child);
  child.unref();
  child.on("close", () => running.delete(child));
  child.on("error", (error) => { child.text.stderr += `${binary}: ${error.message}\n`; });
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => { child.text[name] += text; });
    child[name].unref();
  }
  return child;
}

// A server that serves `paths`, on a free port of 127.0.0.1 where nothing else is said.
export async function serve(paths, { args = ["--software"], env = {}, listen = "127.0.0.1:0", timeout = 60000 * patience } = {}) {
  const child = start(["--listen", listen, ...args, ...paths], env);
  const url = await new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`no URL after ${timeout} ms\n${child.text.stderr}`)), timeout);
    child.stdout.on("data", () => {
      const found = /^farlook-server: (\S+)\n/.exec(child.text.stdout);
      if (found) { clearTimeout(timer); done(found[1]); }
    });
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      fail(new Error(`ended with ${signal ?? status} before it served\n${child.text.stderr}`));
    });
  });
  return new Server(child, url);
}

class Server {
  constructor(child, url) {
    this.child = child;
    this.url = url;
    this.port = Number(/^http:\/\/127\.0\.0\.1:(\d+)\/$/.exec(url)?.[1]); // NaN on a unix socket
    this.ended = new Promise((done) => child.on("close", (status, signal) => done({ status, signal })));
  }
  get stdout() { return this.child.text.stdout; }
  get stderr() { return this.child.text.stderr; }

  // Largest memory the process ever held, in bytes (Linux).
  peakMemory() {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)[1]) * 1024;
  }

  // Asks it to end and checks that it did so cleanly.
  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 20000 * patience);
    const ended = await this.ended;
    clearTimeout(timer);
    assert.deepEqual(ended, { status: 0, signal: null }, `the server did not end cleanly:\n${this.stderr.slice(-6000)}`);
    assert.doesNotMatch(this.stderr, /Sanitizer|runtime error:/, "a sanitizer has something to say");
    assert.equal(this.stdout, `farlook-server: ${this.url}\n`, "stdout is exactly one line");
  }
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Rejects with `what` after `ms` (times patience) where the promise has not settled.
export function within(promise, ms, what) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what}: nothing for ${ms * patience} ms`)), ms * patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// What `done` gives as soon as it is something; it may take a while.
export async function until(done, what) {
  for (const end = Date.now() + 20000 * patience; Date.now() < end; await sleep(50)) {
    const found = await done();
    if (found) return found;
  }
  assert.fail(`${what}: not within ${20 * patience} s`);
}
