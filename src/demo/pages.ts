/** The pages of the stone yard as HTML. Pure: state in, markup out; knows no request and no session. */
import { html, type Markup } from './html.ts';
import type { Labels } from './labels.ts';
import { CARRIERS, type Filter, type Order, type Pickup, STATUSES, type Status } from './state.ts';

const YARD = 'Featherstone Yard';

/** What every page needs to know. */
export interface View {
  readonly labels: Labels;
  /** Who is logged in. */
  readonly user: string | undefined;
}

const LOGO = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><path d="M6 9 15 4l10 3 4 9-4 9-11 3-9-5-2-7z"/><circle cx="12" cy="12" r="2.4"/><circle cx="20" cy="10" r="1.5"/><circle cx="21" cy="18" r="2.8"/><circle cx="12" cy="21" r="1.8"/><circle cx="8" cy="16" r="1"/></svg>`;

function layout({ labels, user }: View, title: string, path: string, content: Markup): string {
  const tab = (to: string, name: string) =>
    html`<a href="${to}"${path.startsWith(to) && html` aria-current="page"`}>${name}</a>`;
  const account = html`<nav aria-label="Pages">${tab('/orders', 'Orders')}${tab('/pickups', 'Pickups')}</nav>
<form class="account" method="post" action="/logout"><span>${user}</span><button class="quiet">${labels.logOut}</button></form>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${YARD}</title>
<link rel="stylesheet" href="/yard.css">
<link rel="icon" href="/yard.svg">
<script src="/yard.js" defer></script>
</head>
<body>
<header><div class="bar">${LOGO}<strong>${YARD}</strong>${user !== undefined && account}</div></header>
<main>${content}</main>
</body>
</html>
`.markup;
}

const notice = (text: string | undefined, kind = 'good') =>
  text && html`<p class="notice ${kind}" role="status">${text}</p>`;

export const loginPage = (view: View, problem?: string): string =>
  layout(
    view,
    'Welcome',
    '/login',
    html`<section class="card login">
<h1>Good morning.</h1>
<p class="soft">Light stones, heavy stones, on time since 1887.</p>
${notice(problem, 'bad')}
<form method="post" action="/login">
<label>User<input name="user" autocomplete="username" required></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button>${view.labels.logIn}</button>
</form>
<p class="hint">A demo that ships with pumice. Every order is made up; the work on it is not.</p>
</section>`,
  );

const pill = (status: Status) => html`<span class="pill ${status.toLowerCase()}">${status}</span>`;
const weight = (kg: number) => `${kg.toLocaleString('en')} kg`;

const orderRow = (order: Order) => html`<tr>
<td class="soft">${order.id}</td>
<td><a href="/orders/${order.id}">${order.goods}</a>${order.isRush && html` <span class="rush">Rush</span>`}</td>
<td>${order.customer}</td>
<td><span class="stone ${order.stone.toLowerCase()}"></span>${order.stone}</td>
<td class="number">${weight(order.weightKg)}</td>
<td>${order.due}</td>
<td>${pill(order.status)}</td>
</tr>`;

export function ordersPage(view: View, filter: Filter, orders: readonly Order[]): string {
  const tab = (status: Status | undefined) => {
    const query = new URLSearchParams({
      ...(status && { status }),
      ...(filter.words && { q: filter.words }),
      ...(filter.rushOnly && { rush: 'on' }),
    });
    const isCurrent = filter.status === status;
    return html`<a href="/orders?${query.toString()}"${isCurrent && html` aria-current="true"`}>${status ?? 'All'}</a>`;
  };
  const table = html`<table>
<thead><tr><th>No.</th><th>Goods</th><th>Customer</th><th>Stone</th><th class="number">Weight</th><th>Due</th><th>Status</th></tr></thead>
<tbody>${orders.map(orderRow)}</tbody>
</table>`;
  return layout(
    view,
    'Orders',
    '/orders',
    html`<h1>Orders</h1>
<div class="tools">
<nav class="tabs" aria-label="Status">${[undefined, ...STATUSES].map(tab)}</nav>
<form class="search" action="/orders">
${filter.status && html`<input type="hidden" name="status" value="${filter.status}">`}
<label class="check"><input type="checkbox" name="rush" data-submits${filter.rushOnly && html` checked`}>Rush orders only</label>
<input type="search" name="q" aria-label="Search orders" placeholder="Goods, customer, stone" value="${filter.words}">
<button>${view.labels.search}</button>
</form>
</div>
<section class="card list">${orders.length > 0 ? table : html`<p class="soft empty">No stone matches. Try fewer words.</p>`}</section>`,
  );
}

export function orderPage(view: View, order: Order, said?: string): string {
  const { labels } = view;
  const facts: readonly [string, string | Markup][] = [
    ['Customer', order.customer],
    ['Stone', html`<span class="stone ${order.stone.toLowerCase()}"></span>${order.stone}`],
    ['Weight', weight(order.weightKg)],
    ['Due', order.due],
    ['Status', pill(order.status)],
  ];
  const deliver = html`<button type="button" data-opens="deliver">${labels.deliver}</button>
<dialog id="deliver" aria-labelledby="question">
<h2 id="question">Has ${order.customer} received it?</h2>
<p>Delivered orders leave the yard’s books for good.</p>
<form method="post" action="/orders/${order.id}/deliver"><button type="button" class="quiet" data-closes>${labels.deliverNo}</button><button>${labels.deliverYes}</button></form>
</dialog>`;
  return layout(
    view,
    order.goods,
    '/orders/',
    html`<p class="back"><a href="/orders">All orders</a></p>
${notice(said)}
<section class="card order">
<div class="sample ${order.stone.toLowerCase()}" role="img" aria-label="A sample of ${order.stone}"></div>
<div>
<p class="soft">Order ${order.id}${order.isRush && html` <span class="rush">Rush</span>`}</p>
<h1>${order.goods}</h1>
<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${order.status === 'Ready' && deliver}
</div>
</section>`,
  );
}

const pickupRow = ({ carrier, date, crane, note }: Pickup) =>
  html`<li><strong>${carrier}</strong> on ${date}${crane && ', with a crane'}${note && html`<br><span class="soft">${note}</span>`}</li>`;

export function pickupsPage(view: View, pickups: readonly Pickup[], said?: string): string {
  const list = html`<ul class="pickups">${pickups.map(pickupRow)}</ul>`;
  return layout(
    view,
    'Pickups',
    '/pickups',
    html`<h1>Pickups</h1>
${notice(said)}
<div class="columns">
<section class="card">
<h2>Book a pickup</h2>
<form class="fields" method="post" action="/pickups" data-confirm="Book this pickup?">
<label>Carrier<select name="carrier" required><option value="">Choose one</option>${CARRIERS.map((name) => html`<option>${name}</option>`)}</select></label>
<label>Date<input type="date" name="date" required></label>
<label class="check"><input type="checkbox" name="crane">Bring a crane</label>
<label>Note for the driver<input name="note" maxlength="200"></label>
<button>${view.labels.book}</button>
</form>
</section>
<section class="card">
<h2>Booked</h2>
${pickups.length > 0 ? list : html`<p class="soft">Nothing is booked. The ox is resting.</p>`}
</section>
</div>`,
  );
}

export const messagePage = (view: View, title: string, text: string): string =>
  layout(
    view,
    title,
    '',
    html`<section class="card message"><h1>${title}</h1><p>${text}</p><p><a href="/orders">Back to the orders</a></p></section>`,
  );

export const ICON = LOGO.markup.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" fill="#8a6f5c" ');
