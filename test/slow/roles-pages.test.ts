/** Models that operate pages, each through its policy, a real browser and a server that speaks for it: another answer is another end. */
import { cosmosReason } from 'pumice/policies/cosmos-reason';
import { magma } from 'pumice/policies/magma';
import { qvq } from 'pumice/policies/qvq';
import { uiTars } from 'pumice/policies/ui-tars';
import { vlm } from 'pumice/policies/vlm';
import { decodeImage } from 'pumice/vision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeModelServer, type Reply, says } from '../models/fake-model-server.ts';
import { markIn, openShop, wordsOf } from '../roles/shop.ts';

let shop: Awaited<ReturnType<typeof openShop>>;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const click = (target: unknown) => JSON.stringify({ thought: 'That one.', kind: 'ui-click', target });
const other = (name: string) => (name === 'Keep' ? 'Cancel' : 'Keep');
/** Middle of each button in CSS pixels. */
const MIDDLE = { Keep: [200, 140], Cancel: [800, 440] } as const;
type Name = keyof typeof MIDDLE;

/** What each family says when it means the button of a name. */
const FAMILIES = {
  'any VLM': {
    policy: (url: string) => vlm({ url, model: 'm' }),
    says:
      (name: Name): Reply =>
      (response, asked) =>
        says(click(markIn(asked, name)))(response, asked),
  },
  'Magma, by a mark': {
    policy: (url: string) => magma({ url, model: 'microsoft/Magma-8B' }),
    // The question has no list; marks are numbered in reading order.
    says:
      (name: Name): Reply =>
      (response, asked) => {
        expect(wordsOf(asked)).toContain(
          'In this view I need to click a button to "Keep the order"? Provide the coordinates and the mark index of the containing bounding box if applicable.',
        );
        says(`Coordinate: (${MIDDLE[name][0] / 1280},${MIDDLE[name][1] / 720}).`)(response, asked);
      },
  },
  'Cosmos Reason, thinking first': {
    policy: (url: string) => cosmosReason({ url, model: 'nvidia/Cosmos-Reason2-8B' }),
    says:
      (name: Name): Reply =>
      (response, asked) =>
        says(`<think>\nNot ${click(markIn(asked, other(name)))}.\n</think>\n\n${click(markIn(asked, name))}`)(
          response,
          asked,
        ),
  },
  'QVQ, aloud, by a place in thousandths': {
    policy: (url: string) => qvq({ url, model: 'Qwen/QVQ-72B-Preview' }),
    says:
      (name: Name): Reply =>
      (response, asked) => {
        const at = { xPx: (MIDDLE[name][0] / 1280) * 1000, yPx: (MIDDLE[name][1] / 720) * 1000 };
        says(`So I could ${click(markIn(asked, other(name)))}. But no.\n\n**Final Answer**\n\n${click(at)}`)(
          response,
          asked,
        );
      },
  },
  'UI-TARS, by a place on the picture as it was sent': {
    policy: (url: string) => uiTars({ url, model: 'UI-TARS-1.5-7B' }),
    says:
      (name: Name): Reply =>
      async (response, asked) => {
        const parts = asked.body.messages.at(-1)!.content as { image_url?: { url: string } }[];
        const url = parts.find((part) => part.image_url)!.image_url!.url;
        const { widthPx, heightPx } = await decodeImage(Buffer.from(url.split(',')[1]!, 'base64'));
        const at = [(MIDDLE[name][0] / 1280) * widthPx, (MIDDLE[name][1] / 720) * heightPx].map(Math.round);
        says(`Thought: I see it.\nAction: click(start_box='<|box_start|>(${at.join(',')})<|box_end|>')`)(
          response,
          asked,
        );
      },
  },
};

describe.each(Object.entries(FAMILIES))('%s', (_, { policy, says: reply }) => {
  it('presses what it names', async () => {
    await using server = await fakeModelServer(reply('Keep'));
    const { outcome, pressed } = await shop.attempt(policy(server.url));
    expect({ outcome, pressed }).toEqual({ outcome: 'success', pressed: ['keep'] });
  });
  it('another answer ends the run another way', async () => {
    await using server = await fakeModelServer(reply('Cancel'));
    expect(await shop.attempt(policy(server.url))).toMatchObject({ outcome: 'failure', pressed: ['cancel'] });
  });
  it('an answer without meaning presses nothing', async () => {
    await using server = await fakeModelServer(says('The page shows an order.'));
    const { outcome, pressed } = await shop.attempt(policy(server.url));
    expect({ outcome, pressed }).toEqual({ outcome: 'failure', pressed: [] });
  });
});
