/** KOSMOS-2, CogVLM2-Video and GLM-4.5V against what the original programs compute (`test/golden/reasoners`). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/cli/golden-check.ts';
import { KOSMOS_CHECKS } from '../../src/cli/golden-kosmos.ts';

const file = (name: string): Entry =>
  JSON.parse(readFileSync(new URL(`../golden/reasoners/${name}.json`, import.meta.url), 'utf8'));
const LISTS = ['cases', 'index_to_box', 'box_to_index', 'test_suite_input_ids'];
const failing = (name: string, content: Entry) =>
  [...KOSMOS_CHECKS[name]!(content)].filter(({ differences }) => differences.length > 0);

describe.each(Object.keys(KOSMOS_CHECKS))('fixture %s', (name) => {
  it('passes, and counts each row of each list once', () => {
    const content = file(name);
    expect(failing(name, content)).toEqual([]);
    const rows = LISTS.reduce((sum, list) => sum + (content[list]?.length ?? 0), 0);
    expect([...KOSMOS_CHECKS[name]!(content)]).toHaveLength(rows);
  });
});

describe('a result that is another one fails its row', () => {
  it.each([
    ['kosmos2_entities', (content: Entry) => (content.cases[0].expected.entities[0].span_utf16[1] += 1)],
    ['kosmos2_prompt', (content: Entry) => (content.cases[0].expected.prompt += ' ')],
    ['kosmos2_prompt', (content: Entry) => (content.token_ids['<object>'] += 1)],
    ['kosmos2_geometry', (content: Entry) => (content.index_to_box[4].box[2] += 2 ** -50)],
    ['cogvlm2_frames', (content: Entry) => (content.cases[0].expected.indices[3] += 1)],
    ['glm45v_gui_parse', (content: Entry) => (content.cases[0].mobile.parsed_action.box_2d[0][1] += 1)],
  ])('%s', (name, spoil) => {
    const content = file(name);
    spoil(content);
    expect(failing(name, content)).toHaveLength(1);
  });

  it('as does one that should have been refused, and one that should not', () => {
    const prompts = file('kosmos2_prompt');
    const refused = prompts.cases.find(({ expected }: Entry) => expected.error !== undefined);
    refused.expected = { prompt: 'something' };
    expect(failing('kosmos2_prompt', prompts)).toHaveLength(1);
    const places = file('kosmos2_geometry');
    places.box_to_index[0] = { ...places.box_to_index[0], error: 'no box' };
    expect(failing('kosmos2_geometry', places)).toHaveLength(1);
  });
});
