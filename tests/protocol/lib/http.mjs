// HTTP requests as they are: paths and headers go out untouched, nothing is followed.
import { request } from "node:http";

import { patience } from "./server.mjs";

// {status, headers, body}; rejects where the server hangs up without an answer.
export function fetchRaw(port, path, { method = "GET", headers = {}, body } = {}) {
  return new Promise((done, fail) => {
    const call = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
      answer.on("error", fail);
    });
    call.setTimeout(30000 * patience, () => call.destroy(new Error(`no answer to ${method} ${path}`)));
    call.on("error", fail);
    call.end(body);
  });
}

// The body as JSON.
export async function fetchJson(port, path, options) {
  const { status, headers, body } = await fetchRaw(port, path, options);
  return { status, headers, json: JSON.parse(body.toString()) };
}
