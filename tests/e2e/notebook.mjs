// A person's Python beside the page: cells that run one after the other, as in a notebook.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { root } from "./lib.mjs";
import { python } from "../protocol/lib/python.mjs";

const running = new Set();
process.on("exit", () => { for (const child of running) child.kill("SIGKILL"); });

export { python };

export class Notebook {
  constructor(env = {}) {
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("FARLOOK_")));
    this.child = spawn(python, [join(root, "tests/e2e/notebook.py")], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...own, ...env, PYTHONPATH: join(root, "client/python"), PYTHONDONTWRITEBYTECODE: "1" },
    });
    this.waiting = [];
    running.add(this.child);
    this.child.stdin.on("error", () => undefined); // its end is told by `close`
    createInterface({ input: this.child.stdout }).on("line", (line) => this.waiting.shift().done(JSON.parse(line)));
    this.child.on("close", (status) => {
      running.delete(this.child);
      for (const each of this.waiting.splice(0)) each.fail(new Error(`Python ended with ${status}`));
    });
  }

  // Runs a cell; its last expression's value. Names in `given` are there as variables.
  async run(code, given = {}) {
    const lines = Object.entries(given).map(([name, value]) => `${name} = json.loads(${JSON.stringify(JSON.stringify(value))})\n`);
    const cell = `${lines.length > 0 ? "import json\n" : ""}${lines.join("")}${undent(code)}`;
    const answer = await new Promise((done, fail) => {
      if (!running.has(this.child)) return fail(new Error("Python has ended"));
      this.waiting.push({ done, fail });
      this.child.stdin.write(`${JSON.stringify(cell)}\n`);
    });
    if (answer.error) throw Object.assign(new Error(answer.message), { name: answer.error });
    return answer.value;
  }

  end() { this.child.stdin.end(); }
}

function undent(code) {
  const lines = code.replace(/^\n/, "").split("\n");
  const depth = Math.min(...lines.filter((line) => line.trim() !== "").map((line) => /^ */.exec(line)[0].length));
  return lines.map((line) => line.slice(depth)).join("\n");
}
