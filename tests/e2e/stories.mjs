// What people come for, from the first step to the last, in a real browser: a lesson, a lab whose
// pictures two people look at, a net that answers wrongly. Python is beside the page where they have it.
// usage: node tests/e2e/stories.mjs PATH_OF_FARLOOK_SERVER DIR_FOR_SCREENSHOTS
import assert from "node:assert/strict";

import { complaints, endAll, finish, skip, test } from "./fixture.mjs";
import { python } from "./notebook.mjs";

if (python) {
  await import("./story_lesson.mjs");
  await import("./story_lab.mjs");
  await import("./story_debug.mjs");
} else {
  skip("the stories", "there is no Python with NumPy; docker/install.sh installs it");
}

await test("the browser had nothing to complain about", () => assert.deepEqual(complaints, []));
await test("the servers end with status 0 when asked to", endAll);
finish();
