/** What `pumice decode` can read: one row per form of answer. Knows the decoders; the command asks nothing else of them. */
import {
  type ActionStats,
  type CoordinateSpace,
  type Mode,
  type Picture,
  type Reading,
  readAction,
} from '../codecs/index.ts';

/** What the command was told. Each part that is asked for and was not given is refused with the name of its flag. */
export interface DecodeContext {
  readonly mode: Mode;
  /** In which numbers the model of `--profile` writes places. */
  readonly space: () => CoordinateSpace;
  /** `--picture WxH`, and `--sent WxH` where the model saw another size. */
  readonly picture: () => Picture;
  /** `--stats NAME|FILE[#KEY]`. */
  readonly stats: () => ActionStats;
  /** `--frame`, the frame that an arm's deltas are in. */
  readonly frameId: string;
}

export interface DecodeFormat {
  readonly summary: string;
  readonly read: (text: string, context: DecodeContext) => Reading<unknown>;
}

export const DECODE_FORMATS: Readonly<Record<string, DecodeFormat>> = {
  'magma-action': {
    summary: "seven action tokens of Magma or OpenVLA, as text or as ids: the arm's motion; needs --stats",
    read: (text, { stats, mode, frameId }) => readAction(text, { stats: stats(), mode, frameId }),
  },
};
