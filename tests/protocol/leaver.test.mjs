// Who leaves in the middle of a large answer must not hold up anybody else. (libwebsockets 4.1.6 spins for
// ever on a connection that ended while it holds a part of a write back.)
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { features, remove, save, temporary } from "./lib/fixtures.mjs";
import { fetchJson } from "./lib/http.mjs";
import { serve } from "./lib/server.mjs";

const script = fileURLToPath(new URL("lib/leaver.py", import.meta.url));
let dir, server;

before(async () => {
  dir = temporary();
  save(features(1400, 1000, 3), join(dir, "large.npy"));
  server = await serve([join(dir, "large.npy")], { args: ["--software", "--frame-budget", "4000000"] });
});
after(async () => {
  await server.stop();
  remove(dir);
});

for (const [kind, what] of [["ws", "large/large"], ["http", "/api/v1/scenes/large/maps/large/frame.npy"]]) {
  test(`${kind}: the others are served as before`, async () => {
    const leaver = spawn("/usr/bin/python3", [script, String(server.port), kind, what]);
    await once(leaver.stdout, "data");
    for (let i = 0; i < 10; i++) {
      const { json } = await fetchJson(server.port, "/healthz");
      assert.equal(json.status, "ok");
      await new Promise((wake) => setTimeout(wake, 100));
    }
    leaver.kill();
  });
}
