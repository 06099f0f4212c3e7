/** The browser agent whole: real pages in a real browser, a real server that speaks for the model, a real record. What goes wrong is real too. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BrowserContext, chromium, type Page } from 'playwright';
import type { Agent, AgentTask, RunEvent, StepRecord } from 'pumice';
import { uiNavigator } from 'pumice/agents/ui-navigator';
import { vlm } from 'pumice/policies/vlm';
import { readEpisode } from 'pumice/record';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchOptions } from '../browser/chromium.ts';
import { openSite, type Site } from '../browser/site.ts';
import { freePort } from '../free-port.ts';
import { begin, type FakeModelServer, fakeModelServer, type Reply, says } from '../models/fake-model-server.ts';

const PAGE = '<title>Home</title><button>One</button><input aria-label=Name>';
const block = (name: string, place: string) =>
  `<div role=button aria-label=${name} style="position:absolute;${place};width:50px;height:50px;background:red"></div>`;
/** Tells of the input that reaches it; a move with a button held is a `drag`. */
const INPUTS = `${block('Box', 'left:10px;top:10px')}${block('Goal', 'left:1000px;top:100px')}
  <textarea aria-label=Letter style="position:absolute;top:300px;left:100px;width:400px;height:200px"></textarea>
  <script>for (const name of ['keydown','input','mousedown','mousemove','mouseup'])
    addEventListener(name, (event) => report(event.buttons && name === 'mousemove' ? 'drag' : name), true)</script>`;
const DONE = '{"kind":"done","outcome":"success","answer":"yes"}';
const WAIT = '{"kind":"ui-wait","durationMs":1}';

let site: Site;
let folder: string;
let model: FakeModelServer;
/** What the model answers, one after the other; the last one from then on. */
let replies: Reply[];
let agent: Agent;
let files = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pumice-'));
  site = await openSite({ '/': PAGE, '/inputs': INPUTS });
  model = await fakeModelServer((response, asked) =>
    (replies.length > 1 ? replies.shift()! : replies[0]!)(response, asked),
  );
  process.env.PUMICE_TEST_WORD = 'hunter2secret';
  agent = await uiNavigator({
    url: `${site.url}/`,
    policy: vlm({ url: model.url, model: 'm' }),
    secrets: { word: { env: 'PUMICE_TEST_WORD', origin: site.other } },
  });
});
afterAll(async () => {
  await agent.close();
  await model.close();
  await site.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  replies = [];
});

/** A run, what it tells, and in the end its result and what its record holds. */
function begun(task: Partial<AgentTask> = {}, who = agent) {
  const record = join(folder, `${files++}.mcap`);
  const episode = who.run({ instruction: 'press One', record, ...task });
  const events: RunEvent[] = [];
  episode.events$.subscribe((event) => events.push(event));
  const over = async () => {
    const result = await episode.result;
    const { facts, steps, end, isComplete } = await readEpisode(record);
    // No step is lost, and none is there twice.
    expect({ end: end?.outcome, isComplete }).toEqual({ end: result.outcome, isComplete: true });
    expect(steps.map(({ index }) => index)).toEqual(Array.from({ length: result.steps }, (_, index) => index));
    return { result, steps, facts: facts.facts };
  };
  return { episode, events, over };
}
const answering = (...texts: readonly (Reply | string)[]) => {
  replies = texts.map((one) => (typeof one === 'string' ? says(one) : one));
};
const verdictsOf = (steps: readonly StepRecord[]) => steps.map(({ verdict }) => verdict.kind);

it('the model sees numbered boxes; what it asks for is done on the page, and said', async () => {
  answering('{"thought":"There.","kind":"ui-click","target":0}', DONE);
  const { events, over } = begun();
  const { result, steps, facts } = await over();
  expect(result).toMatchObject({ outcome: 'success', answer: 'yes', steps: 2 });
  expect(steps[0]).toMatchObject({ thought: 'There.', verdict: { kind: 'allow' }, act: { status: 'done' } });
  expect(steps[0]!.observation!.frames[0]).toMatchObject({ encoding: 'jpeg', marked: true });
  // A browser without a sandbox is told of in the record and while it goes on.
  const warnings = events.flatMap((event) =>
    event.kind === 'progress' && /^warning/.test(event.text) ? event.text : [],
  );
  expect(warnings).toEqual(facts.sandbox === 'on' ? [] : [`warning: ${facts.warning}`]);
});

it('a first step that a rule denies moves nothing, and the run goes on', async () => {
  answering('{"kind":"ui-navigate","url":"https://elsewhere.example/"}', DONE);
  const { result, steps } = await begun().over();
  expect(result.outcome).toBe('success');
  expect(steps[0]!.verdict).toMatchObject({
    kind: 'deny',
    reasons: [expect.stringMatching(/^origin: .*elsewhere/), expect.stringMatching(/^made-address: 'elsewhere'/)],
  });
  expect(steps[0]!.act).toBeUndefined();
  expect(steps[1]!.observation!.ui!.url).toBe(`${site.url}/`);
  // The model is told why.
  expect(steps[1]!.observation!.history[0]!.verdict.reasons[0]).toMatch(/elsewhere/);
});

it('a secret that the model has read somewhere is no more than a name in the record', async () => {
  answering('{"thought":"It is hunter2secret.","kind":"ui-wait","durationMs":1}', DONE);
  const { steps } = await begun().over();
  expect(steps[0]).toMatchObject({ thought: 'It is {{word}}.', verdict: { kind: 'allow' } });
  expect(JSON.stringify(steps)).not.toContain('hunter2');
});

describe('an answer of the model that', () => {
  const click = (target: string) => `{"kind":"ui-click","target":${target}}`;
  const cudaError: Reply = (response) => void begin(response).end('data: {"error":{"message":"CUDA"}}\n\n');
  /** `times`: an answer that nobody could carry out is shown back to the model once. */
  it.each<{ what: string; answer: Reply | string; times: 1 | 2; reason: RegExp }>([
    { what: 'is empty', answer: '', times: 2, reason: /the answer is empty/ },
    {
      what: 'is cut at its length',
      answer: says('{"thought":"Let me', { finish: 'length' }),
      times: 2,
      reason: /was cut at 1500 tokens/,
    },
    { what: 'is not JSON', answer: 'I would press One.', times: 2, reason: /expected exactly one JSON object/ },
    {
      what: 'is half of JSON',
      answer: '{"kind":"ui-click","tar',
      times: 2,
      reason: /expected exactly one JSON object/,
    },
    { what: 'names a mark that is not there', answer: click('99'), times: 2, reason: /there is no mark 99/ },
    {
      what: 'points off the screen',
      answer: click('{"xPx":5000,"yPx":10}'),
      times: 2,
      reason: /\(5000, 10\) is outside the picture/,
    },
    {
      what: 'is of a kind that does not exist',
      answer: '{"kind":"ui-fly","target":0}',
      times: 2,
      reason: /"kind" must be one of .*ui-fly/,
    },
    {
      what: 'types a secret at another origin',
      answer: '{"kind":"ui-type","target":1,"text":"{{word}}"}',
      times: 1,
      reason: /^secrets: 'word' may be typed at/,
    },
    {
      what: 'types a secret that nobody declared',
      answer: '{"kind":"ui-type","target":1,"text":"{{pin}}"}',
      times: 1,
      reason: /^secrets: there is no secret 'pin'/,
    },
    { what: 'breaks off with an error', answer: cudaError, times: 1, reason: /CUDA/ },
  ])('$what is a denied step with the reason, and the run goes on', async ({ answer, times, reason }) => {
    answering(...Array(times).fill(answer), DONE);
    const { result, steps } = await begun().over();
    expect(steps[0]!.verdict).toMatchObject({ kind: 'deny', reasons: [expect.stringMatching(reason)] });
    expect(steps[0]!.act).toBeUndefined();
    expect(result).toMatchObject({ outcome: 'success', steps: 2 });
  });
});

describe('a model server that', () => {
  let child: ChildProcess | undefined;
  const agents: Agent[] = [];
  afterAll(async () => {
    child?.kill('SIGKILL');
    for (const one of agents) await one.close();
  });

  it('dies while it answers: denied, then a protective stop after 5 in a row; failure, and the record is whole', async () => {
    child = spawn(process.execPath, [join(import.meta.dirname, '../agents/model-process.mjs'), WAIT]);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const port = (await lines.next()).value;
    const other = await uiNavigator({
      url: `${site.url}/`,
      policy: vlm({ url: `http://127.0.0.1:${port}/v1`, model: 'm' }),
    });
    agents.push(other);
    const { events, over } = begun({}, other);
    expect((await lines.next()).value).toBe('asked 2');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { result, steps } = await over();
    expect(result).toMatchObject({ outcome: 'failure', steps: 6 });
    expect(result.reason).toMatch(/failed inferences in a row, the last: .*could not reach it.*Nothing listens there/);
    expect(verdictsOf(steps)).toEqual(['allow', ...Array(5).fill('deny')]);
    expect(steps[1]!.verdict.reasons[0]).toMatch(/connection ended after 19 characters/);
    expect(events.filter(({ kind }) => /stop/.test(kind)).map(({ kind }) => kind)).toEqual(['protective-stop']);
  });

  it('never answers is left after the time given, each time; failure, not a hang', async () => {
    answering(() => {});
    const { result, steps } = await begun({ deadlinesMs: { think: 300 } }).over();
    expect(result).toMatchObject({ outcome: 'failure', reason: expect.stringMatching(/no answer within 300 ms/) });
    expect(verdictsOf(steps)).toEqual(Array(5).fill('deny'));
  });
});

describe('a stop', () => {
  it('while the model thinks closes the request and halts the body at once; the step is recorded as stopped', async () => {
    let left: Promise<unknown> | undefined;
    const asked = new Promise<void>((resolve) => {
      answering((response) => {
        left = once(response, 'close');
        resolve();
      });
    });
    const { episode, events, over } = begun();
    await asked;
    episode.stop('enough');
    // In this very turn.
    expect(events.at(-1)).toEqual({ kind: 'stop-latched', cause: 'enough' });
    await left;
    const { result, steps } = await over();
    expect(result).toMatchObject({ outcome: 'stopped', reason: 'enough', steps: 1 });
    expect(steps[0]).toMatchObject({ verdict: { kind: 'halt' }, act: { status: 'stopped', reason: 'enough' } });
    expect(steps[0]!.observation!.marks!.length).toBeGreaterThan(0);
  });

  describe('while it acts', () => {
    let person: BrowserContext;
    let page: Page;
    let other: Agent;
    /** Input events that reached the page, in order. */
    let inputs: string[];
    let onInput: (name: string) => void;
    beforeAll(async () => {
      const port = await freePort();
      const options = await launchOptions();
      person = await chromium.launchPersistentContext('', {
        ...options,
        args: [...options.args, `--remote-debugging-port=${port}`],
        viewport: { width: 1280, height: 720 },
      });
      page = person.pages()[0]!;
      await page.exposeFunction('report', (name: string) => {
        inputs.push(name);
        onInput(name);
      });
      await page.goto(`${site.url}/inputs`);
      other = await uiNavigator({ cdp: `http://127.0.0.1:${port}`, policy: vlm({ url: model.url, model: 'm' }) });
    });
    afterAll(async () => {
      await other.close();
      await person.close();
    });
    beforeEach(async () => {
      inputs = [];
      onInput = () => {};
      await page.goto(`${site.url}/inputs`);
    });

    /** Stops at the nth event of a name; answers what came after it, and the last step of the record. */
    async function stoppedAt(name: string, nth: number) {
      const { episode, over } = begun({}, other);
      let cutIndex = Number.POSITIVE_INFINITY;
      onInput = (one) => {
        if (one !== name || inputs.filter((input) => input === name).length !== nth) return;
        cutIndex = inputs.length;
        episode.stop('enough');
      };
      const { result, steps } = await over();
      expect(result).toMatchObject({ outcome: 'stopped', reason: 'enough' });
      // Whatever was under way has arrived when the page has drawn twice and answered.
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      return { after: inputs.slice(cutIndex), step: steps.at(-1)! };
    }

    it('cuts a text of 2,000 characters: the page gets no key but the one under way', async () => {
      // No text that repeats itself: of a model that would be a loop, and is refused.
      const text = Array.from({ length: 400 }, (_, at) => `word ${at}`)
        .join(' ')
        .slice(0, 2000);
      answering(JSON.stringify({ kind: 'ui-type', target: 2, text }));
      const { after, step } = await stoppedAt('input', 30);
      expect(after.filter((name) => name === 'input').length).toBeLessThanOrEqual(2);
      expect((await page.inputValue('textarea')).length).toBeLessThanOrEqual(32);
      expect(step).toMatchObject({ proposed: { text }, verdict: { kind: 'allow' }, act: { status: 'stopped' } });
    });

    it('cuts a drag: the button is let go where it is, and nothing else is sent', async () => {
      answering('{"kind":"ui-drag","from":0,"to":1}');
      const { after, step } = await stoppedAt('drag', 2);
      expect(after.filter((name) => name !== 'drag')).toEqual(['mouseup']);
      expect(after.length).toBeLessThanOrEqual(3);
      expect(step).toMatchObject({ proposed: { kind: 'ui-drag' }, act: { status: 'stopped', reason: 'enough' } });
    });
  });
});
