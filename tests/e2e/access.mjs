// For people who hear the page, use it by keys, or with a finger: names, the focus, the size of targets.
import assert from "node:assert/strict";
import { join } from "node:path";

import { drawn, page, shots, test } from "./fixture.mjs";
import { contrast } from "./eyes.mjs";
import { WIDE, hash, open, uploadable, wears } from "./field.mjs";

const ROLES = [
  "application", "button", "checkbox", "combobox", "dialog", "link", "menu", "menuitem", "menuitemcheckbox",
  "progressbar", "radio", "slider", "spinbutton", "textbox", "toolbar", "complementary", "region",
];
const PANELS = hash("twin", "twin", "&layer.2=twin&scene.3=field&layer.3=signed"); // the last one has a picture
const PHONE = { hasTouch: true, isMobile: true, deviceScaleFactor: 2, reducedMotion: "reduce" };

// What opens something: how, what is there then, and how it closes.
const OPENED = [
  ["#export", "#export-menu"], ["#help-open", "#help"], ["#late", "#why"], ["#upload-open", "#upload"],
];

// What the browser tells a screen reader has no name.
async function nameless() {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const told = nodes.filter(({ ignored, role }) => !ignored && ROLES.includes(role?.value));
  assert.ok(told.length > 1, `${told.length} are told`);
  const bare = told.filter(({ name }) => !name?.value?.trim());
  return [told.length, bare.map(({ role, properties }) => `${role.value} ${JSON.stringify(properties)}`)];
}

await test("everything that can be used has a name for a screen reader", async () => {
  await open(WIDE, PANELS, { prepare: uploadable });
  assert.equal(await page.locator(".cross-all:visible").count(), 1);
  const [count, bare] = await nameless();
  assert.ok(count > 40, `${count} are told`);
  assert.deepEqual(bare, []);
  for (const [opener, opened] of OPENED) {
    await page.click(opener);
    await page.locator(opened).waitFor();
    assert.deepEqual((await nameless())[1], [], opened);
    await page.keyboard.press("Escape");
    await page.locator(opened).waitFor({ state: "hidden" });
  }
  await page.context().close();
});

// The element that has the focus: how its outline looks and what lies under that.
const focused = () => page.evaluate(() => {
  const has = document.activeElement;
  if (!has || has === document.body) return null;
  const numbers = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const outlined = [has, has.closest("label")].find((each) => each && getComputedStyle(each).outlineStyle !== "none");
  const { outlineColor, outlineWidth } = getComputedStyle(outlined ?? has);
  let ground = null;
  for (let each = has.parentElement; each && !ground; each = each.parentElement) {
    const colour = numbers(getComputedStyle(each).backgroundColor);
    if (colour.length >= 3 && (colour[3] ?? 1) === 1) ground = colour;
  }
  const name = has.id || has.className || has.textContent;
  return { name, outlined: Boolean(outlined), width: parseFloat(outlineWidth), colour: numbers(outlineColor), ground };
});

await test("wherever the focus is it can be seen, in the dark and in the light", async () => {
  await open(WIDE, PANELS);
  for (const colorScheme of ["dark", "light"]) {
    await wears(colorScheme);
    await page.keyboard.press("3");
    const seen = new Set();
    for (let ends = 0; ends < 2;) { // from wherever it was to the end, and once around
      await page.keyboard.press("Tab");
      const one = await focused();
      if (!one) {
        ends += 1;
        continue;
      }
      seen.add(one.name);
      const what = `${colorScheme}: ${one.name}`;
      assert.ok(one.outlined && one.width >= 2, `${what} has no outline`);
      const has = contrast(one.colour, one.ground);
      assert.ok(has >= 3, `${what}: an outline of ${has.toFixed(2)}, ${one.colour} on ${one.ground}`);
    }
    for (const name of ["cross", "cross-all", "plain remove", "bars", "why-toggle", "metric", "opacity"]) {
      assert.ok(seen.has(name), `Tab does not reach ${name}, only ${[...seen].join(", ")}`);
    }
  }
  await page.context().close();
});

// Names of what a finger meets less than 40 CSS pixels high, measured by what a touch there hits.
const small = () => page.evaluate(() => {
  const meets = (x, y, target) => {
    const hit = document.elementFromPoint(x, y);
    return hit !== null && (hit === target || target.contains(hit));
  };
  const top = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
  return [...top.querySelectorAll("button, a[href], input, select, [tabindex='0'], [role^=menuitem]")].flatMap((one) => {
    const target = one.matches("input, select") ? one.closest("label") ?? one : one;
    if (!target.checkVisibility({ checkVisibilityCSS: true })) return [];
    target.scrollIntoView({ block: "center" });
    const box = target.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    if (!meets(x, y, target)) return []; // under something else
    let [up, down] = [0, 0];
    while (up < 40 && meets(x, y - up - 1, target)) up++;
    while (down < 40 && meets(x, y + down + 1, target)) down++;
    return up + down + 1 >= 40 ? [] : [`${one.id || one.className || one.textContent}: ${up + down + 1}`];
  });
});

await test("at 360 pixels what a finger is to meet is 40 pixels high, and has a name", async () => {
  await open({ width: 360, height: 740 }, PANELS, { ...PHONE, prepare: uploadable, first: true });
  const check = async (what) => {
    await drawn();
    assert.deepEqual(await small(), [], what);
    assert.deepEqual((await nameless())[1], [], what);
  };
  await check("panels and the first hint");
  await page.tap("#first-close");
  await page.tap("#refs-open");
  await check("several references");
  await page.screenshot({ path: join(shots, "access-refs.png") });
  await page.tap("#refs-open");
  await page.tap("#export");
  await check("exports");
  await page.keyboard.press("Escape");
  await page.tap("#late");
  await check("where the time goes");
  await page.keyboard.press("Escape");
  await page.tap("#help-open");
  await check("help");
  await page.keyboard.press("Escape");
  await page.tap("#drawer");
  await page.selectOption("#stretch", "percentile");
  await check("the drawer");
  await page.screenshot({ path: join(shots, "access-drawer.png") });
  await page.locator("#upload-narrow").tap();
  await page.setInputFiles("#upload-input", [{ name: "a.npy", mimeType: "", buffer: Buffer.alloc(8) }]);
  await check("uploads");
  await page.context().close();
});
