/** One rule of the text matcher each, over observations made by hand: a page is its marks and texts, one below the other. */
import { describe, expect, test } from 'vitest';
import markMatcher from '../../policies/mark-matcher.ts';
import type { Action, Mark, Observation, StepFeedback, UiState } from '../../src/types.ts';

type Sketch = Partial<Omit<Mark, 'id' | 'boxPx' | 'pointPx' | 'source'>> & { readonly at?: readonly [number, number] };
interface Page {
  readonly marks?: readonly Sketch[];
  /** Text and the top left corner of its box. */
  readonly texts?: readonly (readonly [string, number, number])[];
  readonly dialog?: UiState['dialog'];
}

const button = (name: string): Sketch => ({ role: 'button', name });
const link = (name: string): Sketch => ({ role: 'link', name });
const field = (name: string, more: Sketch = {}): Sketch => ({ role: 'textbox', name, value: '', ...more });
const box = (name: string, checked = false): Sketch => ({ role: 'checkbox', name, state: { checked } });

/** Marks are 100 x 20 and stand 40 px apart unless told where. */
function observe(instruction: string, { marks = [], texts = [], dialog }: Page, history: readonly StepFeedback[] = []) {
  const placed = marks.map(({ at = [10, 0], ...mark }, id): Mark => {
    const [x, y] = [at[0], at[1] || 10 + 40 * id];
    return { id, boxPx: [x, y, x + 100, y + 20], pointPx: [x + 50, y + 10], source: 'dom', ...mark };
  });
  const written = texts.map(([text, x, y]) => ({ text, boxPx: [x, y, x + 80, y + 20] as const }));
  const scroll = { xPx: 0, yPx: 0, maxXPx: 0, maxYPx: 0 };
  const ui: UiState = { url: 'http://a.test/', title: '', tabs: [], scroll, notices: [], texts: written };
  return {
    ...{ seq: 0, epoch: 0, stampMs: 0, instruction, history, frames: [], marks: placed },
    ui: dialog ? { ...ui, dialog } : ui,
  } satisfies Observation;
}
const context = { signal: new AbortController().signal, nowMs: () => 0, report: () => {} };
const feedback = (proposed: Action, more: Partial<StepFeedback> = {}): StepFeedback => ({
  ...{ index: 0, proposed, verdict: { kind: 'allow', reasons: [] }, executed: proposed },
  ...more,
});

/** What the policy does on page after page; the last one stays. */
async function play(instruction: string, ...pages: readonly Page[]): Promise<readonly Action[]> {
  const policy = markMatcher.create({});
  const actions: Action[] = [];
  for (let step = 0; step < 30; step++) {
    const page = pages[Math.min(step, pages.length - 1)]!;
    const observation = observe(instruction, page, actions.length ? [feedback(actions.at(-1)!)] : []);
    const thought = (await policy.act(observation, context)) as { actions: readonly Action[] };
    actions.push(thought.actions[0]!);
    if (thought.actions[0]!.kind === 'done') break;
  }
  return actions;
}
const clicked = (id: number) => expect.objectContaining({ kind: 'ui-click', target: { markId: id } });
const typed = (id: number, text: string) => expect.objectContaining({ kind: 'ui-type', target: { markId: id }, text });
const done = { kind: 'done', outcome: 'success' };
const looking = (action: Action) => action.kind === 'ui-wait' || action.kind === 'ui-scroll';
const acts = (actions: readonly Action[]) => actions.filter((action) => !looking(action));

describe('names', () => {
  test('an exact name comes before one that differs in case', async () => {
    const page = { marks: [button('SAVE'), button('Save')] };
    expect(await play('Click "Save"', page)).toEqual([clicked(1), done]);
  });

  test('a whole name comes before a longer one that contains it', async () => {
    expect(await play('click Save', { marks: [link('Save as draft'), button('Save')] })).toEqual([clicked(1), done]);
  });

  test('the noun picks among equal names by role', async () => {
    expect(await play('Click the "Help" link', { marks: [button('Help'), link('Help')] })).toEqual([clicked(1), done]);
  });

  test('an ordinal counts in reading order', async () => {
    expect(await play('click the 2nd button', { marks: [button('a'), link('x'), button('b')] })).toEqual([
      clicked(2),
      done,
    ]);
  });

  test('synonyms and word endings are the last resort', async () => {
    expect(await play('click the trash icon', { marks: [button('star'), button('Delete')] })).toEqual([
      clicked(1),
      done,
    ]);
  });

  test('the instruction shown on the page is no target', async () => {
    const page: Page = { marks: [button('Go')], texts: [['Click the "Go" button now.', 10, 200]] };
    expect(await play('Click the "Go" button now.', page)).toEqual([clicked(0), done]);
  });
});

describe('rows', () => {
  const table: Page = {
    marks: [
      { ...link('Oak table'), at: [10, 50] },
      { ...link('Pine chair'), at: [10, 90] },
    ],
    texts: [
      ['Brown & Sons', 200, 50],
      ['Ada Lovelace', 200, 90],
    ],
  };
  test('the thing of somebody is the link in the row where the name is written', async () => {
    expect(await play('open the order of Ada Lovelace', table)).toEqual([clicked(1), done]);
  });

  test('what was found is what `it` means afterwards', async () => {
    expect(acts(await play('Find "Ada Lovelace", then open it', table))).toEqual([clicked(1), done]);
  });

  test('of equal buttons the one in the row of what was found is meant', async () => {
    const page: Page = {
      marks: [
        { ...button('Edit'), at: [10, 50] },
        { ...button('Edit'), at: [10, 90] },
      ],
      texts: [
        ['Ada', 200, 90],
        ['Ben', 200, 50],
      ],
    };
    expect(acts(await play('Find "Ada" and click "Edit"', page))).toEqual([clicked(1), done]);
  });
});

describe('fields', () => {
  const login: Page = { marks: [field('User'), field('Password', { inputType: 'password' }), button('Log in')] };
  const filled: Page = {
    marks: [
      field('User', { value: 'ada' }),
      field('Password', { inputType: 'password', value: '•••' }),
      button('Log in'),
    ],
  };
  test.each([
    'Log in as ada with {{PASSWORD}}',
    'Sign in as ada with the password {{PASSWORD}}',
    'Log in with user "ada" and password "{{PASSWORD}}"',
    'Please log in as ada, password {{PASSWORD}}',
    'Enter "ada" as the user and {{PASSWORD}} as the password, then log in',
    'Type ada into User and {{PASSWORD}} into Password, press Log in',
  ])('a login is filled in and sent, the secret by its name: %s', async (instruction) => {
    expect(acts(await play(instruction, login, filled))).toEqual([
      typed(0, 'ada'),
      typed(1, '{{PASSWORD}}'),
      clicked(2),
      done,
    ]);
  });

  test('a field without a name goes by the text before or above it', async () => {
    const page = (value: string): Page => ({
      marks: [
        { ...field(''), at: [200, 50] },
        { ...field('', { value }), at: [200, 90] },
      ],
      texts: [
        ['Street:', 100, 50],
        ['City:', 100, 90],
      ],
    });
    expect(await play('Enter "Rome" into the City field', page(''), page('Rome'))).toEqual([typed(1, 'Rome'), done]);
  });

  test('text that did not stay is typed again', async () => {
    const [empty, kept] = [{ marks: [field('Name')] }, { marks: [field('Name', { value: 'Ann' })] }];
    expect(await play('Fill Name with "Ann"', empty, empty, kept)).toEqual([typed(0, 'Ann'), typed(0, 'Ann'), done]);
  });

  test.each(['9 May 2031', '5/9/2031', 'May 9, 2031', '2031-05-09'])('a native date gets ISO: %s', async (date) => {
    const page = (value: string) => ({ marks: [field('Due', { inputType: 'date', value })] });
    expect(await play(`set Due to ${date}`, page(''), page('2031-05-09'))).toEqual([typed(0, '2031-05-09'), done]);
  });

  test('an option is chosen in the list that has it', async () => {
    const marks: Sketch[] = [
      { role: 'combobox', name: 'Size', value: 'S', options: ['S', 'M'] },
      { role: 'combobox', name: 'Colour', value: 'red', options: ['red', 'blue'] },
    ];
    expect(await play('select blue from Colour', { marks })).toEqual([
      { kind: 'ui-select', target: { markId: 1 }, values: ['blue'] },
      done,
    ]);
  });

  test('several items are chosen one after the other', async () => {
    const page = { marks: [box('tea'), box('milk'), box('salt'), button('Submit')] };
    expect(await play('Select tea, salt and click Submit', page)).toEqual([
      { kind: 'ui-check', target: { markId: 0 }, checked: true },
      { kind: 'ui-check', target: { markId: 2 }, checked: true },
      clicked(3),
      done,
    ]);
  });

  test('a box is unticked on demand', async () => {
    expect(await play('untick News', { marks: [box('News', true)] })).toEqual([
      { kind: 'ui-check', target: { markId: 0 }, checked: false },
      done,
    ]);
  });

  test('a search is sent with Enter', async () => {
    const page = { marks: [field('Name'), { role: 'searchbox', name: 'Search orders', value: '' }] };
    expect(await play('search for "oak"', page)).toEqual([
      { kind: 'ui-type', target: { markId: 1 }, text: 'oak', clear: false, submit: true },
      done,
    ]);
  });

  test('a slider is moved by its keys until it shows the number', async () => {
    const at = (value: string): Page => ({ marks: [{ role: 'slider', name: 'Volume', value }] });
    const keys = (name: string) => ({ kind: 'ui-key', keys: name });
    expect(await play('Select 22 with the slider', at('0'), at('0'), at('20'), at('21'), at('22'))).toEqual([
      clicked(0),
      keys('PageUp'),
      keys('ArrowUp'),
      keys('ArrowUp'),
      done,
    ]);
  });
});

describe('looking around', () => {
  test('what is below is scrolled to', async () => {
    const actions = await play(
      'click "Imprint"',
      { marks: [link('Top')] },
      { marks: [link('Top')] },
      { marks: [link('Imprint')] },
    );
    expect(actions).toEqual([
      expect.objectContaining({ kind: 'ui-wait' }),
      expect.objectContaining({ kind: 'ui-scroll', dyPx: 300 }),
      clicked(0),
      done,
    ]);
  });

  test('what is in no tab in view is looked for in the others', async () => {
    const tabs: Sketch[] = [
      { role: 'tab', name: 'One', state: { selected: true } },
      { role: 'tab', name: 'Two', state: { selected: false } },
    ];
    const closed = { marks: tabs };
    const opened = { marks: [...tabs, link('news')] };
    const actions = await play('click the "news" link', closed, closed, closed, closed, opened);
    expect(acts(actions)).toEqual([clicked(1), clicked(2), done]);
  });

  test('a popup that came in between is closed', async () => {
    const plain = { marks: [field('Name')] };
    const covered = { marks: [button('No, thanks')] };
    const kept = { marks: [field('Name', { value: 'Ann' }), button('Save')] };
    const actions = await play('Fill Name with "Ann" and click Save', plain, covered, covered, kept);
    expect(acts(actions)).toEqual([typed(0, 'Ann'), clicked(0), typed(0, 'Ann'), clicked(1), done]);
  });
});

describe('dialogs', () => {
  const asking = { dialog: { kind: 'confirm', message: 'Book this?' } };
  const page = { marks: [button('Book')] };
  test.each([
    ['click Book and confirm', true],
    ['click Book and click OK', true],
    ['click Book and press Cancel', false],
  ])('a question of the browser is answered by what comes next: %s', async (instruction, accept) => {
    expect(await play(instruction, page, asking, page)).toEqual([clicked(0), { kind: 'ui-dialog', accept }, done]);
  });

  test('a question that the instruction does not answer is not answered', async () => {
    const actions = await play('click Book', page, asking);
    expect(actions.at(-1)).toMatchObject({ outcome: 'failure', answer: expect.stringMatching(/Book this\?.*confirm/) });
  });

  test('an alert is accepted', async () => {
    const alert = { dialog: { kind: 'alert', message: 'Booked' } };
    expect(await play('click Book', page, alert, page)).toEqual([
      clicked(0),
      { kind: 'ui-dialog', accept: true },
      done,
    ]);
  });

  test('in a dialog of the page the button that says yes is pressed', async () => {
    const modal = { marks: [button('Not yet'), button('Yes, book it')] };
    expect(await play('click Book and confirm', page, modal)).toEqual([clicked(0), clicked(1), done]);
  });
});

describe('reading', () => {
  test('a question is answered with what stands beside the label', async () => {
    const page: Page = {
      marks: [link('Home')],
      texts: [
        ['Total', 10, 300],
        ['42 EUR', 150, 300],
      ],
    };
    expect((await play('What is the total?', page)).at(-1)).toEqual({ ...done, answer: '42 EUR' });
  });

  test('what was copied is pasted', async () => {
    const page = (value: string): Page => ({
      marks: [field('Source', { value: 'a long story' }), field('Target', { value })],
    });
    const actions = await play('Copy the text and paste it into Target', page(''), page(''), page('a long story'));
    expect(acts(actions)).toEqual([typed(1, 'a long story'), done]);
  });
});

describe('what fails', () => {
  /** Why it gave up. */
  const reasonOf = (action: Action | undefined): string => {
    expect(action).toMatchObject({ kind: 'done', outcome: 'failure' });
    return (action as { answer?: string }).answer ?? '';
  };

  test('a task that it cannot read: it says so, names its grammar and the policy that can', async () => {
    const actions = await play('How many triangles are there in the picture above?', { marks: [button('3')] });
    expect(actions).toHaveLength(1);
    expect(reasonOf(actions[0])).toMatch(/expected its grammar .*log\|sign in.* got "How many.*--policy vlm/);
  });

  test('a target that is nowhere: it is stuck, and says on what', async () => {
    const actions = await play('click "Nowhere"', { marks: [button('Save')] });
    expect(reasonOf(actions.at(-1))).toContain('Nowhere');
  });

  test('an action that was refused is tried again on the new page, and not for ever', async () => {
    const policy = markMatcher.create({});
    const page = { marks: [link('x'), button('Save')] };
    const first = { marks: [button('Save')] };
    const proposed = (await policy.act(observe('click Save', first), context)) as { actions: readonly Action[] };
    const refused = [feedback(proposed.actions[0]!, { refusal: 'covered' })];
    for (let times = 0; times < 3; times++)
      expect(await policy.act(observe('click Save', page, refused), context)).toMatchObject({ actions: [clicked(1)] });
    const last = (await policy.act(observe('click Save', page, refused), context)) as { actions: readonly Action[] };
    expect(reasonOf(last.actions[0])).toContain('covered');
  });

  test('after a failure it stays failed, and begins anew with another instruction', async () => {
    const policy = markMatcher.create({});
    const ask = async (instruction: string) =>
      (await policy.act(observe(instruction, { marks: [button('Save')] }), context)) as { actions: readonly Action[] };
    for (let times = 0; times < 2; times++)
      expect(reasonOf((await ask('Why is the sky blue over there today?')).actions[0])).toContain('the sky blue');
    expect(await ask('click Save')).toMatchObject({ actions: [clicked(0)] });
  });
});
