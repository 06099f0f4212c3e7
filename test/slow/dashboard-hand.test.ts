/** A person acts on a page from the dashboard: two real browsers, one that is led and one that is looked at. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent, Deed, StepRecord } from 'pumice';
import { uiNavigator } from 'pumice/agents/ui-navigator';
import { readEpisode } from 'pumice/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { person } from '../../policies/person.ts';
import { type Dashboard, dashboard } from '../../src/dashboard/index.ts';
import { button, complaints, open, phase, shows, useBrowser, violationsIn } from '../dashboard/page.ts';
import { until } from '../dashboard/stand.ts';

useBrowser();

const PAGE = `<!doctype html><title>Form</title><body style="margin:0">
<button id="greet" style="position:absolute;left:20px;top:20px;width:200px;height:60px">Greet</button>
<input aria-label="Name" style="position:absolute;left:20px;top:120px;width:200px;height:40px">
<button id="pay" style="position:absolute;left:20px;top:220px;width:200px;height:60px">Pay now</button>
<p id="said" style="position:absolute;left:300px;top:20px"></p>
<script>
document.getElementById('greet').onclick = () => { fetch('/greet?' + encodeURIComponent(document.querySelector('input').value), { method: 'POST' }); };
document.getElementById('pay').onclick = () => { fetch('/pay', { method: 'POST' }); };
if (location.search === '?swap') setTimeout(() => { document.getElementById('greet').textContent = 'Delete all'; }, 2500);
</script>`;

/** Tells its server what reaches it. */
const LONG = `<!doctype html><title>Long</title><body style="margin:0;height:3000px">
<div id="inner" tabindex="-1" style="position:absolute;left:300px;top:20px;width:300px;height:200px;overflow:auto"><div style="height:900px">Inner</div></div>
<button id="sure" style="position:fixed;left:20px;top:240px;width:200px;height:40px">Sure</button>
<button id="who" style="position:fixed;left:20px;top:300px;width:200px;height:40px">Who</button>
<script>
const tell = (what) => fetch('/told/' + encodeURIComponent(what));
const told = (what, how) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(() => tell(what + ' ' + how()), 100); }; };
addEventListener('scroll', told('page', () => scrollY));
const inner = document.getElementById('inner');
inner.addEventListener('scroll', told('inner', () => inner.scrollTop));
addEventListener('keydown', ({ key, isTrusted }) => tell('key ' + key + ' ' + isTrusted));
addEventListener('focusin', ({ target }) => tell('focus ' + target.id));
document.getElementById('sure').onclick = () => tell('sure ' + confirm('Delete all photos?'));
document.getElementById('who').onclick = () => tell('who ' + prompt('Who are you?', 'Ada'));
</script>`;

let server: Server;
let url: string;
const asked: string[] = [];
/** What the long page says of itself. */
const told: string[] = [];
beforeAll(async () => {
  server = createServer((request, answer) => {
    const address = decodeURIComponent(request.url!);
    if (request.method === 'POST') asked.push(address);
    if (address.startsWith('/told/')) told.push(address.slice('/told/'.length));
    answer.setHeader('content-type', 'text/html');
    answer.end(request.url === '/long' ? LONG : PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
});

/** A run that somebody at the page of a dashboard acts in, from when its first picture is there. */
async function byHand(board: Dashboard, over: Partial<Parameters<Agent['run']>[0]> = {}) {
  const policy = person();
  policy.useHand(board.hand);
  const agent = await uiNavigator({ url, policy, noSandbox: true });
  const page = await open(board.url);
  await until(board.isAttended, 'somebody is there');
  const going = agent.run({
    ...{ instruction: 'look about', approver: board.approver, stops: [board.stops], budget: { maxSteps: 1000 } },
    ...over,
  });
  board.watch(going, agent);
  const steps: StepRecord[] = [];
  going.events$.subscribe((event) => event.kind === 'step-end' && steps.push(event.record));
  // Looks while nobody does anything are nobody's.
  const theirs = () => steps.filter(({ human }) => human);
  const picture = page.locator('.main-picture img');
  /** They see the page as it is after all that was done. */
  const isSeen = async () => {
    const after = theirs().at(-1)?.index ?? -1;
    await until(async () => {
      const alt = (await picture.getAttribute('alt')) ?? '';
      return Number(/at step (\d+)/.exec(alt)?.[1] ?? -1) > after;
    }, 'the newest look is on the screen');
  };
  /** Does something once they see what is there. @returns what it came to. */
  const deed = async (act: () => Promise<unknown>) => {
    await isSeen();
    const before = theirs().length;
    await act();
    await until(() => theirs().length > before, 'it is proposed');
    return theirs().at(-1)!;
  };
  const layer = page.locator('.hand-layer');
  /** Where that place of the page is on its picture. */
  const placeOf = async (xPx: number, yPx: number) => {
    const box = (await layer.boundingBox())!;
    const { cssWidthPx = 1280, cssHeightPx = 720 } = steps.at(-1)?.observation?.frames[0] ?? {};
    return { position: { x: (xPx / cssWidthPx) * box.width, y: (yPx / cssHeightPx) * box.height } };
  };
  await layer.waitFor({ timeout: 20_000 });
  return {
    ...{ agent, page, going, steps, theirs, isSeen, deed },
    clickAt: async (xPx: number, yPx: number) => layer.click(await placeOf(xPx, yPx)),
    wheelAt: async (xPx: number, yPx: number, dyPx: number) => {
      await layer.hover(await placeOf(xPx, yPx));
      await page.mouse.wheel(0, dyPx);
    },
  };
}

describe('a person at the page', { timeout: 60_000 }, () => {
  test('clicks and types on the live picture, under the gate, and it is recorded as theirs', async () => {
    await using board = await dashboard();
    const { agent, page, going, steps, theirs, isSeen, deed, clickAt } = await byHand(board);
    await using _agent = agent;
    const nameField = () => steps.at(-1)?.observation?.marks?.find(({ name }) => name === 'Name');
    await deed(() => clickAt(120, 140));
    await until(() => nameField()?.state?.focused === true, 'the field has the keyboard');
    await isSeen();
    await page.getByLabel('Text for the field').fill('Ada');
    await deed(() => button(page, 'Type').first().click());
    await until(() => nameField()?.value === 'Ada', 'it is typed');
    await deed(() => clickAt(120, 50));
    await until(() => asked.length === 1, 'the page was sent it');
    expect(asked).toEqual(['/greet?Ada']);
    expect(theirs().map(({ proposed }) => proposed.kind)).toEqual(['ui-click', 'ui-type', 'ui-click']);
    expect(theirs()[0]!.human).toMatchObject({ share: 1, command: theirs()[0]!.proposed });
    expect(steps.length).toBeGreaterThan(3);
    // What cannot be taken back is asked about, as of a policy.
    await isSeen();
    await clickAt(120, 250);
    await page.getByRole('heading', { name: /May this be done/ }).waitFor();
    await button(page, 'Deny').click();
    await until(() => steps.some(({ verdict }) => verdict.reasons.join().includes('said no')), 'the answer counts');
    expect(asked).toHaveLength(1);
    await button(page, 'It is done').click();
    expect(await going.result).toMatchObject({ outcome: 'success' });
    await phase(page, 'over');
    await page.locator('.timeline', { hasText: 'Finish with success · By a person' }).waitFor();
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });

  test('scrolls, presses keys, goes to an address and answers what the page asks, by the gate and into the record', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pumice-hand-'));
    const record = join(folder, 'hand.mcap');
    await using board = await dashboard();
    const { agent, page, going, steps, theirs, isSeen, deed, clickAt, wheelAt } = await byHand(board, { record });
    await using _agent = agent;
    const reaches = (what: string | RegExp) =>
      until(() => told.some((one) => (typeof what === 'string' ? one === what : what.test(one))), `${what}`);
    const goTo = async (address: string) => {
      await page.getByLabel('Address').fill(address);
      await button(page, 'Go there').click();
    };

    // Elsewhere is refused, and the page stays.
    const elsewhere = url.replace('127.0.0.1', 'localhost');
    expect(await deed(() => goTo(`${elsewhere}long`))).toMatchObject({ verdict: { kind: 'deny' } });
    await shows(page, /is outside the declared origins/);
    expect(await deed(() => goTo(`${url}long`))).toMatchObject({ act: { status: 'done' } });
    await shows(page, `${url}long`);

    // The wheel turns what lies below it.
    await deed(() => wheelAt(450, 120, 300));
    await reaches(/^inner [1-9]/);
    expect(told.some((one) => one.startsWith('page'))).toBe(false);
    await deed(() => wheelAt(100, 600, 300));
    await reaches(/^page [1-9]/);
    await deed(() => button(page, 'Scroll up').click());
    await reaches('page 0');
    await deed(() => button(page, 'Tab').click());
    await reaches('key Tab true');
    await reaches('focus sure');

    const question = page.locator('.page-dialog');
    await deed(() => clickAt(100, 320));
    await question.getByText('Who are you?').waitFor();
    expect(await question.getByLabel('Answer').inputValue()).toBe('Ada');
    await question.getByLabel('Answer').fill('Bob');
    await deed(() => button(page, 'Accept').click());
    await reaches('who Bob');
    await question.waitFor({ state: 'detached' });

    await deed(() => clickAt(100, 260));
    await question.getByText('Delete all photos?').waitFor();
    expect(await violationsIn(page)).toEqual([]);
    // A yes that cannot be taken back is asked about, and until then the page has no answer.
    await isSeen();
    await button(page, 'Accept').click();
    await page.getByRole('heading', { name: /May this be done/ }).waitFor();
    await button(page, 'Deny').click();
    await until(() => theirs().at(-1)!.verdict.reasons.join().includes('said no'), 'the answer counts');
    expect(told.filter((one) => one.startsWith('sure'))).toEqual([]);
    await deed(() => button(page, 'Dismiss').click());
    await reaches('sure false');
    await deed(() => button(page, 'It is done').click());
    expect(await going.result).toMatchObject({ outcome: 'success' });

    const { steps: recorded } = await readEpisode(record);
    const kinds = (all: readonly StepRecord[]) => all.filter(({ human }) => human).map(({ proposed }) => proposed.kind);
    expect(kinds(recorded)).toEqual([
      ...['ui-navigate', 'ui-navigate', 'ui-scroll', 'ui-scroll', 'ui-scroll', 'ui-key'],
      ...['ui-click', 'ui-dialog', 'ui-click', 'ui-dialog', 'ui-dialog', 'done'],
    ]);
    expect(kinds(recorded)).toEqual(kinds(steps));
    await rm(folder, { recursive: true });
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });

  test('is told where the page no longer shows what they chose, and nothing is done', async () => {
    await using board = await dashboard();
    const policy = person();
    let comes = (_deed: Deed) => {};
    policy.useHand({
      ...board.hand,
      listen: (take) => {
        comes = take;
        return board.hand.listen(take);
      },
    });
    await using agent = await uiNavigator({ url: `${url}?swap`, policy, noSandbox: true });
    const page = await open(board.url);
    const going = agent.run({ instruction: 'look', stops: [board.stops], budget: { maxSteps: 1000 } });
    board.watch(going, agent);
    const steps: StepRecord[] = [];
    going.events$.subscribe((event) => event.kind === 'step-end' && steps.push(event.record));
    const isSwapped = () => steps.at(-1)?.observation?.marks?.some(({ name }) => name === 'Delete all');
    await until(() => isSwapped() === true, 'the page has changed');
    expect(steps[0]!.observation!.marks!.some(({ name }) => name === 'Greet')).toBe(true);
    const before = asked.length;
    // As one that was chosen on the first picture, and was on its way since.
    const target = { xPx: 120, yPx: 50 };
    comes({ seq: 0, action: { kind: 'ui-click', target, button: 'left', count: 1 } });
    await shows(page, /there is button "Delete all" at that place now, and not button "Greet"/);
    expect(asked).toHaveLength(before);
    await page.getByLabel('Mark number').fill('99');
    await button(page, 'Click it').click();
    await shows(page, /no mark 99|mark 99/);
    expect(asked).toHaveLength(before);
    going.stop('seen');
    await going.result;
  });
});
