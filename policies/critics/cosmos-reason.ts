/**
 * NVIDIA Cosmos Reason as a critic, for arms and pages. Every step or chunk gets a fast verdict: one word out of a list that the server
 * is held to. Where that is not enough (unsure; a way that leaves the picture; what cannot be taken back; every few seconds) it is asked
 * to think first, several times, and so many of its verdicts have to allow. Only a whole answer in the words that were offered can be a
 * yes (`cosmos-reason/verdict.ts`). One more veto and no guarantee: docs/critics.md says what is published of such models.
 */
import {
  type Action,
  type Context,
  type Critic,
  type CriticContext,
  defineCritic,
  effectOf,
  type Observation,
  type Opinion,
  PumiceError,
  parseOptions,
} from 'pumice';
import { chooseProfile, clipOf, profileOf, profileOption } from 'pumice/models';
import { z } from 'zod';
import { modelOf, serverOptions } from '../shared/model.ts';
import { showArm } from './cosmos-reason/arm.ts';
import { createMemory } from './cosmos-reason/clip.ts';
import { showPage } from './cosmos-reason/page.ts';
import { framesOf, type Shown, WHO } from './cosmos-reason/shown.ts';
import { type Asked, addUsage, createTiers } from './cosmos-reason/tiers.ts';
import { SAFE, UNSURE, type Watched } from './cosmos-reason/verdict.ts';

const options = z.strictObject({
  ...serverOptions,
  profile: profileOption.optional(),
  camera: z.string().min(1).default('third').describe('whose pictures it looks at, with an arm'),
  clipS: z
    .number()
    .min(0)
    .max(60)
    .default(0)
    .describe('seconds of video that it is shown, at the rate of its family; 0: the newest picture'),
  votes: z.int().min(1).max(9).default(3).describe('reasoned verdicts that are asked for at once'),
  needed: z.int().min(1).max(9).default(2).describe('how many of them have to allow'),
  reasonEveryS: z
    .number()
    .min(0)
    .default(30)
    .describe('seconds after which a step is reasoned about whatever the fast verdict says; 0: every step'),
});

const plugin = defineCritic({
  summary: 'Cosmos Reason looks at picture and proposal: one word at once, and a thought where that is not enough',
  options,
  create: (given): Critic => {
    const { camera, clipS, votes, needed, reasonEveryS } = given;
    if (needed > votes)
      throw new PumiceError('config/invalid', `needed: expected at most ${votes} (votes), got ${needed}`, {
        who: WHO,
        hint: 'Ask for more votes, or need fewer',
      });
    const model = modelOf(familyOf(given), given);
    const tiers = createTiers(model, { of: votes, needed });
    const memory = createMemory(clipS * 1000);
    /** When a thought was asked for last, or the episode began, ms. */
    let reasonedMs: number | undefined;

    const clip = async (frames: Observation['frames'], signal: AbortSignal): Promise<Asked['video']> => {
      if (clipS === 0) return undefined;
      memory.add(frames);
      // Of one picture there is no video.
      return memory.frames().length < 2 ? undefined : (await clipOf(memory.frames(), model.profile, signal)).video;
    };

    const opinionOn = async (
      { watched, shown, observation, why, isWaitedFor }: Case,
      context: Context,
    ): Promise<Opinion> => {
      if (observation.seq === 0) memory.forget();
      if (observation.seq === 0 || reasonedMs === undefined) reasonedMs = context.nowMs();
      const frames = framesOf(observation, watched === 'arm' ? camera : undefined);
      const asked: Asked = { watched, shown, video: await clip(frames, context.signal) };
      const fast = await tiers.fast?.(asked, context);
      if (fast && fast.kind !== 'allow' && fast.evidence !== UNSURE) return fast;
      const isDue = isWaitedFor && context.nowMs() - reasonedMs >= reasonEveryS * 1000;
      const isDoubtful = why !== undefined || shown.doubt !== undefined;
      if (fast?.kind === 'allow' && !isDue && !isDoubtful) return fast;
      reasonedMs = context.nowMs();
      const reasoned = await tiers.reasoned(asked, context);
      return fast?.usage && reasoned.usage ? { ...reasoned, usage: addUsage(fast.usage, reasoned.usage) } : reasoned;
    };

    const judgeArm = async (
      observation: Observation,
      {
        actions,
        stepMs,
        isWaitedFor,
      }: { actions: readonly Action[]; stepMs: number | undefined; isWaitedFor: boolean },
      context: CriticContext,
    ): Promise<Opinion> => {
      const shown = await showArm(observation, { actions, stepMs, camera, limits: context.limits });
      return shown ? opinionOn({ watched: 'arm', shown, observation, isWaitedFor }, context) : NOTHING_MOVES;
    };

    const judgePage = async (observation: Observation, proposed: Action, context: Context): Promise<Opinion> => {
      const shown = await showPage(observation, proposed);
      const effect = effectOf(proposed, observation);
      const why = effect.class === 'irreversible' ? effect.why : undefined;
      return opinionOn({ watched: 'page', shown, observation, why, isWaitedFor: true }, context);
    };

    return {
      name: 'cosmos-reason',
      judge: async (observation, proposed, context) => {
        context.signal.throwIfAborted();
        if (IDLE.includes(proposed.kind)) return NOTHING_MOVES;
        if (proposed.kind.startsWith('ui-')) return judgePage(observation, proposed, context);
        const { motion } = context.limits;
        const stepMs = typeof motion === 'object' ? motion.stepMs : undefined;
        const count = Math.max(1, Math.round(AHEAD_MS / (stepMs ?? AHEAD_MS)));
        const actions = [proposed, ...context.following].slice(0, count);
        return judgeArm(observation, { actions, stepMs, isWaitedFor: true }, context);
      },
      // A plan in motion does not wait for a thought that is merely due: its lease would run out.
      judgeChunk: async (observation, { actions, dtMs }, context) => {
        context.signal.throwIfAborted();
        return judgeArm(observation, { actions, stepMs: dtMs, isWaitedFor: false }, context);
      },
      prepare: (context) => tiers.tryOut(context),
    };
  },
});
export default plugin;

type Options = z.output<typeof options>;
/** The critic as a value, for programs: `cosmosReason({ url: 'http://gpu:8001/v1', model: 'nvidia/Cosmos-Reason2-8B' })`. */
export const cosmosReason = ({ url, ...given }: Omit<z.input<typeof options>, 'modelUrl'> & { url?: string }) =>
  plugin.create(parseOptions(options, { ...given, ...(url !== undefined && { modelUrl: url }) }, WHO));

interface Case {
  readonly watched: Watched;
  readonly shown: Shown;
  readonly observation: Observation;
  /** Why a fast verdict is not enough for this proposal. */
  readonly why?: string | undefined;
  /** Whether the body stands still until the verdict is there. */
  readonly isWaitedFor: boolean;
}

/** What comes later is for a look to come, ms: each step is judged again. Chosen: as far as cinder looks. */
const AHEAD_MS = 800;
/** Words to the loop and standing still. */
const IDLE: readonly Action['kind'][] = ['hold', 'done', 'hand-over'];
const NOTHING_MOVES: Opinion = { kind: 'allow', reasons: [], evidence: SAFE };

/** By option, by the model's name, else the middle generation. */
function familyOf({ profile, model }: Options) {
  const chosen = chooseProfile(profile, model, WHO);
  return profile === undefined && chosen.family === 'generic' ? profileOf('cosmos-reason2') : chosen;
}
