/** Style and script of the stone yard's pages. */

/** Opens and closes dialogs, asks before a form is sent, sends a form when a box is ticked. */
export const SCRIPT = `
for (const button of document.querySelectorAll('[data-opens]'))
  button.addEventListener('click', () => document.getElementById(button.dataset.opens).showModal());
for (const button of document.querySelectorAll('[data-closes]'))
  button.addEventListener('click', () => button.closest('dialog').close());
for (const form of document.querySelectorAll('[data-confirm]'))
  form.addEventListener('submit', (event) => { if (!confirm(form.dataset.confirm)) event.preventDefault(); });
for (const box of document.querySelectorAll('[data-submits]'))
  box.addEventListener('change', () => box.form.requestSubmit());
`;

export const STYLE = `
:root {
  --paper: #f4f0ea; --card: #fffdf9; --ink: #2c2723; --soft: #786d63; --line: #e2d9cd; --clay: #9a4f2f; --clay-dark: #7e3e23;
  --soapstone: #7f8c86; --granite: #a39a98; --slate: #56616d; --sandstone: #d7b183; --travertine: #e5d2b4;
  --basalt: #45434a; --marble: #e6e4e1; --limestone: #d5cdb9; --pumice: #bdb3a7;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 'Open Sans', 'Segoe UI', system-ui, sans-serif; }
h1, h2, header strong { font-family: Georgia, 'Times New Roman', 'DejaVu Serif', serif; font-weight: 600; letter-spacing: -0.01em; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.25rem; margin: 0 0 1rem; }
a { color: var(--clay-dark); text-underline-offset: 3px; }
.soft { color: var(--soft); }
header { background: #37302b; color: #fff; }
.bar { max-width: 1120px; margin: auto; padding: 0.7rem 1.5rem; display: flex; align-items: center; gap: 0.7rem; }
.bar strong { font-size: 1.15rem; margin-right: 1.5rem; }
.logo { width: 32px; fill: #d9cbbb; }
.logo circle { fill: #37302b; }
.bar nav { display: flex; gap: 0.25rem; flex: 1; }
.bar nav a { color: #e9dfd5; text-decoration: none; padding: 0.4rem 0.9rem; border-radius: 99px; }
.bar nav a:hover { background: #4b423b; }
.bar nav a[aria-current] { background: #5d5149; color: #fff; }
.account { display: flex; align-items: center; gap: 0.9rem; color: #d9cbbb; }
.account button.quiet { color: #fff; border-color: #7d7067; padding: 0.35rem 0.9rem; }
main { max-width: 1120px; margin: auto; padding: 2rem 1.5rem 3rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.75rem; box-shadow: 0 1px 2px #2c272308, 0 12px 32px #2c272310; }
label { display: block; font-weight: 600; font-size: 0.92rem; }
input, select { display: block; width: 100%; margin-top: 0.3rem; padding: 0.6rem 0.75rem; font: inherit; font-weight: 400; color: inherit; background: #fff; border: 1px solid #cbbfb1; border-radius: 8px; }
:is(input, select, button, a):focus-visible { outline: 3px solid #d99a6c; outline-offset: 1px; }
.check { display: flex; align-items: center; gap: 0.55rem; font-weight: 400; white-space: nowrap; }
.check input { width: 1.15rem; height: 1.15rem; margin: 0; accent-color: var(--clay); }
button { font: inherit; font-weight: 600; color: #fff; background: var(--clay); border: 1px solid transparent; border-radius: 8px; padding: 0.6rem 1.2rem; cursor: pointer; }
button:hover { background: var(--clay-dark); }
button.quiet { color: var(--ink); background: none; border-color: #cbbfb1; font-weight: 400; }
button.quiet:hover { background: #efe8df; }
.account button.quiet:hover { background: #5d5149; }
.login { max-width: 420px; margin: 5vh auto 0; }
.login h1 { margin-bottom: 0.25rem; }
.login form, .fields { display: grid; gap: 1.1rem; margin-top: 1.4rem; }
.hint { color: var(--soft); font-size: 0.85rem; border-top: 1px solid var(--line); margin: 1.6rem 0 0; padding-top: 1rem; }
.notice { border-radius: 8px; padding: 0.7rem 1rem; margin: 0 0 1.25rem; }
.notice.good { background: #e6efdf; color: #35562a; }
.notice.bad { background: #f9e2da; color: #8a2f14; }
.tools { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 1rem; margin-bottom: 1rem; }
.tabs { display: flex; background: #e8dfd4; border-radius: 99px; padding: 4px; }
.tabs a { padding: 0.35rem 0.95rem; border-radius: 99px; color: var(--ink); text-decoration: none; }
.tabs a[aria-current] { background: var(--card); box-shadow: 0 1px 3px #2c272333; font-weight: 600; }
.search { display: flex; align-items: center; gap: 0.8rem; }
.search input[type=search] { width: 16rem; margin: 0; padding-block: 0.5rem; }
.search button { padding-block: 0.5rem; }
.list { padding: 0.5rem 0; overflow-x: auto; }
.empty { padding: 1.5rem; margin: 0; }
table { width: 100%; border-collapse: collapse; font-size: 0.95rem; }
th { text-align: left; font-weight: 400; font-size: 0.85rem; color: var(--soft); }
th, td { padding: 0.6rem 0.9rem; white-space: nowrap; }
:is(th, td):first-child { padding-left: 1.75rem; }
:is(th, td):last-child { padding-right: 1.75rem; }
tbody tr { border-top: 1px solid #efe8df; }
tbody tr:hover { background: #faf5ee; }
td a { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.pill { border-radius: 99px; padding: 0.15rem 0.7rem; font-size: 0.85rem; background: #eee7dd; color: #5b5047; }
.pill.cutting { background: #fbe9cf; color: #7b4a06; }
.pill.ready { background: #dfeed8; color: #2d5a20; }
.pill.delivered { background: #e3e7ec; color: #41505f; }
.rush { margin-left: 0.35rem; font-size: 0.78rem; font-weight: 600; color: #a3341a; border: 1px solid #e5b5a4; border-radius: 4px; padding: 0.05rem 0.35rem; }
.stone { display: inline-block; width: 0.85rem; height: 0.85rem; margin-right: 0.5rem; border-radius: 45% 55% 50% 50%; vertical-align: -1px; }
.soapstone { background-color: var(--soapstone); } .granite { background-color: var(--granite); } .slate { background-color: var(--slate); }
.sandstone { background-color: var(--sandstone); } .travertine { background-color: var(--travertine); } .basalt { background-color: var(--basalt); }
.marble { background-color: var(--marble); box-shadow: inset 0 0 0 1px #cfcac4; } .limestone { background-color: var(--limestone); } .pumice { background-color: var(--pumice); }
.back { margin: 0 0 1rem; }
.order { display: grid; grid-template-columns: minmax(180px, 300px) 1fr; gap: 2.25rem; }
.order p { margin: 0 0 0.25rem; }
.sample { border-radius: 10px; min-height: 280px; background-image: radial-gradient(circle at 30% 25%, #fff6 0 12%, transparent 45%), radial-gradient(circle at 22% 70%, #0002 0 5%, transparent 6%), radial-gradient(circle at 68% 38%, #0002 0 7%, transparent 8%), radial-gradient(circle at 55% 80%, #0001 0 9%, transparent 10%), radial-gradient(circle at 80% 72%, #fff3 0 4%, transparent 5%), linear-gradient(160deg, transparent 50%, #0003); }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: 0.6rem 1rem; margin: 0 0 1.75rem; }
dt { color: var(--soft); }
dd { margin: 0; }
dialog { border: 0; border-radius: 14px; padding: 1.75rem; max-width: 440px; color: inherit; background: var(--card); box-shadow: 0 24px 80px #0006; }
dialog::backdrop { background: #2c2723aa; }
dialog form { display: flex; justify-content: flex-end; gap: 0.75rem; margin-top: 1.5rem; }
.columns { display: grid; grid-template-columns: 3fr 2fr; gap: 1.5rem; align-items: start; }
.pickups { list-style: none; margin: 0; padding: 0; }
.pickups li { padding: 0.8rem 0; border-top: 1px solid var(--line); }
.message { max-width: 560px; margin: 5vh auto 0; }
@media (max-width: 760px) { .columns, .order { grid-template-columns: 1fr; } .search { flex-wrap: wrap; } }
`;
