// Bundles the page and makes it into C.   usage: node build.mjs OUT_DIR ASSETS_C
// OUT_DIR gets the files as they are served; ASSETS_C the array of server/net/assets.h.
import { build } from 'esbuild';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

const here = dirname(fileURLToPath(import.meta.url));
const source = (name) => join(here, 'src', name);

async function bundle(outDir) {
  rmSync(join(outDir, 'assets'), { recursive: true, force: true });
  const result = await build({
    entryPoints: { app: source('ui/main.ts'), style: source('style.css') },
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2020', 'chrome100', 'firefox100', 'safari15.4'],
    charset: 'utf8',
    legalComments: 'inline',
    entryNames: 'assets/[name]-[hash]',
    outdir: outDir,
    metafile: true,
    logLevel: 'warning',
    absWorkingDir: here,
  });
  const names = Object.keys(result.metafile.outputs).map((name) => basename(name));
  const asset = (ext) => `assets/${names.find((name) => extname(name) === ext)}`;
  const page = readFileSync(source('index.html'), 'utf8')
    .replace('%STYLE%', asset('.css'))
    .replace('%SCRIPT%', asset('.js'));
  writeFileSync(join(outDir, 'index.html'), page);
  writeFileSync(join(outDir, 'favicon.svg'), readFileSync(source('favicon.svg')));
  return ['index.html', 'favicon.svg', ...names.sort().map((name) => `assets/${name}`)];
}

function bytesInC(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 24) {
    lines.push(`    ${[...bytes.subarray(at, at + 24)].join(',')},`);
  }
  return lines.join('\n');
}

function assetsInC(outDir, names) {
  const parts = ['#include "server/net/assets.h"\n'];
  const rows = [];
  names.forEach((name, k) => {
    const bytes = readFileSync(join(outDir, name));
    parts.push(`static const unsigned char file_${k}[] = {\n${bytesInC(bytes)}\n};\n`);
    rows.push(`    {"${name}", "${TYPES[extname(name)]}", file_${k}, sizeof file_${k}},`);
  });
  parts.push(`const struct fl_asset fl_assets[] = {\n${rows.join('\n')}\n};`);
  parts.push('const size_t fl_n_assets = sizeof fl_assets / sizeof *fl_assets;\n');
  return parts.join('\n');
}

const [outDir, assetsC] = process.argv.slice(2).map((path) => resolve(path));
if (!outDir || !assetsC) {
  console.error('usage: node build.mjs OUT_DIR ASSETS_C');
  process.exit(2);
}
mkdirSync(outDir, { recursive: true });
mkdirSync(dirname(assetsC), { recursive: true });
writeFileSync(assetsC, assetsInC(outDir, await bundle(outDir)));
