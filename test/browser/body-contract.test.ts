import type { Browser } from 'playwright';
import { envContract } from 'pumice/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createBody } from '../../envs/browser/body.ts';
import { browserOptions } from '../../envs/browser/options.ts';
import { launchBrowser } from './chromium.ts';
import { hostIn } from './rig.ts';
import { openSite, type Site } from './site.ts';

let site: Site;
let chromium: Browser;
beforeAll(async () => {
  chromium = await launchBrowser();
  site = await openSite({ '/': '<button>One</button>' });
});
afterAll(async () => {
  await chromium.close();
  await site.close();
});

describe('the browser', () => {
  const make = () =>
    createBody(
      browserOptions.parse({ url: `${site.url}/` }),
      hostIn(() => chromium),
    );
  for (const { title, check } of envContract(make, { instruction: 'go' }, { kind: 'ui-hover', target: { markId: 0 } }))
    it(title, check);
});
