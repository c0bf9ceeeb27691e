// Makes the README's pictures: the page over the demo's scene, as in the paper's three use cases.
// usage: node tests/e2e/pictures.mjs PATH_OF_FARLOOK_SERVER [DIR]
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

import { openPage } from "./look.mjs";
import { end, launch, root, serve } from "./lib.mjs";

const [binary, folder = join(root, "client/web/pictures")] = process.argv.slice(2);
if (!binary) {
  console.error("usage: node tests/e2e/pictures.mjs PATH_OF_FARLOOK_SERVER [DIR]");
  process.exit(2);
}

const MUSHROOM = [118, 560], OTHER_MUSHROOM = [842, 578], WINDOW = [627, 327];
const CAP = [505, 570], BRICKS = [648, 352], ROOF = [650, 260];
const PICTURES = [
  { name: "page", hash: `&layer=fine&ref=${MUSHROOM}&pin=${OTHER_MUSHROOM}` },
  { name: "teaching", hash: `&layer=fine&layer.2=coarse&ref=${WINDOW}&opacity=0.2` },
  {
    name: "together", theme: "light",
    hash: `&layer=fine&refs=${MUSHROOM},1,${CAP},1,${BRICKS},-1&stretch=percentile,90,99.9&opacity=0&picture=colour`,
    point: OTHER_MUSHROOM,
  },
  { name: "debugging", hash: `&layer=fine&ref=${ROOF}&pin=${MUSHROOM}`, order: "share" },
];

mkdirSync(folder, { recursive: true });
const server = await serve(resolve(binary), ["--software", "--listen", "127.0.0.1:0"]);
const browser = await launch();
const complaints = [];
for (const { name, hash, theme = "dark", point, chart, order } of PICTURES) {
  const prepare = (page) => page.addInitScript(() => localStorage.setItem("farlook.first", "told"));
  const url = `${server.url}#v=1&scene=demo${hash}`;
  const page = await openPage(browser, { width: 1280, height: 800 }, url, { colorScheme: theme, prepare }, complaints);
  if (chart) await page.selectOption("#bars-mode", chart);
  if (order) await page.selectOption("#bars-sort", order);
  if (point) await page.mouse.move(...await page.evaluate(([x, y]) => window.farlook.locate(x, y), point));
  await page.waitForTimeout(700); // the numbers of the probe, and the foot line's
  await page.screenshot({ path: join(folder, `${name}.jpg`), type: "jpeg", quality: 76 });
  await page.context().close();
}
await browser.close();
await end(server.child, "SIGTERM");
if (complaints.length > 0) throw new Error(complaints.join("\n"));
