/** The look of the report: light and dark, wide and narrow, no fonts or pictures from elsewhere. */

/** Colours of both schemes. Chosen: text at least 4.5 : 1 on its ground; phases and verdicts told apart by colour-blind eyes, and always by a word or sign too. */
const COLOURS = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #ffffff; --sunken: #eef0f3; --line: #d9dde3; --text: #171b21; --soft: #565f6c; --link: #1f55c4; --focus: #2f6bff;
  --allow: #177245; --modify: #1b62b0; --ask: #8f5a00; --deny: #b3261e; --halt: #7a1fa2;
  --allow-ground: #e2f3e9; --modify-ground: #e2eefb; --ask-ground: #fdf0d5; --deny-ground: #fde7e4; --halt-ground: #f3e4f9;
  --observe: #5a9bd4; --think: #6b5bb5; --check: #e0a030; --act: #2f9e77;
  --proposed: #c9540a; --limited: #0069b4; --executed: #12a87d; --measured: #171b21;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101317; --card: #191d23; --sunken: #22272f; --line: #323943; --text: #e8ebef; --soft: #a2abb8; --link: #8ab4ff; --focus: #8ab4ff;
    --allow: #6fd39c; --modify: #8cbcf5; --ask: #f0bd5c; --deny: #ff9389; --halt: #dfa0f5;
    --allow-ground: #16342a; --modify-ground: #182f4a; --ask-ground: #3d2f12; --deny-ground: #462020; --halt-ground: #3a2045;
    --observe: #6fb1ea; --think: #9a8ae6; --check: #e8b04a; --act: #45bd92;
    --proposed: #ff9a57; --limited: #58b6f2; --executed: #1c8a68; --measured: #f2f4f7;
  }
}
`;

const KINDS = ['allow', 'modify', 'ask', 'deny', 'halt']
  .map(
    (kind) => `
.verdict-${kind} { color: var(--${kind}); background: var(--${kind}-ground); }
.edge-${kind} { --edge: var(--${kind}); }
.fill-${kind} { fill: var(--${kind}); }
.text-${kind} { --edge: var(--${kind}); }
.stroke-${kind} { --stroke: var(--${kind}); }`,
  )
  .join('');

const PHASE_FILLS = ['observe', 'think', 'check', 'act']
  .map((phase) => `.fill-${phase} { fill: var(--${phase}); background: var(--${phase}); }`)
  .join('\n');

const PAGE = `
* { box-sizing: border-box; }
html { scroll-padding-top: 12px; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1320px; padding: 0 clamp(14px, 3vw, 36px) 72px; background: var(--ground); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1, h2, h3, h4, p, dl, dd, ol, ul, figure, blockquote { margin: 0; padding: 0; }
ol, ul { list-style: none; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 6px; }
code, pre, kbd { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .88em; }
.outside { unicode-bidi: isolate; overflow-wrap: anywhere; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 12px; top: 12px; padding: 8px 14px; background: var(--card); z-index: 3; }
.eyebrow { font-size: 12px; font-weight: 650; letter-spacing: .07em; text-transform: uppercase; color: var(--soft); }
.pill { display: inline-flex; gap: .4em; align-items: center; padding: 2px 11px; border-radius: 99px; font-size: 13px; font-weight: 650; white-space: nowrap; }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 20px clamp(16px, 2.2vw, 26px); margin-top: 18px; }
h2 { font-size: 17px; font-weight: 650; letter-spacing: -.005em; }
`;

const HEAD = `
.head { padding: clamp(26px, 5vw, 52px) 0 20px; }
.head h1 { font-size: clamp(24px, 3.6vw, 38px); line-height: 1.18; letter-spacing: -.02em; font-weight: 680; max-width: 26em; margin: 6px 0 14px; text-wrap: balance; white-space: pre-line; }
.byline { color: var(--soft); margin: -4px 0 16px; }
.ending { color: var(--soft); }
.ending .pill { font-size: 14px; padding: 4px 14px; margin-right: 6px; }
.outcome-success { --edge: var(--allow); color: var(--allow); background: var(--allow-ground); }
.outcome-failure, .outcome-fault { --edge: var(--deny); color: var(--deny); background: var(--deny-ground); }
.outcome-truncated, .outcome-unknown { --edge: var(--ask); color: var(--ask); background: var(--ask-ground); }
.outcome-stopped { --edge: var(--halt); color: var(--halt); background: var(--halt-ground); }
.last { background: var(--card); color: var(--text); border-left: 5px solid var(--edge); }
.last .ending { margin-top: 8px; }
.last .answer { padding-left: 14px; }
.answer { margin-top: 14px; padding: 12px 16px; max-width: 60em; border-left: 3px solid var(--allow); background: var(--card); border-radius: 0 10px 10px 0; white-space: pre-line; }
.answer .eyebrow { display: block; }
.banner { margin-top: 14px; padding: 10px 16px; border-radius: 10px; color: var(--ask); background: var(--ask-ground); font-weight: 550; }
.banner.failed { color: var(--deny); background: var(--deny-ground); }
.stats { display: flex; flex-wrap: wrap; gap: 10px 38px; margin-top: 22px; }
.stat { display: flex; flex-direction: column; }
.stat dd { font-size: 24px; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.stat dt { font-size: 13px; color: var(--soft); }
`;

const OVERVIEW = `
.overview ol { display: flex; gap: 10px; overflow-x: auto; padding: 4px 4px 12px; margin: 0 -4px; scrollbar-width: thin; }
.tile { display: block; width: 144px; border: 1px solid var(--line); border-top: 4px solid var(--edge); border-radius: 10px; overflow: hidden; background: var(--card); text-decoration: none; color: var(--text); }
.tile:hover { border-color: var(--edge); }
.tile img, .tile .blank { display: block; width: 100%; aspect-ratio: 16 / 10; object-fit: cover; object-position: top; background: var(--sunken); }
.tile img.whole { aspect-ratio: 1; }
.tile-foot { display: flex; justify-content: space-between; align-items: center; padding: 4px 8px; font-size: 13px; font-weight: 600; font-variant-numeric: tabular-nums; }
.verb { color: var(--soft); font-weight: 450; margin-left: 3px; }
.sign { display: grid; place-items: center; width: 20px; height: 20px; border-radius: 50%; font-size: 12px; }
`;

const TIMING = `
.timing { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 12px 32px; align-items: center; margin-top: 12px; }
.plot { overflow-x: auto; }
.plot svg { display: block; width: 100%; height: auto; }
.plot text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.plot line { stroke: var(--line); }
.plot .hit { fill: transparent; }
.plot a:hover .hit, .plot a:focus-visible .hit { fill: var(--sunken); }
.phases { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
.phases th, .phases td { padding: 5px 0 5px 18px; text-align: right; font-weight: 400; border-bottom: 1px solid var(--line); white-space: nowrap; }
.phases th:first-child { text-align: left; padding-left: 0; }
.phases thead th { color: var(--soft); font-size: 12.5px; }
.phases tbody th { font-weight: 550; }
.phases tr:last-child > * { border-bottom: 0; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 7px; vertical-align: -1px; }
`;

/** Lines of one value lie on each other as long as nothing was changed: the widest below, so that each still shows. */
const MOTION = `
.panel > .by { margin-top: 4px; }
video { display: block; max-width: 100%; max-height: 60vh; width: auto; height: auto; margin: 12px 0 8px; border-radius: 9px; background: #181b20; }
.legend { display: flex; flex-wrap: wrap; gap: 5px 22px; margin: 12px 0 6px; font-size: 13.5px; color: var(--soft); }
.legend li { display: flex; align-items: center; gap: 7px; }
.legend b { color: var(--text); font-weight: 600; }
.legend svg { width: 34px; height: 12px; flex: none; }
.axes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: 14px 26px; }
.axis { min-width: 0; }
.axis figcaption { color: var(--soft); font-size: 13px; } .axis figcaption b { color: var(--text); font-size: 14.5px; }
.axis > svg { display: block; width: 100%; height: auto; }
.axis text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.axis line { stroke: var(--line); }
.axis .undone line { stroke: var(--stroke); stroke-width: 1.5px; stroke-dasharray: 2 3; }
.axis .undone text { fill: var(--stroke); font-size: 14px; font-weight: 700; }
.axis .hit { fill: transparent; } .axis a:hover .hit { fill: var(--text); fill-opacity: .08; }
[class^="series-"] { fill: none; stroke-linecap: round; stroke-linejoin: round; }
.series-executed { stroke: var(--executed); stroke-width: 6px; }
.series-limited { stroke: var(--limited); stroke-width: 3px; }
.series-proposed { stroke: var(--proposed); stroke-width: 2px; stroke-dasharray: 5 4; }
.series-measured { stroke: var(--measured); stroke-width: 1.5px; }
.scrolled { max-height: 300px; overflow: auto; }
.scrolled .phases { font-size: 13px; width: 100%; }
.scrolled :is(th, td) { padding: 3px 0 3px 12px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;

const FACTS = `
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(380px, 100%), 1fr)); gap: 0 44px; margin-top: 8px; }
.facts dl > div { display: grid; grid-template-columns: 11.5em minmax(0, 1fr); gap: 0 16px; padding: 6px 0; border-bottom: 1px solid var(--line); }
.facts dl > div:last-child { border-bottom: 0; }
.facts dt { color: var(--soft); }
.facts dd { grid-column: 2; }
`;

const STEPS = `
#steps > h2 { margin: 34px 0 0; }
.step { background: var(--card); border: 1px solid var(--line); border-left: 5px solid var(--edge); border-radius: 14px; margin-top: 16px; overflow: clip; }
.step:target, .step:focus { outline: 2px solid var(--focus); outline-offset: 1px; }
.step > header { display: flex; align-items: baseline; gap: 12px; padding: 13px 20px; border-bottom: 1px solid var(--line); }
.step .number { flex: none; min-width: 30px; padding: 1px 8px; border-radius: 8px; text-align: center; text-decoration: none; font-weight: 680; color: var(--text); background: var(--sunken); font-variant-numeric: tabular-nums; }
.step h3 { flex: 1; min-width: 0; font-size: 16px; line-height: 1.4; font-weight: 620; }
.offset { color: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.columns { display: grid; grid-template-columns: minmax(0, 1.5fr) minmax(0, 1fr); gap: 18px 28px; padding: 18px 20px 20px; }
.parts { display: flex; flex-direction: column; gap: 14px; }
.part h4 { font-size: 12px; font-weight: 650; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); margin-bottom: 3px; }
.part blockquote { white-space: pre-line; }
.words { font-weight: 550; }
:is(.verdict, .opinions) .reasons { margin-top: 7px; padding-left: 12px; border-left: 3px solid var(--edge); }
:is(.verdict, .opinions) .reasons li + li { margin-top: 4px; }
.said > li + li { margin-top: 10px; }
.by, .usage, .address { color: var(--soft); font-size: 13.5px; }
.deed-done { color: var(--allow); } .deed-refused { color: var(--ask); } .deed-stopped { color: var(--halt); }
.notices li + li { margin-top: 8px; }
.tag { display: inline-block; padding: 0 8px; border-radius: 6px; font-size: 12.5px; font-weight: 600; color: var(--ask); background: var(--ask-ground); }
.allow-with { margin-top: 3px; color: var(--soft); font-size: 13.5px; }
.allow-with code { padding: 1px 7px; border-radius: 5px; color: var(--text); background: var(--sunken); overflow-wrap: anywhere; user-select: all; }
.bar { display: flex; gap: 1px; height: 9px; margin: 5px 0 7px; border-radius: 5px; overflow: hidden; background: var(--sunken); }
.numbers { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13.5px; color: var(--soft); font-variant-numeric: tabular-nums; }
.numbers b { font-weight: 600; color: var(--text); }
.source summary { cursor: pointer; width: max-content; max-width: 100%; color: var(--soft); font-size: 13.5px; }
.source pre { margin: 5px 0 0; padding: 10px 13px; max-height: 320px; overflow: auto; border-radius: 9px; background: var(--sunken); white-space: pre-wrap; overflow-wrap: anywhere; }
`;

const PICTURES = `
.enlarge { display: block; width: 100%; padding: 0; border: 0; background: none; border-radius: 9px; }
.scripted .enlarge { cursor: zoom-in; }
.picture { position: relative; display: block; overflow: hidden; border-radius: 9px; border: 1px solid var(--line); background: var(--sunken); }
.picture img { display: block; width: 100%; height: auto; }
.overlay { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.overlay path { fill: none; vector-effect: non-scaling-stroke; stroke-linecap: round; stroke-linejoin: round; }
.overlay .halo { stroke: #fff; stroke-opacity: .85; stroke-width: 5.5px; }
.overlay .line { stroke: var(--stroke); stroke-width: 3px; }
.overlay.stroke-allow { --stroke: #0b7a43; } .overlay.stroke-modify { --stroke: #1459b3; } .overlay.stroke-ask { --stroke: #b36b00; } .overlay.stroke-deny { --stroke: #c5221a; } .overlay.stroke-halt { --stroke: #8a1fb8; }
.scene .box { fill: none; stroke: #f00; stroke-width: 2px; vector-effect: non-scaling-stroke; }
.scene .of-mark rect { fill: #f00; } .scene .of-mark text { fill: #fff; } .scene text { font-weight: 700; font-family: ui-monospace, Menlo, Consolas, monospace; }
.scene .of-trace rect { fill: var(--trace); }
.overlay.scene .edge { stroke: #fff; stroke-width: 6px; } .overlay.scene .way { stroke: var(--trace); stroke-width: 3.5px; }
.scene .disc { fill: var(--trace); stroke: #fff; stroke-width: 1.5px; vector-effect: non-scaling-stroke; }
.screenshot figcaption { margin-top: 4px; color: var(--soft); font-size: 12.5px; }
.other-pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 10px; margin-top: 10px; }
.no-picture { display: grid; place-items: center; min-height: 140px; border: 1px dashed var(--line); border-radius: 9px; color: var(--soft); }
.pictures.small { display: flex; gap: 10px; } .pictures.small > * { flex: 1; min-width: 0; max-width: 440px; } .small .other-pictures { display: block; margin: 0; }
.address { margin-top: 6px; }
dialog:focus-visible { outline: none; }
dialog { margin: auto; padding: 0; border: 0; max-width: 98vw; max-height: 98vh; background: none; cursor: zoom-out; }
dialog::backdrop { background: rgb(8 10 13 / .86); }
dialog .picture { width: min(98vw, calc(98vh * var(--ratio, 1.6))); }
.keys[hidden] { display: none; }
.keys { position: fixed; right: 16px; bottom: 14px; padding: 6px 14px; border: 1px solid var(--line); border-radius: 99px; background: var(--card); color: var(--soft); font-size: 12.5px; box-shadow: 0 3px 14px rgb(0 0 0 / .12); }
kbd { padding: 0 6px; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 5px; background: var(--sunken); color: var(--text); margin-left: 9px; }
kbd:first-child { margin-left: 0; }
`;

const NARROW = `
@media (max-width: 1020px) { .timing { grid-template-columns: minmax(0, 1fr); } .keys { display: none; } }
@media (max-width: 820px) {
  .columns { grid-template-columns: minmax(0, 1fr); padding: 14px; }
  .step > header { flex-wrap: wrap; padding: 11px 14px; }
  .step h3 { flex: 1 1 70%; }
  .facts dl > div { grid-template-columns: minmax(0, 9em) minmax(0, 1fr); }
  .phases { width: 100%; } .phases th, .phases td { padding-left: 8px; }
}
@media (max-width: 380px) { .phases :is(th, td):nth-child(4) { display: none; } }
@media print { .keys, .skip, video { display: none; } .step { break-inside: avoid; } }
`;

export const STYLE = [
  COLOURS,
  PAGE,
  KINDS,
  PHASE_FILLS,
  HEAD,
  OVERVIEW,
  TIMING,
  MOTION,
  FACTS,
  STEPS,
  PICTURES,
  NARROW,
].join('\n');
