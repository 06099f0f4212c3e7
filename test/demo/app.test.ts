import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoApp, startDemo } from '../../src/demo/app.ts';
import { LABELS } from '../../src/demo/labels.ts';
import { ACCOUNT } from '../../src/demo/state.ts';
import { launchBrowser } from '../browser/chromium.ts';
import { OTHER_LABELS, REWORDINGS } from './rewordings.ts';
import { visitor } from './visitor.ts';

const check = (app: DemoApp, id: string) => app.tasks.find((task) => task.id === id)!.check();
const NIGHT_BARGE = { carrier: 'Night barge', date: '2031-05-09', crane: 'on', note: 'Ring twice' };

describe('the door', () => {
  test('every page of the yard sends a stranger to the login', async () => {
    await using app = await startDemo();
    const stranger = visitor(app.url);
    for (const path of ['/', '/orders', '/orders/F-1041', '/pickups', '/nowhere'])
      expect(await stranger.get(path)).toMatchObject({ status: 303, to: '/login' });
    expect(await stranger.post('/orders/F-1041/deliver', {})).toMatchObject({ to: '/login' });
    expect(app.state().orders.get('F-1041')?.status).toBe('Ready');
  });

  test('a wrong password says so and lets nobody in', async () => {
    await using app = await startDemo();
    const ada = visitor(app.url);
    const page = await ada.post('/login', { user: ACCOUNT.user, password: 'granite' });
    expect(page.status).toBe(403);
    expect(page.text).toContain('do not know this user');
    expect(await ada.get('/orders')).toMatchObject({ to: '/login' });
  });

  test('logging out ends the session', async () => {
    await using app = await startDemo();
    const ada = visitor(app.url);
    expect(await ada.logIn()).toMatchObject({ to: '/orders' });
    expect((await ada.get('/orders')).text).toContain('Runner millstone');
    await ada.post('/logout', {});
    expect(await ada.get('/orders')).toMatchObject({ to: '/login' });
  });
});

describe('the orders', () => {
  const goods = (text: string) => [...text.matchAll(/<a href="\/orders\/F-\d+">(.*?)<\/a>/g)].map(([, name]) => name);

  test('words, status and rush narrow the list together', async () => {
    await using app = await startDemo();
    const ada = visitor(app.url);
    await ada.logIn();
    const list = async (query: string) => goods((await ada.get(`/orders?${query}`)).text);
    expect(await list('')).toHaveLength(14);
    expect(await list('q=MILL')).toEqual(['Runner millstone']);
    expect(await list('status=Ready&rush=on')).toEqual(['Oven floor, 24 slabs', 'Plinths, set of nine']);
    expect(await list('status=Ready&rush=on&q=bakery')).toEqual(['Oven floor, 24 slabs']);
    expect(await list('status=Polished')).toHaveLength(14);
    expect((await ada.get('/orders?q=cheese')).text).toContain('No stone matches');
  });

  test('only a ready order can be delivered', async () => {
    await using app = await startDemo();
    const ada = visitor(app.url);
    await ada.logIn();
    expect((await ada.get('/orders/F-1042')).text).not.toContain(LABELS.deliver);
    expect((await ada.post('/orders/F-1042/deliver', {})).status).toBe(404);
    expect((await ada.get('/orders/F-1041')).text).toContain(LABELS.deliver);
    expect(await ada.post('/orders/F-1041/deliver', {})).toMatchObject({ to: '/orders/F-1041?delivered' });
    expect(app.state().orders.get('F-1041')?.status).toBe('Delivered');
  });

  test('what a visitor writes comes back as text, never as markup', async () => {
    await using app = await startDemo();
    const ada = visitor(app.url);
    await ada.logIn();
    const evil = `"><script>alert(1)</script>'`;
    const search = await ada.get(`/orders?q=${encodeURIComponent(evil)}`);
    await ada.post('/pickups', { ...NIGHT_BARGE, note: evil });
    for (const { text } of [search, await ada.get('/pickups')]) {
      expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;');
      expect(text).not.toContain('<script>alert');
    }
  });
});

describe('bad input', () => {
  test('a pickup without carrier or date, a page that is not there and a huge form are refused in words', async () => {
    await using app = await startDemo();
    const ada = visitor(app.url);
    await ada.logIn();
    expect((await ada.post('/pickups', { ...NIGHT_BARGE, carrier: 'Dragon' })).status).toBe(422);
    expect((await ada.post('/pickups', { ...NIGHT_BARGE, date: 'soon' })).status).toBe(422);
    expect((await ada.post('/pickups', { ...NIGHT_BARGE, note: 'x'.repeat(20_000) })).status).toBe(413);
    expect((await ada.get('/orders/F-9999')).text).toContain('no such page');
    expect(app.state().pickups).toEqual([]);
  });

  test('a port that is taken is named', async () => {
    await using app = await startDemo();
    const port = Number(new URL(app.url).port);
    await expect(startDemo({ port })).rejects.toMatchObject({
      code: 'server/port-in-use',
      message: expect.stringContaining(String(port)),
    });
  });
});

describe('the tasks', () => {
  test('none is done at first, and each says why not', async () => {
    await using app = await startDemo();
    for (const task of app.tasks) {
      expect(task.check().done).toBe(false);
      expect(task.check().why).not.toBe('');
      expect(REWORDINGS[task.id]).toHaveLength(5);
    }
  });

  test('each is done by its own change, and by no other task', async () => {
    await using app = await startDemo();
    const done = () => app.tasks.filter((task) => task.check().done).map(({ id }) => id);
    const ada = visitor(app.url);
    await ada.logIn();
    await ada.get('/orders/F-1042');
    expect(done()).toEqual(['find']);
    app.reset();
    await ada.logIn();
    await ada.post('/orders/F-1041/deliver', {});
    expect(done()).toEqual(['deliver']);
    app.reset();
    await ada.logIn();
    await ada.post('/pickups', NIGHT_BARGE);
    expect(check(app, 'book')).toEqual({ done: false, why: 'somebody is still logged in' });
    await ada.post('/logout', {});
    expect(done()).toEqual(['book']);
  });

  test('a change too many, or a field that differs, undoes them', async () => {
    await using app = await startDemo();
    const ada = visitor(app.url);
    await ada.logIn();
    await ada.post('/orders/F-1041/deliver', {});
    await ada.post('/orders/F-1049/deliver', {});
    expect(check(app, 'deliver').why).toBe('order F-1049 is Delivered, not Ready');
    for (const field of Object.keys(NIGHT_BARGE)) {
      app.reset();
      await ada.logIn();
      const { crane, ...rest } = NIGHT_BARGE;
      const other = { carrier: 'Ox cart', date: '2031-05-10', note: 'Ring once' }[field];
      await ada.post('/pickups', other === undefined ? rest : { ...NIGHT_BARGE, [field]: other });
      await ada.post('/logout', {});
      expect(check(app, 'book').why).toMatch(new RegExp(`^${field} of the pickup is`));
    }
  });

  test('two apps share nothing', async () => {
    await using one = await startDemo();
    await using two = await startDemo();
    await visitor(one.url).logIn();
    expect([one.state().sessions.size, two.state().sessions.size]).toEqual([1, 0]);
  });
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test('a person gets through all three tasks, also with other words on the buttons', async () => {
    const labels = OTHER_LABELS[0]!;
    await using app = await startDemo({ labels });
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    await page.goto(app.url);
    await page.getByLabel('User').fill(ACCOUNT.user);
    await page.getByLabel('Password').fill(ACCOUNT.password);
    await press(labels.logIn);
    await page.getByRole('searchbox').fill('millstone');
    await press(labels.search);
    await page.getByRole('link', { name: 'Runner millstone' }).click();
    await page.getByRole('heading', { name: 'Runner millstone' }).waitFor();
    expect(check(app, 'find')).toEqual({ done: true, why: 'all as asked' });

    await page.getByRole('link', { name: 'Orders', exact: true }).click();
    await page.getByRole('link', { name: 'Ready' }).click();
    await page.getByLabel('Rush orders only').click();
    await page.waitForURL(/rush=on/);
    await page.getByRole('link', { name: 'Oven floor' }).click();
    await press(labels.deliver);
    await press(labels.deliverNo);
    await press(labels.deliver);
    await press(labels.deliverYes);
    await page.getByText('One stone lighter').waitFor();
    expect(check(app, 'deliver').done).toBe(true);

    app.reset();
    await page.goto(`${app.url}login`);
    await page.getByLabel('User').fill(ACCOUNT.user);
    await page.getByLabel('Password').fill(ACCOUNT.password);
    await press(labels.logIn);
    await page.getByRole('link', { name: 'Pickups' }).click();
    await page.getByLabel('Carrier').selectOption('Night barge');
    await page.getByLabel('Date').fill('2031-05-09');
    await page.getByLabel('Bring a crane').check();
    await page.getByLabel('Note for the driver').fill('Ring twice');
    page.once('dialog', (dialog) => dialog.dismiss());
    await press(labels.book);
    expect(app.state().pickups).toEqual([]);
    page.once('dialog', (dialog) => dialog.accept());
    await press(labels.book);
    await page.getByText('They will come for it').waitFor();
    await press(labels.logOut);
    await page.getByText('Good morning').waitFor();
    expect(check(app, 'book')).toEqual({ done: true, why: 'all as asked' });
    expect(problems).toEqual([]);
    await page.close();
  });
});
