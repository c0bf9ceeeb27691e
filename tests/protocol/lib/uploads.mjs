// A server that takes uploads, and what the tests of uploads say to it and look for.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { features, remove, save, temporary } from "./fixtures.mjs";
import { fetchJson } from "./http.mjs";
import { serve } from "./server.mjs";

export const QUOTA = 4 << 20, API = "/api/v1/scenes";

// The bytes of a map's .npy.
export function npy(map) {
  const at = mkdtempSync(join(tmpdir(), "farlook-test-"));
  save(map, join(at, "a.npy"));
  const bytes = readFileSync(join(at, "a.npy"));
  remove(at);
  return bytes;
}

export async function refused(answer, status, code, says) {
  const { status: got, json } = await answer;
  assert.equal(got, status, JSON.stringify(json));
  assert.equal(json.code, code, json.message);
  assert.match(json.message, says);
  assert.doesNotMatch(json.message, /farlook-test-|\.upload/, "no path of this machine in a sentence");
  return json;
}

// One server for all tests of a file. It serves given.npy, keeps uploads in `uploads` below `dir`, and finds
// there what an upload that was broken off long ago left behind.
export async function servedUploads() {
  const dir = temporary(), files = join(dir, "files"), uploads = join(dir, "uploads");
  const args = ["--software", "--upload-dir", uploads, "--quota", String(QUOTA)];
  const hidden = () => readdirSync(uploads).filter((name) => name.startsWith(".")); // what no one is to see yet
  let server;
  after(async () => {
    await server?.stop();
    assert.deepEqual(hidden(), [], "nothing hidden is left when the server has ended");
    remove(dir);
  });
  mkdirSync(files);
  mkdirSync(uploads);
  save(features(8, 6, 4), join(files, "given.npy"));
  writeFileSync(join(uploads, ".upload-1-1"), "old");
  utimesSync(join(uploads, ".upload-1-1"), 1e9, 1e9);
  server = await serve([files], { args });

  const put = (path, body, headers = {}) => fetchJson(server.port, API + path, { method: "PUT", headers: { "content-length": body.length, ...headers }, body });
  const list = async () => (await fetchJson(server.port, API)).json;
  return {
    server, dir, uploads, hidden, put, list,
    again: () => serve([], { args }), // another one of the same uploads, as after a new start
    there: (...names) => { try { statSync(join(uploads, ...names)); return true; } catch { return false; } },
    piece: (path, bytes, a, b, total = bytes.length) => put(path, bytes.subarray(a, b), { "content-range": `bytes ${a}-${b - 1}/${total}` }),
    del: (path) => fetchJson(server.port, API + path, { method: "DELETE" }),
    layers: async (scene) => (await list()).scenes.find(({ name }) => name === scene)?.maps.map(({ name }) => name),
  };
}
