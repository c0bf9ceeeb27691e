// The page against the built server, in a real browser: what a person does, and whether what is on
// the screen is what the server computes. The tests follow each other on one page, in this order.
// usage: node tests/e2e/page.mjs PATH_OF_FARLOOK_SERVER DIR_FOR_SCREENSHOTS [PATH_TO_SERVE...]
import assert from "node:assert/strict";

import { complaints, endAll, finish, test } from "./fixture.mjs";

await import("./reference.mjs");
await import("./picture.mjs");
await import("./share.mjs");
await import("./connection.mjs");
await import("./screens.mjs");
await import("./maps.mjs");
await import("./panels.mjs");
await import("./several.mjs");
await import("./touch.mjs");

await test("the browser had nothing to complain about", () => assert.deepEqual(complaints, []));
await test("the servers end with status 0 when asked to", endAll);
finish();
