// Walks through the console as people do, in Chromium, over a service with its demonstration.
//
//   node walks/run.mjs --program ../target/debug/tanba [--pictures ../docs/console] [--only access]
//
// Prints one line a walk, and ends with `N passed, N failed`.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, start } from './harness.mjs';

const { values } = parseArgs({
  options: {
    program: { type: 'string' },
    pictures: { type: 'string' },
    only: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const here = import.meta.dirname;
// The order of the story: later walks look at what earlier ones did.
const ORDER = ['entrance', 'register', 'broken', 'duplicate', 'refusal', 'exemption', 'access', 'files', 'examination', 'oversight', 'training', 'guardian'];
const names = readdirSync(here).filter((name) => name.endsWith('.mjs') && !['run.mjs', 'harness.mjs', 'counter.mjs'].includes(name)).map((name) => name.replace('.mjs', ''));
const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
const walks = names.filter((name) => !values.only || values.only.split(',').includes(name)).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));

const service = await start(resolve(values.program), ['demo', '--dir', '{dir}']);
// No walk takes this long, seconds; one that does hangs, and its browser with it.
const LONGEST = 240;
let browser = await launch(values.chromium);
const told = service.told();
const shared = {
  service,
  program: resolve(values.program),
  pictures: values.pictures ? resolve(values.pictures) : null,
  // People whom nobody has served yet, as the demonstration names them when it begins to serve.
  people: [...told.matchAll(/^ +(\d{12}) +\S/gm)].map((found) => found[1]),
  // The first of them is registered by the walk that goes from sign-in to receipt.
  iin: told.match(/^ +(\d{12}) +\S/m)?.[1],
  names: [...told.matchAll(/^ +\d{12} +(.+)$/gm)].map((found) => found[1].trim()),
};
let passed = 0;
let failed = 0;
for (const name of walks) {
  const { title, walk } = await import(join(here, `${name}.mjs`));
  const begun = Date.now();
  try {
    let bell;
    const late = new Promise((_, reject) => {
      bell = setTimeout(() => reject(new Error(`not at its end after ${LONGEST} s`)), LONGEST * 1000);
    });
    const note = await Promise.race([walk({ ...shared, browser }), late]).finally(() => clearTimeout(bell));
    passed += 1;
    console.log(`ok    ${title} (${((Date.now() - begun) / 1000).toFixed(1)} s)${note ? `: ${note}` : ''}`);
  } catch (error) {
    failed += 1;
    // Whatever it left behind goes with its browser.
    await Promise.race([browser.close(), new Promise((wake) => setTimeout(wake, 5000))]).catch(() => {});
    browser = await launch(values.chromium);
    console.log(`FAILED ${title}\n${error.stack ?? error}`);
  }
}
await browser.close();
await service.stop();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
