/** What the browser body can be told. */
import type { Page } from 'playwright';
import { z } from 'zod';

const secretSource = z.strictObject({ env: z.string().min(1), origin: z.string().min(1) });

/** Recognised by what is used of it, since the user's Playwright may be another copy than ours. */
const playwrightPage = z.custom<Page>(
  (value) =>
    typeof value === 'object' && value !== null && 'goto' in value && 'mainFrame' in value && 'context' in value,
  'expected a Playwright page',
);

export const browserOptions = z
  .strictObject({
    /** Where the episode begins. With `page` or `cdp` it may be left out: the episode begins where the page is. */
    url: z
      .url({ protocol: /^https?$/, error: 'expected a whole http(s) address, like https://shop.example' })
      .optional(),
    allowOrigins: z.array(z.string()).default([]),
    strictNetwork: z.boolean().default(false),
    noSandbox: z.boolean().default(false),
    headed: z.boolean().default(false),
    executablePath: z.string().optional(),
    /** Folder of a profile that is kept. */
    profile: z.string().optional(),
    /** File of cookies and local storage, as Playwright saves it. */
    storageState: z.string().optional(),
    /** Address of a running browser's debugger. */
    cdp: z.string().optional(),
    page: playwrightPage.optional(),
    secrets: z.record(z.string(), secretSource).default({}),
    /** Files, and folders with all that is in them, that may be handed to pages; without it none. */
    uploads: z.array(z.string().min(1)).default([]),
    /** `allow` asks nobody before what cannot be taken back, and holds nothing back: for worlds in which nothing can be lost. */
    irreversible: z.enum(['ask', 'allow']).default('ask'),
    /** Where downloads are kept; without it they are thrown away. */
    downloadsDir: z.string().optional(),
    viewport: z
      .strictObject({ width: z.int().min(50).max(10_000), height: z.int().min(50).max(10_000) })
      .default({ width: 1280, height: 720 }),
    /** Whether visible text is read with each observation. */
    text: z.boolean().default(true),
  })
  .superRefine(({ url, page, cdp, profile, storageState }, context) => {
    if (url === undefined && page === undefined && cdp === undefined)
      context.addIssue({ code: 'custom', path: ['url'], message: 'expected a start URL, got none' });
    if ([page, cdp, profile, storageState].filter((one) => one !== undefined).length > 1)
      context.addIssue({ code: 'custom', message: 'expected one of page, cdp, profile and storageState, got several' });
  });

export type BrowserOptions = z.input<typeof browserOptions>;
export type ReadOptions = z.output<typeof browserOptions>;
