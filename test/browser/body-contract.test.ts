import { envContract } from 'pumice/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { browser } from '../../envs/browser/index.ts';
import { openSite, type Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite({ '/': '<button>One</button>' });
});
afterAll(() => site.close());

describe('the browser', () => {
  const make = () => browser({ url: `${site.url}/` });
  for (const { title, check } of envContract(make, { instruction: 'go' }, { kind: 'ui-hover', target: { markId: 0 } }))
    it(title, check);
});
