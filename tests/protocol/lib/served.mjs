// One server for all tests of a file.
import { after } from "node:test";

import { remove, scenes } from "./fixtures.mjs";
import { serve } from "./server.mjs";

// Over the scenes of fixtures.mjs; it ends behind the tests. {server, data}
export async function served(options) {
  const data = scenes();
  let server;
  after(async () => {
    await server?.stop();
    remove(data.dir);
  });
  server = await serve([data.dir], options);
  return { server, data };
}
