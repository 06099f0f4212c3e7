/**
 * UI-TARS as a policy for pages: the bare picture and the goal in, a thought and one call with places out. It was trained on screens
 * without marks, in the size that its own preprocessing gives them, and writes places in pixels of that size.
 */
import { definePolicy, type Observation, type Policy, parseOptions } from 'pumice';
import { type CoordinateSpace, type Picture, readUiTars } from 'pumice/codecs';
import {
  chatRequestOf,
  chooseProfile,
  cssSizeOf,
  type ModelProfile,
  openaiChat,
  profileOf,
  profileOption,
  promptOf,
  sentPicture,
  UI_KINDS,
} from 'pumice/models';
import { decodeImage } from 'pumice/vision';
import { z } from 'zod';
import { type ServerOptions, serverOptions } from './shared/model.ts';
import { uiPolicy } from './shared/ui-thinking.ts';

const WHO = 'policy ui-tars';
/** Steps that it is told of. As many as its own program shows it pictures of. */
const TOLD_STEPS = 5;

const plugin = definePolicy({
  summary: 'UI-TARS: operates pages by sight alone',
  options: z.strictObject({ ...serverOptions, profile: profileOption.optional() }),
  actionKinds: UI_KINDS,
  example: (): Observation => ({
    seq: 0,
    epoch: 0,
    stampMs: 0,
    instruction: 'press Save',
    history: [],
    frames: [
      { data: new Uint8Array(56 * 56 * 3), encoding: 'rgb8', widthPx: 56, heightPx: 56, stampMs: 0, camera: 'page' },
    ],
  }),
  create: ({ profile, ...server }): Policy =>
    onPage(profile === undefined ? profileOf('ui-tars') : chooseProfile(profile, server.model, WHO), server),
});
export default plugin;

/** The policy as a value, for programs: `uiTars({ url, model })`. */
export const uiTars = ({ url, ...options }: Omit<z.input<typeof plugin.options>, 'modelUrl'> & { url?: string }) =>
  plugin.create(parseOptions(plugin.options, { ...options, ...(url !== undefined && { modelUrl: url }) }, WHO));

function onPage(profile: ModelProfile, server: ServerOptions): Policy {
  const space = profile.space as CoordinateSpace | undefined;
  /** Of the look in hand. */
  let picture: Picture | undefined;
  const thinking = uiPolicy({
    name: 'ui-tars',
    chat: openaiChat(server),
    drawsMarks: false,
    form: 'Answer with a line that begins with Thought: and a line that begins with Action:, with one call of the list.',
    thoughtIn: (text) => /Thought[:：]\s*([\s\S]*?)(?:\nAction[:：]|$)/.exec(text)?.[1] ?? '',
    question: async (observation, jpeg) => {
      const sent = await sentPicture(profile, await decodeImage(jpeg));
      // Places come out in CSS pixels, whatever the screen's pixel ratio.
      const [widthPx, heightPx] = cssSizeOf(observation.frames[0]!);
      picture = { ...sent.picture, widthPx, heightPx };
      const text = promptOf(profile, 'ui', { instruction: `${observation.instruction}${toldOf(observation)}` });
      return chatRequestOf(profile, { text, ...(sent.image && { images: [sent.image] }) });
    },
    decode: ({ text }) => {
      const reading = readUiTars(text, { space, picture: picture! });
      if (!reading.ok) throw reading.problem;
      const { actions, thought } = reading.value;
      return { action: actions[0]!, ...(thought !== undefined && { thought }) };
    },
  });
  return { ...thinking, seesBare: true };
}

function toldOf({ history }: Observation): string {
  if (history.length === 0) return '';
  const lines = history.slice(-TOLD_STEPS).map(({ proposed, executed, refusal, verdict, targetText }) => {
    const how = executed ? 'done' : (refusal ?? verdict.reasons.join('; '));
    return `- ${proposed.kind}${targetText === undefined ? '' : ` on ${JSON.stringify(targetText.slice(0, 120))}`}: ${JSON.stringify(how.slice(0, 200))}`;
  });
  return `\n\n## Action History\n${lines.join('\n')}`;
}
