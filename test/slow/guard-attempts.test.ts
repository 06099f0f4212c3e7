import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { expectInnerUnreached, expectPageKept, NAVIGATIONS, REQUESTS } from '../browser/attempts.ts';
import { type Stage, setStage, type Visit, visit } from '../browser/stage.ts';

let stage: Stage;
let at: Visit;

beforeAll(async () => {
  stage = await setStage();
  at = await visit(stage);
});
beforeEach(() => at.again());
afterAll(async () => {
  await at.end();
  await stage.close();
});

describe('a page goes nowhere outside the allow list', () => {
  it.each(Object.keys(NAVIGATIONS))('not by %s', (name) => expectPageKept(stage, at, name));
});

describe('nothing in a page reaches the inner network', () => {
  it.each(Object.keys(REQUESTS))('not %s', (name) => expectInnerUnreached(stage, at, name));
});
