/**
 * The one way in which a critic is asked: within its deadline, on copies, and its answer read by its schema. Knows no verdict.
 */
import { defer, map, type Observable } from 'rxjs';
import type { Ask } from './ask.ts';
import type { Answer, Critic, CriticContext, Limits } from './ports.ts';
import { type GivenOpinion, type Observation, type Opinion, opinionSchema } from './types.ts';

/** Stamp of the newest thing that was seen: of a picture, or of the body's readings where there is no camera. */
export const evidenceOf = ({ frames, stampMs }: Pick<Observation, 'frames' | 'stampMs'>): number =>
  frames.length > 0 ? Math.max(...frames.map((frame) => frame.stampMs)) : stampMs;

export interface Asked {
  readonly critic: Critic;
  readonly observation: Observation;
  readonly limits: Limits;
  readonly nowMs: () => number;
}

/** Fails as the critic does, or with what is wrong about its answer. */
export function opinionOf(
  ask: Ask,
  { critic, observation, limits, nowMs }: Asked,
  judge: (context: CriticContext) => Answer<Opinion>,
): Observable<GivenOpinion> {
  return defer(() => {
    const askedMs = nowMs();
    return ask('critic', `critic ${critic.name}`, (context) => judge({ ...context, limits })).pipe(
      map((opinion) => ({
        ...(opinionSchema.parse(opinion) as Opinion),
        critic: critic.name,
        tookMs: nowMs() - askedMs,
        judgedStampMs: evidenceOf(observation),
      })),
    );
  });
}
