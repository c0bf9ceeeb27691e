// The colours of both themes, held against each other: words by 4.5 to 1, what is drawn by 3 to 1
// (WCAG 2.1, 1.4.3 and 1.4.11).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

declare const PROTO: string;
const css = readFileSync(join(PROTO, '../client/web/src/page.css'), 'utf8');

type Rgb = [number, number, number];
type Theme = Map<string, Rgb>;

function rgbOf(hex: string): Rgb {
  const long = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
  return [0, 2, 4].map((at) => parseInt(long.slice(at, at + 2), 16)) as Rgb;
}

// The variables of the rule that begins with `selector`, over those of `under`.
function themeOf(selector: string, under: Theme = new Map()): Theme {
  const from = css.indexOf(`\n${selector} {`);
  assert.ok(from >= 0, `there is no ${selector}`);
  const rule = css.slice(from, css.indexOf('}', from));
  const own = [...rule.matchAll(/--([\w-]+): #([\da-f]{6}|[\da-f]{3});/g)];
  return new Map([...under, ...own.map(([, name = '', hex = '']) => [name, rgbOf(hex)] as const)]);
}

const dark = themeOf(':root');
const THEMES = { dark, light: themeOf(":root[data-theme='light']", dark) };

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return Math.max(x, y) / Math.min(x, y);
}

const mix = (a: Rgb, b: Rgb, part: number): Rgb => a.map((v, c) => v * part + (b[c] as number) * (1 - part)) as Rgb;

const SURFACES = ['bg', 'bg-lit', 'panel', 'chip', 'chip-lit', 'sunk'];
const WORDS = { ink: SURFACES, dim: SURFACES, accent: SURFACES, pin: SURFACES };
const DRAWN = {
  good: ['panel'], warn: ['panel'], bad: ['panel', 'sunk'], // dots and borders
  ask: ['panel'], wait: ['panel'], render: ['panel'], read: ['panel'],
  encode: ['panel'], network: ['panel'], decode: ['panel'], draw: ['panel'],
};

for (const [theme, colours] of Object.entries(THEMES)) {
  const colour = (name: string): Rgb => {
    const found = colours.get(name);
    assert.ok(found, `there is no --${name}`);
    return found;
  };
  const check = (table: Record<string, string[]>, least: number): void => {
    for (const [ink, grounds] of Object.entries(table)) {
      for (const ground of grounds) {
        const has = contrast(colour(ink), colour(ground));
        assert.ok(has >= least, `--${ink} on --${ground} has ${has.toFixed(2)}, not ${least}`);
      }
    }
  };

  test(`${theme}: words can be read on whatever they stand`, () => check(WORDS, 4.5));
  test(`${theme}: what is drawn can be seen`, () => check(DRAWN, 3));

  test(`${theme}: words can be read on the row of a kept channel`, () => {
    const row = mix(colour('accent'), colour('panel'), 0.26); // parts.css
    assert.ok(contrast(colour('ink'), row) >= 4.5);
  });
}

test('captions can be read on any picture', () => {
  for (const v of [0, 64, 128, 192, 255]) {
    const ground = mix([0, 0, 0], [v, v, v], 0xb0 / 255); // panels.css: #000000b0
    assert.ok(contrast(mix([255, 255, 255], ground, 0.85), ground) >= 4.5);
  }
});
