/**
 * To which size Qwen-VL and what stands on it (QVQ, Cosmos Reason, UI-TARS) resize a picture: sides that are multiples of a factor, an
 * area within bounds, about the same shape. A model that writes pixels writes those of the resized picture.
 * Computes as `qwen_vl_utils/vision_process.py` 0.0.14 and transformers 5.23.0 (`qwen2_vl/image_processing_qwen2_vl.py`) do.
 */
import { PumiceError } from '../errors.ts';
import { roundHalfEven } from './python.ts';
import type { Picture } from './reading.ts';

export interface Size {
  readonly heightPx: number;
  readonly widthPx: number;
}

export interface ResizeRule {
  /** 28 for Qwen2-VL, QVQ, Qwen2.5-VL and Cosmos-Reason1; 32 for Qwen3-VL, Cosmos-Reason2 and Cosmos 3. */
  readonly factor: number;
  /** Default: 4 squares of the factor. */
  readonly minPixels?: number;
  /** Default: 16384 squares of the factor. */
  readonly maxPixels?: number;
  /** The two programs differ for slivers: qwen-vl-utils may shrink a side to 0, transformers gives one that is too large. */
  readonly as?: 'qwen-vl-utils' | 'transformers';
}

/** Longest side over shortest. */
const MOST_ELONGATED = 200;
const MIN_SQUARES = 4;
const MAX_SQUARES = 16_384;

const WHO = 'codec smart-resize';
const HINT = 'Give sides and bounds in pixels; cut a sliver, or pad it, before it is sent';

/** @throws PumiceError `config/invalid` for a sliver of more than 200 to 1, for bounds that exclude everything, for no picture. */
export function smartResize({ heightPx, widthPx }: Size, rule: ResizeRule): Size {
  const { factor, as = 'qwen-vl-utils' } = rule;
  const { minPixels = MIN_SQUARES * factor ** 2, maxPixels = MAX_SQUARES * factor ** 2 } = rule;
  requirePicture({ heightPx, widthPx });
  // Only one of them looks; the other shrinks to the upper bound.
  if (as === 'qwen-vl-utils' && !(maxPixels >= minPixels))
    throw new PumiceError('config/invalid', `expected at least ${minPixels} pixels at most, got ${maxPixels}`, {
      who: WHO,
      hint: HINT,
    });
  const least = as === 'qwen-vl-utils' ? factor : 0;
  const rounded = both((side) => Math.max(least, roundHalfEven(side / factor) * factor));
  const areaPx = rounded.heightPx * rounded.widthPx;
  if (areaPx > maxPixels) {
    const shrink = Math.sqrt((heightPx * widthPx) / maxPixels);
    return both((side) => Math.max(factor - least, Math.floor(side / shrink / factor) * factor));
  }
  if (areaPx >= minPixels) return rounded;
  const grow = Math.sqrt(minPixels / (heightPx * widthPx));
  return both((side) => Math.ceil((side * grow) / factor) * factor);

  function both(change: (sidePx: number) => number): Size {
    return { heightPx: change(heightPx), widthPx: change(widthPx) };
  }
}

/** A picture as the camera gave it, with the size in which a model that resizes by this rule sees it. Throws as {@link smartResize}. */
export function seenThrough(frame: Size, rule: ResizeRule): Picture {
  const { heightPx: sentHeightPx, widthPx: sentWidthPx } = smartResize(frame, rule);
  return { widthPx: frame.widthPx, heightPx: frame.heightPx, sentWidthPx, sentHeightPx };
}

/** @throws PumiceError `config/invalid` unless both sides are there and the shape is one that the models take. */
export function requirePicture({ heightPx, widthPx }: Size): void {
  const elongation = Math.max(heightPx, widthPx) / Math.min(heightPx, widthPx);
  if (heightPx > 0 && widthPx > 0 && elongation <= MOST_ELONGATED) return;
  throw new PumiceError(
    'config/invalid',
    `expected a picture of at most ${MOST_ELONGATED} to 1, got ${widthPx}x${heightPx}`,
    { who: WHO, hint: HINT },
  );
}
