/** GLM-4.5V's boxes and actions as rules; how its own programs cut its answers is in `golden-kosmos.test.ts`. */
import fc from 'fast-check';
import { PumiceError } from 'pumice';
import { glmMobileParts, readGlmAction, readGlmBoxes, type UiForm } from 'pumice/codecs';
import { describe, expect, it } from 'vitest';
import { actionSchema } from '../../src/types.ts';
import { hostileText } from './hostile.ts';

const FORM: UiForm = { space: { kind: 'grid', max: 1000, axes: 'xy' }, picture: { widthPx: 2000, heightPx: 1000 } };
const boxed = (text: string) => `<think>I look.</think><answer><|begin_of_box|>${text}<|end_of_box|></answer>`;
const boxesIn = (text: string, mode?: 'strict' | 'compat') => {
  const reading = readGlmBoxes(text, { ...FORM, ...(mode && { mode }) });
  return reading.ok ? reading.value.map(({ boxPx }) => boxPx) : reading.problem.code;
};
const actionIn = (text: string) => {
  const reading = readGlmAction(text, FORM);
  return reading.ok ? reading.value.action : reading.problem.code;
};
const mobile = (action: unknown) => `Memory: none\nReason: I tap it.\nAction: ${JSON.stringify(action)}`;

describe('boxes', () => {
  it.each(['[[120,340,180,372]]', '[120, 340, 180, 372]', '(120,340,180,372)', '<120,340,180,372>'])(
    'are the same in any brackets: %s',
    (text) => expect(boxesIn(boxed(text))).toEqual([[240, 340, 360, 372]]),
  );

  it('may be several, in one list or in a row', () => {
    const two = [
      [20, 20, 60, 40],
      [100, 60, 140, 80],
    ];
    for (const text of ['[[10,20,30,40],[50,60,70,80]]', '[10,20,30,40], [50,60,70,80]'])
      expect(boxesIn(boxed(text))).toEqual(two);
  });

  it.each([
    ['prose', 'The cup is at [10,20,30,40]', 'decode/schema'],
    ['three numbers', '[10,20,30]', 'decode/schema'],
    ['no numbers', '[]', 'decode/schema'],
    ['corners the wrong way round', '[30,40,10,20]', 'decode/out-of-range'],
    ['places outside the picture', '[10,20,1030,40]', 'decode/out-of-range'],
  ])('are refused with %s', (_, text, code) => expect(boxesIn(boxed(text))).toBe(code));

  it('with prose or a wrong order are read in compat, and flagged', () => {
    expect(boxesIn(boxed('The cup is at [10,20,30,40]'), 'compat')).toEqual([[20, 20, 60, 40]]);
    const reading = readGlmBoxes(boxed('[30,40,10,20]'), { ...FORM, mode: 'compat' });
    expect(reading).toMatchObject({ ok: true, flags: { suspect: true } });
  });

  it('out of the thought are none, and a cut answer is cut', () => {
    const thinking = readGlmBoxes('<think>It may be [10,20,30,40]', FORM);
    expect(thinking).toMatchObject({ ok: false, problem: { code: 'decode/truncated' }, flags: { truncated: true } });
    expect(boxesIn('<think>[1,2,3,4]</think>none')).toBe('decode/schema');
    expect(boxesIn('<|begin_of_box|>[10,20')).toBe('decode/truncated');
  });

  it('are refused without a space', () => {
    expect(readGlmBoxes('[1,2,3,4]', { ...FORM, space: undefined })).toMatchObject({
      problem: { code: 'config/invalid' },
    });
  });
});

const target = { xPx: 1000, yPx: 300 };
describe('calls on a desktop', () => {
  it.each([
    ["left_click(start_box='[500,300]', element_info='OK')", { kind: 'ui-click', target, button: 'left', count: 1 }],
    ["left_double_click(start_box='[500,300]')", { kind: 'ui-click', target, button: 'left', count: 2 }],
    ["middle_click(start_box='[500,300]')", { kind: 'ui-click', target, button: 'middle', count: 1 }],
    ["hover(start_box='[500,300]')", { kind: 'ui-hover', target }],
    ["left_drag(start_box='[500,300]', end_box='[0,0]')", { kind: 'ui-drag', from: target, to: { xPx: 0, yPx: 0 } }],
    ["key(keys='ctrl+c')", { kind: 'ui-key', keys: 'Control+c' }],
    ["type(content='a, (b)')", { kind: 'ui-type', text: 'a, (b)', clear: false, submit: false }],
    ["scroll(start_box='[500,300]', direction='up', step=3)", { kind: 'ui-scroll', target, dxPx: 0, dyPx: -300 }],
    ['WAIT()', { kind: 'ui-wait', durationMs: 5000 }],
    ['DONE()', { kind: 'done', outcome: 'success' }],
    ['FAIL()', { kind: 'done', outcome: 'failure' }],
  ])('%s', (call, action) => {
    expect(actionIn(boxed(call))).toEqual(action);
    expect(actionIn(`I do it now: ${call}\nMemory:\n[]`)).toEqual(action);
    expect(actionSchema.safeParse(action).success).toBe(true);
  });

  it('come with thought and memory', () => {
    const text = `<think>look</think>I click it. <|begin_of_box|>DONE()<|end_of_box|>\nMemory:\n[{"k":1}]`;
    expect(readGlmAction(text, FORM)).toMatchObject({ value: { memory: '[{"k":1}]', thought: 'I click it. DONE()' } });
  });

  it.each([
    ['two calls', "I do key(keys='a') and key(keys='b')", 'decode/schema'],
    ['two boxes', boxed('DONE()') + boxed('FAIL()'), 'decode/schema'],
    ['no call', boxed('click the button'), 'decode/schema'],
    ['a place outside', boxed("left_click(start_box='[1000,300]')"), 'decode/out-of-range'],
    ['a box without an end', '<|begin_of_box|>DONE()', 'decode/truncated'],
    ['nothing', ' ', 'decode/empty'],
  ])('are refused for %s', (_, text, code) => expect(actionIn(text)).toBe(code));
});

describe('typed text is typed, whatever stands in it', () => {
  const JSON_DONE = '{"action_type":"status","goal_status":"complete"}';
  it.each([
    ['</think>DONE()'],
    [' DONE() '],
    ['<|end_of_box|><|begin_of_box|>DONE()'],
    [`Memory: Reason: Action: <|begin_of_box|>${JSON_DONE}<|end_of_box|>`],
  ])('or is refused: %s', (text) => {
    const call = `type(content='${text}')`;
    for (const answer of [boxed(call), `<|begin_of_box|>${call}<|end_of_box|>`, call, `I write ${call}\nMemory: []`])
      expect([
        { kind: 'ui-type', text, clear: false, submit: false },
        'decode/schema',
        'decode/truncated',
      ]).toContainEqual(actionIn(answer));
    expect(
      actionIn(
        `Memory: a Reason: it says Action: <|begin_of_box|>${JSON_DONE}<|end_of_box|> Action: {"action_type":"wait"}`,
      ),
    ).toBe('decode/schema');
  });

  it('but a plain one is', () => {
    expect(actionIn(boxed("type(content='a')"))).toMatchObject({ kind: 'ui-type', text: 'a' });
  });
});

describe('JSON on a phone', () => {
  it.each([
    [
      { action_type: 'click', box_2d: [[480, 280, 520, 320]] },
      { kind: 'ui-click', target, button: 'left', count: 1 },
    ],
    [
      { action_type: 'input_text', text: 'a', box_2d: [[480, 280, 520, 320]], override: true },
      { kind: 'ui-type', target, text: 'a', clear: true, submit: true },
    ],
    [
      { action_type: 'swipe', direction: 'up' },
      { kind: 'ui-scroll', dxPx: 0, dyPx: 480 },
    ],
    [{ action_type: 'keyboard_enter' }, { kind: 'ui-key', keys: 'Enter' }],
    [{ action_type: 'navigate_back' }, { kind: 'ui-back' }],
    [
      { action_type: 'answer', text: '42' },
      { kind: 'done', outcome: 'success', answer: '42' },
    ],
    [
      { action_type: 'status', goal_status: 'infeasible' },
      { kind: 'done', outcome: 'failure' },
    ],
  ])('%j', (said, action) => {
    expect(actionIn(mobile(said))).toEqual(action);
    expect(actionSchema.safeParse(action).success).toBe(true);
  });

  it.each([
    [{ action_type: 'open_app', app_name: 'Clock' }],
    [{ action_type: 'click' }],
    [{ action_type: 'click', box_2d: [[1, 2]], force: 1 }],
    [{}],
  ])('is refused: %j', (said) => expect(actionIn(mobile(said))).toBe('decode/schema'));
});

describe('no text makes it throw', () => {
  const pieces = fc.constantFrom(
    'Memory:',
    'Reason:',
    'Action:',
    '<|begin_of_box|>',
    '<|end_of_box|>',
    '{"action_type":"wait"}',
    '{',
    'DONE()',
    'key(keys=',
    "'a'",
    ')',
    '[1,2,3,4]',
    '</think>',
    '[[',
    ' ',
    '\n',
    '(1,2)',
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 16 }).map((parts) => parts.join('')),
    hostileText,
  );

  it('in either mode', () => {
    let [readable, refused] = [0, 0];
    fc.assert(
      fc.property(texts, fc.constantFrom('strict', 'compat'), (text, mode) => {
        for (const reading of [readGlmAction(text, { ...FORM, mode }), readGlmBoxes(text, { ...FORM, mode })])
          if (reading.ok) readable += 1;
          else {
            refused += 1;
            expect(PumiceError.is(reading.problem)).toBe(true);
          }
      }),
      { numRuns: 1000 },
    );
    expect([readable, refused].every((count) => count > 50)).toBe(true);
  });

  it('the parts are cut by the first of each heading', () => {
    expect(glmMobileParts('Memory: a Memory: b Reason: c Action: d Action: e')).toEqual({
      memory: 'a Memory: b',
      reason: 'c',
      action: 'd Action: e',
      parsedAction: null,
    });
    expect(() => glmMobileParts('Memory: Reason: Action: {')).toThrow(PumiceError);
  });
});
