/** `npm run bench`: every bench, one after the other, each in a process of its own. `npm run bench -- loop gate`: only those. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ALL = [
  'gate',
  'check',
  'loop',
  'record',
  'observe',
  'sim',
  'ember',
  'seam',
  'realtime',
  'realtime-tasks',
  'teleop',
  'teleop-page',
  'look-on',
  'evidence',
  'models',
];
/** They need more than npm brings: by name alone. */
const BY_NAME = ['simpler'];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => ![...ALL, ...BY_NAME].includes(name));
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are ${[...ALL, ...BY_NAME].join(', ')}`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : ALL) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.js`)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
