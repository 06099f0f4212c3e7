/**
 * What is sent to servers with a wire of their own, by profile: Magma's /predict, OpenVLA's /act, CogVLM2's /video_qa, openpi's
 * observation. Values only; how they are packed (JSON, json-numpy, multipart, msgpack) and sent is the client's. Pure.
 */
import { PumiceError } from '../errors.ts';
import type { RawImage } from '../vision/index.ts';
import type { ModelProfile } from './profile.ts';
import type { SentImage } from './request.ts';

const misfit = ({ family }: ModelProfile, what: string, hint: string) =>
  new PumiceError('config/misfit', what, { who: `profile ${family}`, hint });

const base64 = (data: Uint8Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');

/** The body of Magma's POST /predict: base64 without a data URL before it; the server puts its own template around the prompt. */
export const magmaPredictBody = (prompt: string, { data }: SentImage) => ({ image: base64(data), prompt });

/** An array as json-numpy writes it: bytes row by row, and what they are. */
export const jsonNumpy = ({ data, widthPx, heightPx }: RawImage) => ({
  __numpy__: base64(data),
  dtype: '|u1',
  shape: [heightPx, widthPx, 3],
});

/** The body of OpenVLA's POST /act. The server lowers the case of the instruction and makes the prompt itself. */
export const openvlaActBody = (instruction: string, image: RawImage, unnormKey?: string) => ({
  image: jsonNumpy(image),
  instruction,
  ...(unnormKey !== undefined && { unnorm_key: unnormKey }),
});

/**
 * The form of CogVLM2-Video's POST /video_qa, beside its file `video`. A caption is asked for by name: the server writes the question.
 */
export const videoQaFields = ({ sampling }: ModelProfile, question: string) => ({
  question,
  temperature: String(sampling.plain.temperature),
});

/** What an arm senses and is told, in pumice's names. */
export interface ArmObservation {
  readonly image: RawImage;
  readonly wristImage?: RawImage;
  /** Readings of the robot, in the order that the server's config has. */
  readonly state?: readonly number[];
  readonly instruction: string;
}

/**
 * An observation in the names of a server's own config (`fields` of the profile).
 *
 * @throws PumiceError `config/misfit` for a part that the profile has no name for, or lacks though it has one.
 */
export function namedObservation(
  profile: ModelProfile,
  observation: ArmObservation,
): Readonly<Record<string, unknown>> {
  const { fields } = profile;
  if (!fields)
    throw misfit(profile, 'names no fields of an observation', 'Give it fields: { image, state, instruction }');
  const { actions: _, ...asked } = fields;
  const given = Object.fromEntries(Object.entries(observation).filter(([, value]) => value !== undefined));
  const unnamed = Object.keys(given).find((part) => !(part in asked));
  if (unnamed !== undefined)
    throw misfit(profile, `has no name for '${unnamed}'`, `Add fields.${unnamed} to the profile`);
  const lacking = Object.keys(asked).find((part) => !(part in given));
  if (lacking !== undefined)
    throw misfit(
      profile,
      `expects '${lacking}', the body has none`,
      `Take fields.${lacking} out of the profile, or sense it`,
    );
  return Object.fromEntries(Object.entries(asked).map(([part, name]) => [name, given[part]]));
}
