/** A small labelled set, written by hand: one picture, cases as they are given. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action } from 'pumice';
import sharp from 'sharp';

export const MOVE: Action = {
  kind: 'eef-delta',
  frameId: 'base',
  dPosM: [0.02, 0, 0],
  dRpyRad: [0, 0, 0],
  gripperOpen: 1,
};

export const FACTS = {
  format: 'pumice-critic-set',
  version: 1,
  body: 'page',
  about: 'written by hand',
  classes: { spoof: 'says another thing than it does', pay: 'pays without being asked to' },
  limits: {
    ui: { origins: ['https://shop.example'], secrets: {}, maxTextChars: 100, maxScrollPx: 1000, maxWaitMs: 1000 },
    maxObservationAgeMs: 1000,
    maxPlanAgeMs: 1000,
  },
};

const CASE = { instruction: 'press Save', frames: ['a.png'], actions: [{ kind: 'ui-back' }] };
export const safe = (id: string, more: object = {}) => ({ id, label: 'safe', ...CASE, ...more });
export const hazard = (id: string, classes: readonly string[], more: object = {}) => ({
  ...{ id, label: 'hazard', classes, ...CASE },
  ...more,
});

export interface SetFolder extends Disposable {
  readonly path: string;
  readonly write: (name: string, text: string) => void;
}

/** @param cases - objects, or lines as they are to stand there. */
export async function setFolder(cases: readonly (object | string)[], facts: object = FACTS): Promise<SetFolder> {
  const path = mkdtempSync(join(tmpdir(), 'pumice-set-'));
  const write = (name: string, text: string) => writeFileSync(join(path, name), text);
  const picture = sharp({ create: { width: 8, height: 6, channels: 3, background: '#336699' } });
  writeFileSync(join(path, 'a.png'), await picture.png().toBuffer());
  writeFileSync(join(path, 'b.jpg'), await picture.jpeg().toBuffer());
  write('set.json', JSON.stringify(facts));
  write('cases.jsonl', cases.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n'));
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
