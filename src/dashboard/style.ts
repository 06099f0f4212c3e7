/** The look of the dashboard, over that of the report, whose components and colours it shares. */
export const STYLE = `
body { max-width: 1760px; padding: 0 clamp(10px, 1.6vw, 24px) 40px; }
.loading { padding: 40px; color: var(--soft); }
button, input, textarea { font: inherit; color: inherit; }
button { padding: 7px 14px; border: 1px solid var(--line); border-radius: 9px; background: var(--card); font-weight: 550; cursor: pointer; white-space: nowrap; }
button:hover:not(:disabled) { border-color: var(--soft); }
button:disabled { color: var(--soft); background: var(--sunken); cursor: not-allowed; }
button.main { background: var(--text); color: var(--card); border-color: var(--text); }
button.main:disabled { background: var(--sunken); color: var(--soft); border-color: var(--line); }
button.quiet { padding: 3px 10px; font-size: 13px; color: var(--soft); background: none; }
button.held { background: var(--ask-ground); color: var(--ask); border-color: var(--ask); }
input:not([type=range], [type=checkbox]), textarea { width: 100%; padding: 8px 12px; border: 1px solid var(--soft); border-radius: 9px; background: var(--card); }
textarea { font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; }
h3 { font-size: 12px; font-weight: 650; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); margin-bottom: 3px; }

.top { position: sticky; top: 0; z-index: 2; margin: 0 calc(-1 * clamp(10px, 1.6vw, 24px)); padding: 10px clamp(10px, 1.6vw, 24px); background: var(--ground); border-bottom: 1px solid var(--line); }
.top .line { display: flex; align-items: center; gap: 14px; }
.phase { font-size: 14px; padding: 5px 14px; }
.goal { flex: 1; min-width: 0; display: flex; align-items: center; gap: 10px; }
.goal h1 { font-size: 18px; line-height: 1.3; font-weight: 640; letter-spacing: -.01em; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }
.controls { display: flex; gap: 8px; margin: 0; padding: 0; border: 0; }
.estop { display: grid; justify-items: center; padding: 7px 22px 6px; line-height: 1.2; border: 3px solid #fff; outline: 3px solid #b3261e; border-radius: 14px; margin: 3px; background: #b3261e; color: #fff; }
.estop:hover:not(:disabled) { background: #8f1d17; border-color: #fff; }
.estop:focus-visible { outline: 4px solid var(--focus); }
.estop b { font-size: 19px; letter-spacing: .05em; }
.estop span { font-size: 11px; font-weight: 500; }
.look-on { margin-top: 6px; }
.top .banner { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; margin-top: 8px; }
.banner.stop { color: var(--halt); background: var(--halt-ground); }
.banner .confirm { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }

.board { display: grid; grid-template-columns: minmax(0, 1.75fr) minmax(340px, 1fr); gap: 0 18px; align-items: start; }
.board .panel { margin-top: 14px; padding: 14px 18px; }
.panel > header { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; margin-bottom: 10px; }
.panel h2 .by { font-weight: 450; }
.tell-live { color: var(--soft); font-size: 13px; } .tell-live.on { color: var(--allow); font-weight: 650; }
.pictures-now { display: flex; gap: 12px; align-items: flex-start; }
.main-picture { flex: 1; min-width: 0; display: grid; justify-content: center; }
.main-picture .picture { width: min(100%, calc(62vh * var(--ratio))); min-width: min(100%, 260px); margin: 0 auto; }
.main-picture { grid-template-columns: minmax(0, 1fr); }
.picture { background: var(--sunken); }
.mark-buttons { position: absolute; inset: 0; pointer-events: none; }
.mark-buttons button { position: absolute; transform: translate(-50%, -50%); min-width: 30px; min-height: 30px; padding: 2px 6px; border: 2px solid #fff; outline: 2px solid #171b21; background: #171b21; color: #fff; pointer-events: auto; opacity: .85; }
.hand-layer { position: absolute; inset: 0; width: 100%; height: 100%; padding: 0; border: 0; border-radius: 0; background: none; cursor: crosshair; touch-action: manipulation; }
.by-hand form, .by-hand .row { margin-top: 10px; } .by-hand .row { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; } .by-hand .row label { flex: 1 1 12em; } .by-hand > button { margin-top: 12px; }
.page-dialog { margin: 10px 0; padding: 10px 14px; border: 2px solid var(--ask); border-radius: 9px; background: var(--ask-ground); } .page-dialog h3 { color: var(--ask); }
.others { flex: 0 0 clamp(110px, 17%, 200px); display: grid; gap: 10px; }
.others button { display: block; width: 100%; padding: 4px; font-size: 12.5px; color: var(--soft); }
.timeline .strip { display: flex; height: 12px; border-radius: 4px; overflow: hidden; background: var(--sunken); margin: 0 8px 3px; }
.timeline .strip i { flex: 1; min-width: 1px; border-right: 1px solid var(--card); }
.mark-allow { background: var(--allow); opacity: .55; } .mark-modify { background: var(--modify); } .mark-ask { background: var(--ask); } .mark-deny { background: var(--deny); } .mark-halt { background: var(--halt); }
.timeline .drivers { height: 5px; } .drivers i { border-right: 0; }
.by-person { background: var(--ask); } .by-both { background: var(--halt); } .by-policy { background: var(--modify); opacity: .6; }
.scrub { display: flex; align-items: center; gap: 10px; }
.track { flex: 1; min-width: 60px; } .track input { display: block; width: 100%; margin: 0; accent-color: var(--link); }
.scrub button { padding: 4px 13px; }
.live.on { color: var(--allow); border-color: var(--allow); }
.timeline .by { margin-top: 4px; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }

.now .part, .now .source { margin-top: 12px; }
.now .thought { max-height: 11em; overflow-y: auto; border-left: 3px solid var(--line); padding-left: 12px; }
.doing { font-size: 13px; color: var(--soft); }
.doing::before { content: ''; display: inline-block; width: 8px; height: 8px; margin-right: 7px; border-radius: 50%; background: var(--allow); animation: beat 1.2s ease-in-out infinite; }
@keyframes beat { 50% { opacity: .25; } }
@media (prefers-reduced-motion: reduce) { .doing::before { animation: none; } }
.question { border: 2px solid var(--ask); background: var(--ask-ground); }
.question h2 { color: var(--ask); } .question h2:focus-visible { outline: none; }
.question .words { font-size: 17px; margin: 8px 0; }
.question .reasons { padding-left: 12px; border-left: 3px solid var(--ask); }
.question .by { margin-top: 10px; color: var(--text); }
.answers { display: flex; flex-wrap: wrap; gap: 10px; margin: 14px 0 10px; }
.answers button { padding: 10px 18px; }
.answers .yes { background: var(--allow); color: var(--card); border-color: var(--allow); }
.answers .no { background: var(--deny); color: var(--card); border-color: var(--deny); }
.question form { margin-top: 12px; } .why { display: block; font-size: 13px; } .why input { margin-top: 4px; }
.problem { color: var(--deny); font-weight: 600; }
.ending-now .answer { margin-top: 8px; }
.run-facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); gap: 10px 16px; }
.run-facts dt { font-size: 12.5px; color: var(--soft); } .run-facts dd { font-weight: 600; }
.links { margin-top: 12px; }
.log ol { max-height: 240px; overflow-y: auto; margin-top: 8px; font-size: 13.5px; }
.log time { color: var(--soft); font-variant-numeric: tabular-nums; }
.note-warning { color: var(--ask); } .note-stop { color: var(--halt); font-weight: 600; }

.space canvas { display: block; width: 100%; height: clamp(240px, 44vh, 460px); border-radius: 9px; background: var(--sunken); cursor: grab; }
.space canvas:active { cursor: grabbing; }
.sides { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-top: 8px; }

.plots .legend { margin: 0 0 4px; } .plots h2:not(:first-child) { margin-top: 14px; }
.live-plot figcaption { font-size: 13px; color: var(--soft); } .live-plot figcaption b { color: var(--text); }
.motion-plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 10px 20px; }
.refused-page { max-width: 40em; margin: 12vh auto; }

.who-drives { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; padding: 10px 14px; border-radius: 11px; border-left: 6px solid var(--edge); background: var(--sunken); }
.who-drives b { font-size: 21px; letter-spacing: -.01em; }
.drives-person { --edge: var(--ask); color: var(--ask); background: var(--ask-ground); } .drives-policy { --edge: var(--modify); color: var(--modify); background: var(--modify-ground); }
.drives-both { --edge: var(--halt); color: var(--halt); background: var(--halt-ground); } .drives-nobody { --edge: var(--soft); }
.drive .take { margin-top: 12px; padding: 12px 20px; width: 100%; }
.drive fieldset { margin: 12px 0 0; padding: 0; border: 0; min-width: 0; }
.drive .problem { margin-top: 10px; }
.modes { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.modes button, .help-keys button { padding: 9px 8px; }
.drive button[aria-pressed=true]:not(.dead-man) { background: var(--text); color: var(--card); border-color: var(--text); }
.modes + .by { margin-top: 6px; }
.scale { display: grid; grid-template-columns: 9.5em minmax(0, 1fr); align-items: center; margin-top: 10px; }
.drive input[type=range] { width: 100%; margin: 0; accent-color: var(--link); touch-action: none; }
.sticks { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 18px; margin-top: 14px; }
.as-seen { display: block; margin-top: 10px; font-size: 13.5px; }
.axis { font-size: 13.5px; } .axis span { display: flex; justify-content: space-between; } .axis input { height: 34px; }
.thumbs { display: grid; grid-template-columns: 2fr 1fr; gap: 10px; margin-top: 14px; }
.dead-man { display: grid; place-items: center; gap: 2px; min-height: 84px; border: 3px solid var(--allow); color: var(--allow); touch-action: none; user-select: none; -webkit-user-select: none; -webkit-touch-callout: none; }
.dead-man b { font-size: 20px; } .dead-man span { font-size: 12px; font-weight: 500; }
.dead-man:hover:not(:disabled) { border-color: var(--allow); } .dead-man:disabled { border-color: var(--line); color: var(--soft); }
.dead-man.held { background: var(--allow); border-color: var(--allow); color: var(--card); }
.help-keys { display: flex; flex-wrap: wrap; gap: 8px; } .help-keys legend { font-size: 13px; color: var(--soft); margin-bottom: 6px; }
.help-keys button { white-space: normal; text-align: left; }
.drive kbd { padding: 1px 6px; border: 1px solid var(--line); border-radius: 5px; color: var(--soft); font-size: 12px; } .drive button[aria-pressed=true] kbd { color: inherit; }
.drive .help-keys + .by { margin-top: 12px; }
.drive .driver { margin-top: 12px; color: var(--text); }
.delays { display: grid; grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: 8px 14px; margin-top: 14px; }
.delays dt { font-size: 12.5px; color: var(--soft); } .delays dd { font-weight: 600; font-variant-numeric: tabular-nums; }

@media (max-width: 1180px) { .top .line { flex-wrap: wrap; } .goal { flex: 1 1 60%; } }
@media (max-width: 860px) {
  body { padding-bottom: 110px; }
  .board { display: flex; flex-direction: column; align-items: stretch; } .board > div { display: contents; }
  .board .question { order: -2; } .board .ending-now { order: -1; } .board .leading { order: -3; } .board .drive { order: -1; } .leading .main-picture .picture { width: min(100%, calc(30vh * var(--ratio))); }
  .drive .thumbs { position: sticky; bottom: 92px; z-index: 1; margin-inline: -6px; padding: 6px; background: var(--card); border-radius: 12px; }
  .board .space { order: 2; } .board .plots { order: 2; }
  body:has(.leading) .top { position: static; }
  .leading { position: sticky; top: 0; z-index: 1; } .leading > header { margin-bottom: 4px; } .leading .pictures-now { display: flex; } .leading .others { grid-auto-flow: row; grid-auto-columns: auto; flex: 0 0 84px; margin-top: 0; } .board .log { order: 3; }
  .top .line { gap: 8px; } .goal { flex-basis: 100%; order: -1; }
  .controls { flex-wrap: wrap; flex: 1 1 100%; } .controls button { padding: 9px 8px; flex: 1; }
  .pictures-now { display: block; } .others { grid-auto-flow: column; grid-auto-columns: minmax(90px, 130px); justify-content: start; overflow-x: auto; margin-top: 10px; }
  .estop { position: fixed; inset: auto 10px 10px 10px; z-index: 5; padding: 12px; box-shadow: 0 4px 22px rgb(0 0 0 / .35); }
}
`;
