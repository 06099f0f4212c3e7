/** A small made-up episode on a shop page: every verdict, a refusal, notices, and text that tries to be HTML. */
import sharp from 'sharp';
import type { EpisodeFacts } from '../../src/ports.ts';
import type { Episode } from '../../src/record/index.ts';
import { mapText } from '../../src/record/map-text.ts';
import type {
  Action,
  EpisodeEnd,
  Frame,
  GivenOpinion,
  Mark,
  Observation,
  StepRecord,
  Verdict,
} from '../../src/types.ts';
import { motionLimits } from '../gate/given.ts';

export const sampleFacts: EpisodeFacts = {
  episodeId: 'ep-7f3a',
  startedWallMs: Date.UTC(2026, 9, 1, 12, 0, 0),
  instruction: 'Buy two packets of "Pumice stone, fine" and stop before you pay',
  seed: 7,
  env: 'browser',
  policy: 'vlm',
  critics: ['cosmos'],
  limits: {
    ui: {
      origins: ['http://127.0.0.1:4173', 'https://*.shop.example'],
      secrets: { SHOP_PASSWORD: { origin: 'https://login.shop.example' } },
      maxTextChars: 2000,
      maxScrollPx: 2000,
      maxWaitMs: 5000,
    },
    motion: motionLimits(),
    maxObservationAgeMs: 1500,
    maxPlanAgeMs: 4000,
  },
  facts: { browser: 'chromium 147.0', model: 'qwen2.5-vl-7b-instruct', pumice: '0.1.0' },
};

export const sampleEnd: EpisodeEnd = {
  outcome: 'success',
  reason: 'the policy said that it is done',
  answer: 'Two packets are in the basket; the total is 9.80 EUR.',
};

const WIDTH = 1280;
const HEIGHT = 800;

const box = (x: number, y: number, w: number, h: number): [number, number, number, number] => [x, y, x + w, y + h];
const mark = (id: number, role: string, name: string, boxPx: [number, number, number, number]): Mark => ({
  id,
  role,
  name,
  boxPx,
  pointPx: [(boxPx[0] + boxPx[2]) / 2, (boxPx[1] + boxPx[3]) / 2],
  source: 'dom',
  origin: 'http://127.0.0.1:4173',
});

export const sampleMarks: readonly Mark[] = [
  mark(1, 'searchbox', 'Search the shop', box(420, 28, 440, 44)),
  mark(2, 'button', 'Search', box(872, 28, 96, 44)),
  mark(3, 'link', 'Basket (0)', box(1120, 28, 120, 44)),
  mark(4, 'button', 'Add to basket', box(96, 560, 280, 48)),
  mark(5, 'button', 'Add <script>alert(1)</script> to basket', box(480, 560, 280, 48)),
  mark(6, 'button', 'Pay now', box(864, 560, 280, 48)),
];

/** Draws the page, `count` things in the basket. */
async function draw(count: number, marked: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const card = (x: number, title: string, colour: string, price: string) => `
    <rect x="${x - 24}" y="140" width="328" height="500" rx="16" fill="#fff" stroke="#d8dde4"/>
    <rect x="${x}" y="164" width="280" height="260" rx="10" fill="${colour}"/>
    <ellipse cx="${x + 140}" cy="300" rx="86" ry="58" fill="#fff" opacity=".55"/>
    <text x="${x}" y="470" font-size="24" font-weight="600" fill="#1c2430">${title}</text>
    <text x="${x}" y="510" font-size="22" fill="#5b6675">${price}</text>`;
  const marks = sampleMarks
    .map(({ id, boxPx: [x0, y0, x1, y1] }) => {
      const control = `<rect x="${x0}" y="${y0}" width="${x1 - x0}" height="${y1 - y0}" rx="8" fill="${id > 3 ? '#2257c9' : '#fff'}" stroke="#9aa6b6"/>`;
      const label = `<rect x="${x0 - 2}" y="${y0 - 2}" width="${x1 - x0 + 4}" height="${y1 - y0 + 4}" fill="none" stroke="#e0218a" stroke-width="3"/>
        <rect x="${x0 - 2}" y="${y0 - 24}" width="26" height="24" fill="#e0218a"/><text x="${x0 + 5}" y="${y0 - 5}" font-size="18" font-weight="700" fill="#fff">${id}</text>`;
      return control + (marked ? label : '');
    })
    .join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif">
    <rect width="100%" height="100%" fill="#f3f5f8"/><rect width="100%" height="100" fill="#1f2a3a"/>
    <text x="48" y="62" font-size="32" font-weight="700" fill="#fff">Stone &amp; Co</text>
    ${card(96, 'Pumice, fine', '#cdb9a5', '4.90 EUR')}${card(480, 'Pumice, coarse', '#a9b4bf', '4.50 EUR')}${card(864, 'Checkout', '#c9d7c3', `${count} in basket`)}
    ${marks}<text x="440" y="57" font-size="20" fill="#77828f">Search the shop</text>
    ${['Add to basket', 'Add to basket', 'Pay now'].map((text, i) => `<text x="${96 + 384 * i + 140}" y="591" text-anchor="middle" font-size="20" fill="#fff">${text}</text>`).join('')}
    <text x="1180" y="57" text-anchor="middle" font-size="18" fill="#1c2430">Basket (${count})</text></svg>`;
  return new Uint8Array(await sharp(Buffer.from(svg)).jpeg({ quality: 80 }).toBuffer());
}

const allow = (action: Action): Verdict => ({
  kind: 'allow',
  action,
  reasons: ['rules: inside all limits'],
  by: 'rules',
});

/** What the one critic says: in step 3 it is against, in step 4 a rule asks first and nobody asks it. */
const opinionsIn = (index: number, stampMs: number): { readonly opinions?: readonly GivenOpinion[] } => {
  if (index === 4) return {};
  const given = { critic: 'cosmos', tookMs: 180 + index, judgedStampMs: stampMs, tier: 'fast' };
  const prompt = { name: 'page-reason2-v1', sha256: '7c0f6b6a8d1e44f09a35c1d27f20be31' };
  const opinion: GivenOpinion =
    index === 3
      ? {
          ...given,
          kind: 'deny',
          evidence: 'irreversible',
          reasons: ['the person asked to stop before paying <img src=x>'],
        }
      : { ...given, kind: 'allow', confidence: 0.93, reasons: [] };
  return { opinions: [{ ...opinion, prompt, usage: { inputTokens: 1402, outputTokens: 3 } }] };
};

/** The steps of the sample; the same every time. */
export async function sampleSteps(): Promise<readonly StepRecord[]> {
  const pictures = [await draw(0, true), await draw(1, true), await draw(2, true)];
  const frame = (count: number, stampMs: number): Frame => ({
    data: pictures[count]!,
    encoding: 'jpeg',
    widthPx: WIDTH,
    heightPx: HEIGHT,
    cssWidthPx: WIDTH,
    cssHeightPx: HEIGHT,
    dpr: 1,
    stampMs,
    camera: 'page',
    marked: true,
  });
  const click = (markId: number): Action => ({ kind: 'ui-click', target: { markId }, button: 'left', count: 1 });
  const plan: readonly (readonly [count: number, action: Action, thought: string, change?: Partial<StepRecord>])[] = [
    [
      0,
      { kind: 'ui-type', target: { markId: 1 }, text: 'pumice <b>stone</b>', clear: true, submit: true },
      'The shop is open. I search for the stone by its name first.',
    ],
    [0, click(4), 'The fine stone is the first card. One click puts one packet into the basket.'],
    [1, click(4), 'One packet is in. The task asks for two.'],
    [
      2,
      click(6),
      'Both are in, so I press <script>alert("pay")</script> Pay now.',
      {
        verdict: {
          kind: 'deny',
          action: click(6),
          reasons: [
            "effect: 'Pay now' cannot be taken back",
            'cosmos: the person asked to stop before paying <img src=x>',
          ],
          by: 'cosmos',
        },
      },
    ],
    [
      2,
      { kind: 'ui-navigate', url: 'https://tracker.example/?q=<script>' },
      'Then I look for a receipt elsewhere.',
      {
        verdict: {
          kind: 'ask',
          action: { kind: 'ui-navigate', url: 'https://tracker.example/?q=<script>' },
          reasons: ['origin: https://tracker.example is not among the allowed origins'],
          by: 'origin',
        },
      },
    ],
    [
      2,
      { kind: 'ui-scroll', dxPx: 0, dyPx: 4000 },
      'I look at the rest of the page.',
      {
        verdict: {
          kind: 'modify',
          action: { kind: 'ui-scroll', dxPx: 0, dyPx: 2000 },
          reasons: ['scroll: 4000 px is over 2000 px, made smaller'],
          by: 'scroll',
        },
        act: { status: 'done', executed: { kind: 'ui-scroll', dxPx: 0, dyPx: 2000 } },
      },
    ],
    [
      2,
      click(3),
      'The basket shows what I have.',
      { act: { status: 'refused', reason: "the target 'Basket (2)' moved before the click" } },
    ],
    [2, { kind: 'ui-drag', from: { markId: 4 }, to: { xPx: 1004, yPx: 300 } }, 'I drag the card to the basket.'],
    [2, { kind: 'done', outcome: 'success', answer: sampleEnd.answer! }, 'Two packets are in the basket. I am done.'],
  ];
  return plan.map(([count, action, thought, change], index): StepRecord => {
    const stampMs = 1000 + index * 900;
    const observation: Observation = {
      stampMs,
      frames: [frame(count, stampMs)],
      marks: [...sampleMarks],
      ui: {
        url: 'http://127.0.0.1:4173/shop?from=<script>alert(2)</script>',
        title: 'Stone & Co',
        tabs: [{ index: 0, url: 'http://127.0.0.1:4173/shop', title: 'Stone & Co', active: true }],
        scroll: { xPx: 0, yPx: 0, maxXPx: 0, maxYPx: 1400 },
        notices:
          index === 5
            ? [
                {
                  kind: 'blocked',
                  text: 'a request to https://ads.example/<script>pixel</script> was blocked',
                  allowWith: '--allow-origin https://ads.example',
                },
                { kind: 'navigation', text: 'the page moved to /shop#basket' },
              ]
            : [],
      },
      seq: index,
      epoch: index > 3 ? 1 : 0,
      instruction: sampleFacts.instruction,
      history: [],
    };
    const [observeMs, thinkMs, checkMs, actMs] = [
      64 + index * 3,
      410 + ((index * 97) % 260),
      22 + index,
      38 + (index % 3) * 30,
    ];
    const verdict = change?.verdict ?? allow(action);
    const acts = verdict.kind === 'allow' || verdict.kind === 'modify';
    return {
      index,
      stampMs,
      observation,
      chunkId: `chunk-${index}`,
      thought,
      rawText: JSON.stringify({ thought, actions: [action] }),
      usage: { inputTokens: 1840 + index, outputTokens: 46 },
      proposed: action,
      judgedStampMs: stampMs,
      judgedAgeMs: observeMs + thinkMs + checkMs,
      ...(acts ? { act: { status: 'done', executed: verdict.action } as const } : {}),
      timings: {
        observeMs,
        thinkMs,
        checkMs,
        actMs: acts ? actMs : 0,
        totalMs: observeMs + thinkMs + checkMs + (acts ? actMs : 0) + 4,
      },
      dropped: index === 5 ? 2 : 0,
      ...change,
      verdict: { ...verdict, ...opinionsIn(index, stampMs) },
    };
  });
}

/** Text that tries to leave every place that text can be put in. */
const HOSTILE = `"'\`><img src=x onerror=pwned()></p></script></title></style></textarea><script>pwned()</script><style>*{display:none}</style><!-- &quot;&lt; \u202e\u0000 ]]>`;

/** The sample with hostile text in every place that comes from outside. */
export async function hostileEpisode(): Promise<Episode> {
  const spoil = <T>(value: T): T => mapText(value, (text) => text + HOSTILE);
  return {
    facts: spoil(sampleFacts),
    steps: (await sampleSteps()).map(spoil),
    end: spoil(sampleEnd),
    isComplete: false,
    wallAtZeroMs: 0,
  };
}
