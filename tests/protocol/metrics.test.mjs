// What GET metrics tells of a session is what its client has seen.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { greet } from "./lib/client.mjs";
import { fetchRaw } from "./lib/http.mjs";
import { centre } from "./lib/reference.mjs";
import { served } from "./lib/served.mjs";

const { server, data } = await served();

// Every value by its name and labels as written; fails on a line that breaks the format.
async function metrics() {
  const { status, headers, body } = await fetchRaw(server.port, "/metrics");
  assert.equal(status, 200);
  assert.match(headers["content-type"], /^text\/plain; version=0\.0\.4/);
  const values = new Map(), types = new Map();
  for (const line of body.toString().trimEnd().split("\n")) {
    const type = /^# TYPE (\w+) (gauge|counter|histogram)$/.exec(line);
    if (type) types.set(type[1], type[2]);
    if (line.startsWith("#")) continue;
    const [, key, name, value] = /^((\w+)(?:\{.*\})?) ([-+.e\d]+)$/.exec(line) ?? assert.fail(`not a metric: ${line}`);
    const base = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "");
    assert.ok(types.has(base), `${name} has no TYPE`);
    assert.ok(!values.has(key), `${key} comes twice`);
    values.set(key, Number(value));
  }
  return values;
}

describe("metrics", () => {
  test("count what a client of the only connection has counted", async () => {
    const client = await greet(server.port);
    const map = data.maps["small/signed"];
    let sent = 1, errors = 0; // the hello
    const send = client.send.bind(client);
    client.send = (message) => { sent++; send(message); };
    await client.open("small/signed");
    for (let n = 0; n < 20; n++) await client.show({ ref: centre(map, n, 5) });
    await client.show({ ref: centre(map, 19, 5) }); // shown already: `same`
    client.set({ channel: 60000, mode: "channel" });
    errors += (await client.next("error")).code === 3;
    await client.probe([1, 1]); // whatever was sent before has been heard
    const got = await metrics();

    const { frames } = client;
    const same = frames.filter(({ enc }) => enc === "same").length;
    const bytes = frames.reduce((sum, frame) => sum + frame.bytes, 0);
    assert.ok(frames.length >= 21 && same >= 1);
    assert.equal(got.get("farlook_viewers"), 1);
    assert.equal(got.get("farlook_messages_total"), sent);
    assert.equal(got.get("farlook_frames_total"), frames.length);
    assert.equal(got.get("farlook_frames_same_total"), same);
    assert.equal(got.get("farlook_frame_bytes_total"), bytes);
    assert.equal(got.get("farlook_errors_total"), errors);
    assert.equal(got.get("farlook_frame_size_bytes_count"), frames.length);
    assert.equal(got.get("farlook_frame_size_bytes_sum"), bytes);
    assert.equal(got.get("farlook_round_trip_seconds_count"), frames.length);

    // One render for each frame that was none of the echoes; the stages add up as the frames say.
    const rendered = frames.filter(({ enc }) => enc !== "same");
    assert.equal(got.get("farlook_renders_total"), rendered.length);
    for (const stage of ["wait", "render", "read", "encode"]) {
      assert.equal(got.get(`farlook_stage_seconds_count{stage="${stage}"}`), rendered.length);
      const us = rendered.reduce((sum, frame) => sum + frame.us[stage], 0);
      assert.ok(Math.abs(got.get(`farlook_stage_seconds_sum{stage="${stage}"}`) * 1e6 - us) < 0.5);
    }
    client.destroy();
  });

  test("name the server and its GPU as the welcome does", async () => {
    const client = await greet(server.port);
    const { version, gpu, software } = client.welcome.server;
    const labels = `version="${version}",gpu=${JSON.stringify(gpu)},software="${software}"`;
    assert.equal((await metrics()).get(`farlook_build_info{${labels}}`), 1);
    client.destroy();
  });

  test("have buckets that rise to the count", async () => {
    const got = await metrics();
    const rows = [...got].filter(([key]) => key.startsWith("farlook_frame_size_bytes_bucket"));
    assert.ok(rows.length > 10);
    const counts = rows.map(([, value]) => value);
    assert.deepEqual(counts, [...counts].sort((a, b) => a - b));
    assert.match(rows.at(-1)[0], /le="\+Inf"/);
    assert.equal(counts.at(-1), got.get("farlook_frame_size_bytes_count"));
  });
});
