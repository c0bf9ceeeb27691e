// The page as a test sees it: its frame and state through window.farlook, its canvas pixel by pixel.
import assert from "node:assert/strict";

export const PATIENCE = 15000; // ms that a picture may take on a slow machine

// A fresh page that shows an exact picture. What its console says goes into `complaints`; `prepare` of
// the options gets the page before it is loaded.
export async function openPage(browser, size, url, options, complaints) {
  const { base: _, prepare, ...more } = options;
  const context = await browser.newContext({ viewport: size, colorScheme: "dark", ...more });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await prepare?.(page);
  await page.goto(url);
  const ready = () => window.farlook?.frame() && document.documentElement.dataset.exact === "true";
  await page.waitForFunction(ready, null, { timeout: PATIENCE });
  return page;
}

export const isAt = (cell) => (f) => f.cell?.join() === cell.join() && f.shows.mode === "similarity";
export const isChannel = (channel) => (f) => f.shows.mode === "channel" && f.shows.channel === channel;

// RGB within `by` of what belongs there.
export function near(got, want, by, what) {
  got.slice(0, 3).forEach((value, c) => {
    assert.ok(Math.abs(value - want[c]) <= by, `${what}: ${got.slice(0, 3)} where ${want} belongs`);
  });
}

export class Look {
  constructor(page) {
    this.page = page; // gives the page that the test looks at now
  }

  functions() {
    const names = ["frame", "state", "at", "text", "shows", "pixels", "pixelSum", "opacity", "drawn"];
    return Object.fromEntries(names.map((name) => [name, this[name].bind(this)]));
  }

  // Of panel k from 0, else of the active one.
  frame(k) { return this.page().evaluate((panel) => window.farlook.frame(panel), k); }
  state(k) { return this.page().evaluate((panel) => window.farlook.state(panel), k); }
  text(selector) { return this.page().locator(selector).innerText(); }

  // A point of the picture in the window.
  at(point, k) { return this.page().evaluate(([x, y, panel]) => window.farlook.locate(x, y, panel), [...point, k]); }

  drawn() {
    return this.page().evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  // Waits until the frame on the screen `fits` and is exact (unless that cannot be: `inexact`), and
  // until it is drawn. The page's policy forbids eval, so it is judged here.
  async shows(fits = () => true, inexact = false, k = undefined) {
    const end = performance.now() + PATIENCE;
    const good = (f) => f && (f.exact || inexact) && fits(f);
    for (;;) {
      const shown = await this.frame(k);
      if (good(shown)) {
        await this.drawn();
        const drawn = await this.frame(k);
        if (good(drawn)) return drawn; // else another one came meanwhile
      }
      if (performance.now() > end) throw new Error(`not shown within ${PATIENCE} ms: ${fits}; but ${JSON.stringify({ ...shown, picture: 0 })}`);
      await this.page().waitForTimeout(15);
    }
  }

  // RGBA of the canvas at points of the picture.
  pixels(points, k = null) {
    return this.page().evaluate(([list, panel]) => {
      const one = panel === null ? document.querySelector(".panel.active") : document.querySelectorAll(".panel")[panel];
      const canvas = one.querySelector(".picture");
      const box = canvas.getBoundingClientRect();
      const scale = canvas.width / box.width;
      const context = canvas.getContext("2d");
      return list.map(([x, y]) => {
        const [left, top] = window.farlook.locate(x, y, panel ?? undefined);
        return [...context.getImageData(Math.floor((left - box.left) * scale), Math.floor((top - box.top) * scale), 1, 1).data];
      });
    }, [points, k]);
  }

  // A number that differs as soon as one pixel does.
  pixelSum() {
    return this.page().evaluate(() => {
      const canvas = document.querySelector(".panel.active .picture");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (let k = 0; k < data.length; k++) sum = (Math.imul(sum, 31) + data[k]) | 0;
      return sum;
    });
  }

  async opacity(value) {
    await this.page().locator("#opacity").fill(String(value));
    await this.page().waitForFunction((v) => window.farlook.state().opacity === v, value);
    await this.drawn();
  }
}
