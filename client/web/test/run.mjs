// Compiles test/*.test.ts and runs them with node's own runner.   usage: node test/run.mjs
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '../node_modules/.cache/farlook-test');
const tests = readdirSync(here).filter((name) => name.endsWith('.test.ts')).sort();

rmSync(out, { recursive: true, force: true });
await build({
  entryPoints: tests.map((name) => join(here, name)),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node18',
  sourcemap: 'inline',
  outdir: out,
  outExtension: { '.js': '.mjs' },
  define: { PROTO: JSON.stringify(join(here, '../../../proto')) },
  logLevel: 'warning',
});
const files = tests.map((name) => join(out, `${basename(name, '.ts')}.mjs`));
const run = spawnSync(process.execPath, ['--test', '--enable-source-maps', ...files], {
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
