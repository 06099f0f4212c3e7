/** The table of families, how a model's name finds its row, and rows of the user's own. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHECKS } from '../../src/cli/golden.ts';
import { chooseProfile, ownProfile, profileForModel, withOwnProfiles } from '../../src/models/own-profiles.ts';
import { modelProfileSchema } from '../../src/models/profile.ts';
import { PROFILES, profileOf } from '../../src/models/profiles.ts';

const FAMILIES =
  'magma cosmos-reason1 cosmos-reason2 cosmos3 kosmos2 qvq qwen2.5-vl qwen3-vl cogvlm2-video ui-tars openvla openpi generic';
const GOLDEN = ['magma', 'reasoners'];
const isIn = (folder: string, name: string) => existsSync(new URL(`../golden/${folder}/${name}.json`, import.meta.url));
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'config/invalid', message: expect.stringMatching(message) });

test('there is a row for each family', () => {
  expect([...PROFILES.keys()].join(' ')).toBe(FAMILIES);
});

test('a family that is not in the table is refused, with those that are', () => {
  expect(() => profileOf('magmma')).toThrow(refused(/no profile 'magmma' \(there is: magma, cosmos-reason1/));
});

describe.each([...PROFILES.values()])('$family', (profile) => {
  test('is checked when it is loaded and stays the same when it is checked again', () => {
    expect(modelProfileSchema.parse(profile)).toEqual(profile);
  });
  test('asks for thought only where it says how, and names fields where a thought may come', () => {
    const { ask, text, fields } = profile.thinking;
    expect(text !== undefined).toBe(ask.endsWith('suffix'));
    if (ask !== 'never') expect(fields.length).toBeGreaterThan(0);
  });
  test('takes video only with a rule for it, and pictures only with a rule for them', () => {
    expect(profile.media.video !== undefined).toBe(profile.limits.videos > 0);
    expect(profile.media.image !== undefined).toBe(profile.limits.images > 0);
  });
  test('resizes pictures itself where the model answers in pixels of what was sent', () => {
    if (profile.space?.kind === 'sent-px') expect(profile.media.image?.resize.rule).toBe('smart');
  });
  test('has an action format for each role in which it acts', () => {
    expect(profile.actionFormat.ui !== undefined).toBe(profile.roles.includes('ui'));
    if (profile.roles.includes('arm')) expect(profile.actionFormat.arm).toBeDefined();
  });
  test('names for each proof a fixture that is checked, or a test that is there', () => {
    for (const { form, by, where = [] } of profile.proven.forms) {
      expect([form, where.length > 0]).toEqual([form, !by.includes('none')]);
      for (const one of where) {
        const path = one.includes('/')
          ? `../../${one}`
          : `../golden/${GOLDEN.find((folder) => isIn(folder, one))}/${one}.json`;
        expect(existsSync(new URL(path, import.meta.url)), one).toBe(true);
        if (!one.includes('/')) expect(Object.keys(CHECKS)).toContain(one);
      }
    }
  });
  test('claims no proof by trained weights, which nobody has run', () => {
    expect(profile.proven.trainedWeights).toBe(false);
  });
});

test.each([
  ['microsoft/Magma-8B', 'magma'],
  ['nvidia/Cosmos-Reason1-7B', 'cosmos-reason1'],
  ['nvidia/Cosmos-Reason2-2B', 'cosmos-reason2'],
  ['nvidia/Cosmos3-Nano', 'cosmos3'],
  ['nvidia/cosmos3-nano-reasoner', 'cosmos3'],
  ['microsoft/kosmos-2-patch14-224', 'kosmos2'],
  ['microsoft/kosmos-2.5', 'generic'],
  ['Qwen/QVQ-72B-Preview', 'qvq'],
  ['Qwen/Qwen2.5-VL-7B-Instruct', 'qwen2.5-vl'],
  ['Qwen/Qwen3-VL-8B-Instruct', 'qwen3-vl'],
  ['THUDM/cogvlm2-video-llama3-chat', 'cogvlm2-video'],
  ['ByteDance-Seed/UI-TARS-1.5-7B', 'ui-tars'],
  ['openvla/openvla-7b', 'openvla'],
  ['pi0_libero', 'openpi'],
  ['gpt-4o', 'generic'],
])('%s is known as %s', (model, family) => {
  expect(profileForModel(model).family).toBe(family);
});

test('a profile of the user is a row with what differs, and is not taken for proven', () => {
  const mine = ownProfile('my-tuned', {
    like: 'qwen3-vl',
    sampling: { plain: { maxTokens: 50, temperature: 0 } },
    space: { kind: 'unit', axes: 'yx' },
    limits: { images: 2 },
  });
  expect(mine.family).toBe('my-tuned');
  expect(mine.space).toEqual({ kind: 'unit', axes: 'yx' });
  expect(mine.limits).toMatchObject({ images: 2, videos: 1 });
  expect(mine.media).toEqual(profileOf('qwen3-vl').media);
  expect(mine.proven.forms.flatMap(({ by }) => by)).toEqual(['none']);
});

test('null takes a field away', () => {
  expect(ownProfile('a', { like: 'qwen3-vl', space: null }).space).toBeUndefined();
  expect(ownProfile('a', { like: 'magma', prompt: { system: null } }).prompt.system).toBeUndefined();
});

test('a field that no profile has, a wrong value and an unknown base are refused by name', () => {
  expect(() => ownProfile('a', { temprature: 1 })).toThrow(refused(/temprature/));
  expect(() => ownProfile('a', { sampling: { plain: { maxTokens: 0, temperature: 0 } } })).toThrow(
    refused(/sampling\.plain\.maxTokens/),
  );
  expect(() => ownProfile('a', { like: 'lama' })).toThrow(refused(/no profile 'lama'/));
  expect(() => ownProfile('a', { names: '(' })).toThrow(refused(/names: expected a regular expression/));
  expect(() => ownProfile('a b', {})).toThrow(refused(/family/));
});

test('those of a config file come first and may stand in for a row', () => {
  const profiles = withOwnProfiles({
    'my-tuned': { like: 'qwen3-vl' },
    generic: { sampling: { plain: { maxTokens: 9, temperature: 0 } } },
  });
  expect(profileForModel('org/My-Tuned-8B', profiles).family).toBe('my-tuned');
  expect(profileOf('generic', profiles).sampling.plain.maxTokens).toBe(9);
  expect(profiles.size).toBe(PROFILES.size + 1);
  expect(() => withOwnProfiles([])).toThrow(refused(/expected an object/));
  expect(() => withOwnProfiles({ a: 1 })).toThrow(refused(/a: expected an object/));
});

test('a policy gets its profile by option, by a row written out, or by its model', () => {
  expect(chooseProfile(undefined, 'Cosmos-Reason2-8B', 'p').family).toBe('cosmos-reason2');
  expect(chooseProfile('qvq', 'anything', 'p').family).toBe('qvq');
  expect(chooseProfile({ like: 'qvq' }, 'my-model', 'p').family).toBe('my-model');
  expect(chooseProfile({ like: 'qvq', family: 'mine' }, 'my-model', 'p').family).toBe('mine');
});
