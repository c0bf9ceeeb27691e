// What stands around the picture, in a real browser: metrics, stretch and colours, why two vectors are
// similar, exports, uploads, help. The tests follow each other, in this order.
// usage: node tests/e2e/looks.mjs PATH_OF_FARLOOK_SERVER DIR_FOR_SCREENSHOTS
import assert from "node:assert/strict";

import { complaints, endAll, finish, test } from "./fixture.mjs";

await import("./metrics.mjs");
await import("./channels.mjs");
await import("./exports.mjs");
await import("./uploads.mjs");
await import("./words.mjs");
await import("./blindness.mjs");
await import("./access.mjs");

await test("the browser had nothing to complain about", () => assert.deepEqual(complaints, []));
await test("the servers end with status 0 when asked to", endAll);
finish();
