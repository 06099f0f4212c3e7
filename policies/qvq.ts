/**
 * QVQ (and its hosted kin) as a policy for pages: it thinks step by step, aloud, and its conclusion holds one action. What it weighs
 * on the way is never taken for an answer.
 */
import { definePolicy, type Observation, parseOptions } from 'pumice';
import { chooseProfile, profileOf, profileOption, UI_KINDS } from 'pumice/models';
import { z } from 'zod';
import { serverOptions } from './shared/model.ts';
import { pageModel } from './shared/page-model.ts';
import { withSelfTest } from './shared/self-test.ts';

const WHO = 'policy qvq';

const plugin = definePolicy({
  summary: 'QVQ: thinks step by step about the page, then acts',
  options: z.strictObject({ ...serverOptions, profile: profileOption.optional() }),
  actionKinds: UI_KINDS,
  example: (): Observation => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'press Save',
    history: [],
    frames: [{ data: new Uint8Array(48), encoding: 'rgb8', widthPx: 4, heightPx: 4, stampMs: 0, camera: 'page' }],
    marks: [{ id: 7, boxPx: [0, 0, 4, 4], pointPx: [2, 2], role: 'button', name: 'Save', source: 'dom' }],
  }),
  create: ({ profile: given, ...server }) => {
    const profile = given === undefined ? profileOf('qvq') : chooseProfile(given, server.model, WHO);
    return withSelfTest(pageModel({ name: 'qvq', profile, think: true, ...server }), { profile, ...server });
  },
});
export default plugin;

/** The policy as a value, for programs: `qvq({ url, model })`. */
export const qvq = ({ url, ...options }: Omit<z.input<typeof plugin.options>, 'modelUrl'> & { url?: string }) =>
  plugin.create(parseOptions(plugin.options, { ...options, ...(url !== undefined && { modelUrl: url }) }, WHO));
