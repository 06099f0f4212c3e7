import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server as ProxyServer } from 'proxy-chain';
import { sleep } from 'pumice';
import { describe, expect, test } from 'vitest';
import { dashboard } from '../../src/dashboard/index.ts';
import { button, complaints, open, phase, shows, useBrowser, violationsIn } from '../dashboard/page.ts';
import { begin, stand, until } from '../dashboard/stand.ts';

useBrowser();

describe('what is shown', () => {
  test('goal, picture with its target, thought, verdict and deed of the step, in a page that asks nobody else', async () => {
    await using board = await dashboard();
    const { going } = begin(board, { thinkMs: 1500 });
    const page = await open(board.url);
    await phase(page, 'running');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('save the form');
    // While it thinks, the picture that it thinks on; piece by piece what it thinks.
    await page.locator('.main-picture img').waitFor();
    await shows(page, /Save is the button/);
    // The token is in no address that others could read off the screen.
    expect(page.url()).toBe(board.url.replace(/#.*/, ''));
    await page.locator('.main-picture svg.overlay').waitFor();
    going.stop('seen');
    await going.result;
    await shows(page, 'stopped');
    expect(complaints).toEqual([]);
  });

  test('text of runs and of pages is only ever text', async () => {
    await using board = await dashboard();
    const hostile = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const page = await open(board.url);
    // Where nobody is there yet, the answer is no.
    await until(board.isAttended, 'somebody is there');
    const { going } = begin(board, { thought: () => hostile, asks: true, over: { instruction: hostile } });
    await page.getByRole('heading', { name: /May this be done/ }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(hostile);
    await shows(page, 'cautious: it sends <b>something</b> off');
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    going.stop('seen');
    await going.result;
    expect(complaints).toEqual([]);
  });

  test('back through the steps while the run goes on, and live again', async () => {
    await using board = await dashboard();
    const { going } = begin(board);
    const page = await open(board.url);
    await page.getByRole('slider').waitFor();
    await until(async () => Number(await page.getByRole('slider').getAttribute('max')) > 5, 'five steps');
    await page.getByRole('slider').focus();
    await page.keyboard.press('Home');
    await shows(page, /^Step 0 /);
    await shows(page, '○ earlier');
    const before = Number(await page.getByRole('slider').getAttribute('max'));
    await until(async () => Number(await page.getByRole('slider').getAttribute('max')) > before, 'the run goes on');
    expect(await page.getByRole('slider').inputValue()).toBe('0');
    await button(page, 'Live').click();
    await shows(page, '● live');
    going.stop('seen');
    await going.result;
  });
});

describe('what a person does', () => {
  test('pause, step and resume: none goes on by itself, one goes on by one', async () => {
    await using board = await dashboard();
    const { env, going } = begin(board);
    const page = await open(board.url);
    await button(page, 'Pause').click();
    await phase(page, 'paused');
    await sleep(300);
    const { length } = env.begun;
    await sleep(300);
    expect(env.begun.length).toBe(length);
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await until(() => env.begun.length === length + 1, 'one step');
    await sleep(300);
    expect(env.begun.length).toBe(length + 1);
    await button(page, 'Resume').click();
    await until(() => env.begun.length > length + 2, 'it goes on');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    expect((await going.result).outcome).toBe('stopped');
  });

  test('another instruction in mid-run reaches the policy', async () => {
    await using board = await dashboard();
    const { going } = begin(board);
    const seen: string[] = [];
    going.events$.subscribe((event) => {
      if (event.kind === 'step-end') seen.push(event.record.observation?.instruction ?? '');
    });
    const page = await open(board.url);
    await button(page, 'Change').click();
    await page.getByLabel('Instruction').fill('save it twice');
    await page.keyboard.press('Enter');
    await until(() => seen.includes('save it twice'), 'the new instruction');
    await page.getByRole('heading', { level: 1, name: 'save it twice' }).waitFor();
    going.stop('seen');
    await going.result;
  });

  test('the stop button stops; so do two quick presses of Escape, in a field too; one press and a held key do not', async () => {
    for (const press of ['click', 'keys'] as const) {
      await using board = await dashboard();
      const { env, going } = begin(board);
      const page = await open(board.url);
      await phase(page, 'running');
      // Its own socket has to be there: what it does without one is another test.
      if (press === 'click') await button(page, /E-STOP/).click();
      else {
        await button(page, 'Change').click();
        await page.getByLabel('Instruction').focus();
        await page.keyboard.press('Escape');
        await page.evaluate(() => dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', repeat: true })));
        await sleep(900);
        expect(env.halts).toEqual([]);
        await page.keyboard.press('Escape');
        await page.keyboard.press('Escape');
      }
      expect(await going.result).toMatchObject({
        outcome: 'stopped',
        reason: 'dashboard: the stop button was pressed at the dashboard',
      });
      expect(env.halts[0]).toMatch(/^1 /);
      await phase(page, 'stopped');
    }
  });

  test('after a stop nothing begins until a person clears it, and says so twice', async () => {
    await using board = await dashboard();
    const { going } = begin(board);
    const page = await open(board.url);
    await phase(page, 'running');
    await button(page, /E-STOP/).click();
    await going.result;
    const leave = new AbortController();
    const started = board.nextStart('save the form', { signal: leave.signal, isPatient: true });
    await button(page, 'Start').waitFor();
    expect(await button(page, 'Start').isDisabled()).toBe(true);
    await button(page, 'Clear the stop').click();
    await button(page, 'Yes, clear it').click();
    await page.getByLabel('Instruction').fill('save it once more');
    await button(page, 'Start').click();
    expect(await started).toBe('save it once more');
    expect(await page.getByText(/^Stop sent/).count()).toBe(0);
    leave.abort();
  });
});

describe('a person who is asked', () => {
  test('approves once: the same thing is done in the next step, and asked about again after it', async () => {
    await using board = await dashboard();
    const page = await open(board.url);
    // Where nobody is there yet, the answer is no.
    await until(board.isAttended, 'somebody is there');
    const { env, going } = begin(board, { asks: true });
    await button(page, 'Approve once').click();
    await until(() => env.completed.length === 1, 'it is done');
    await button(page, 'Approve once').waitFor();
    expect(env.completed.length).toBe(1);
    going.stop('seen');
    await going.result;
  });

  test('denies, with a reason that the policy is told', async () => {
    await using board = await dashboard();
    const page = await open(board.url);
    // Where nobody is there yet, the answer is no.
    await until(board.isAttended, 'somebody is there');
    const { env, going } = begin(board, { asks: true });
    const said: string[] = [];
    going.events$.subscribe((event) => {
      if (event.kind === 'step-end') said.push(...event.record.verdict.reasons);
    });
    await page.getByLabel(/Why not/).fill('not on a Friday');
    await button(page, 'Deny').click();
    await until(() => said.includes('approver person: said no: not on a Friday'), 'the reason');
    expect(env.completed).toEqual([]);
    going.stop('seen');
    await going.result;
  });

  test('proposes something else; what cannot be read is told and asked for again', async () => {
    await using board = await dashboard();
    const page = await open(board.url);
    // Where nobody is there yet, the answer is no.
    await until(board.isAttended, 'somebody is there');
    const { env, going } = begin(board, { asks: true });
    await button(page, 'Edit').click();
    const field = page.getByLabel(/What instead/);
    await field.fill('{"kind": "ui-click"');
    await button(page, 'Propose this').click();
    await shows(page, 'That is no JSON');
    await field.fill('{"kind": "ui-click", "target": "there"}');
    await button(page, 'Propose this').click();
    await shows(page, /That is no action: target/);
    await field.fill('{"kind": "ui-check", "target": {"markId": 1}, "checked": true}');
    await button(page, 'Propose this').click();
    // It is judged like any proposal, and the critic asks about it too.
    await shows(page, /Tick checkbox “Agree”/);
    await button(page, 'Approve once').click();
    await until(() => env.begun.length > 0 || going !== undefined, 'answered');
    going.stop('seen');
    await going.result;
  });

  test('who is not there says no, at once', async () => {
    const { board, env, going } = await stand({ asks: true, over: { budget: { maxSteps: 2 } } });
    await using _board = board;
    const { steps } = await going.result;
    expect(steps).toBe(2);
    expect(env.begun).toEqual([]);
  });
});

describe('a recording', () => {
  test('is gone through with the same page, without controls', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pumice-dashboard-'));
    const file = join(folder, 'run.mcap');
    const { board: live, going } = await stand({ steps: 6, over: { record: file } });
    await going.result;
    await live.close();
    await using board = await dashboard({ recording: file });
    const page = await open(board.url);
    await phase(page, 'recording');
    await shows(page, /^Step 0 /);
    await page.locator('.main-picture img').waitFor();
    await page.keyboard.press('ArrowRight');
    await shows(page, /^Step 1 /);
    await page.getByRole('slider').focus();
    await page.keyboard.press('End');
    await shows(page, 'Finish with success');
    await shows(page, 'success');
    expect(await page.getByRole('button', { name: /Pause|Stop|Hold|E-STOP|Start/ }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await rm(folder, { recursive: true });
    await expect(dashboard({ recording: file })).rejects.toMatchObject({ code: 'record/invalid' });
  });
});

describe('a connection', () => {
  test('that breaks comes back by itself, with all that was missed, and stops nothing', async () => {
    const proxy = new ProxyServer({ port: 0, host: '127.0.0.1' });
    await proxy.listen();
    await using board = await dashboard();
    const { env, going } = begin(board);
    const page = await open(board.url, { proxy: proxy.port });
    await phase(page, 'running');
    proxy.closeConnections();
    await phase(page, 'not connected');
    await phase(page, 'running');
    const last = env.completed.length;
    await until(async () => Number(await page.getByRole('slider').getAttribute('max')) >= last, 'all steps');
    // The first of them too.
    await page.getByRole('slider').focus();
    await page.keyboard.press('Home');
    await shows(page, /^Step 0 /);
    expect(env.halts).toEqual([]);
    // The stop button works over HTTP when its socket is gone for good.
    await button(page, /E-STOP/).click();
    expect((await going.result).outcome).toBe('stopped');
    await proxy.close(true);
  });

  test('without the right token gets nothing, and says so', async () => {
    await using board = await dashboard();
    const page = await open(`${board.url}x`);
    await page.getByRole('heading', { name: 'This link is not valid here' }).waitFor();
  });
});

describe('everybody can use it', () => {
  test.each([
    ['light', 1280],
    ['dark', 400],
  ] as const)('axe finds nothing, %s and %i px wide: running, asked, stopped', async (colorScheme, widthPx) => {
    await using board = await dashboard();
    const calm = begin(board, { thinkMs: 400 });
    const page = await open(board.url, { colorScheme, widthPx });
    await phase(page, 'running');
    await page.locator('.live-plot').first().waitFor();
    await shows(page, /^Step 1 /);
    expect(await violationsIn(page)).toEqual([]);
    // It would find something.
    await page.evaluate(() => document.querySelector('main')!.append(Object.assign(new Image(), { id: 'bare' })));
    expect(await violationsIn(page)).toEqual([expect.stringMatching(/^image-alt/)]);
    await page.evaluate(() => document.getElementById('bare')!.remove());
    // Nothing is cut off at the side.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(widthPx);
    calm.going.stop('seen');
    await calm.going.result;
    const asked = begin(board, { asks: true });
    await button(page, 'Approve once').waitFor();
    expect(await violationsIn(page)).toEqual([]);
    await button(page, /E-STOP/).click();
    await asked.going.result;
    await phase(page, 'stopped');
    expect(await violationsIn(page)).toEqual([]);
  });

  test('what it does is done by keyboard alone', async () => {
    await using board = await dashboard();
    const { going } = begin(board);
    const page = await open(board.url);
    await phase(page, 'running');
    const reached: string[] = [];
    for (let press = 0; press < 20; press++) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(
          () =>
            document.activeElement?.textContent?.trim() || (document.activeElement?.getAttribute('aria-label') ?? ''),
        ),
      );
    }
    for (const name of ['Change', 'Pause', 'Step', 'Stop', 'Hold control', 'E-STOP', 'Live'])
      expect(reached.join(' · ')).toContain(name);
    going.stop('seen');
    await going.result;
  });
});
