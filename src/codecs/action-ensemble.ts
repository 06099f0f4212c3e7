/**
 * What several predictions of one moment come to: a policy that predicts some steps ahead at each step has, at any time, as many
 * predictions of *now* as steps. As SimplerEnv's ActionEnsembler averages them (simpler-env/SimplerEnv `4ab7178`).
 */
import { PumiceError } from '../errors.ts';

export interface ActionEnsemble {
  /** Forgets all predictions: an episode begins. */
  readonly reset: () => void;
  /**
   * @param prediction - `[horizon, n]`, for now and the steps after; or `[n]`, for now alone.
   * @returns `[n]`, the average for now. Weights are exp(-temperature * age rank), the oldest prediction first: above 0 the older
   *   count more, below 0 the newer.
   * @throws PumiceError `decode/schema` for a prediction that is shorter than the horizon, or empty.
   */
  readonly next: (prediction: readonly number[] | readonly (readonly number[])[]) => number[];
}

export function actionEnsemble({
  horizon,
  temperature = 0,
}: {
  horizon: number;
  temperature?: number;
}): ActionEnsemble {
  if (!Number.isInteger(horizon) || horizon < 1)
    throw new PumiceError('config/invalid', `expected a horizon of 1 or more, got ${horizon}`, { who: WHO });
  const history: (readonly (readonly number[])[])[] = [];
  return {
    reset: () => void history.splice(0),
    next: (prediction) => {
      history.push(rowsOf(prediction, horizon));
      if (history.length > horizon) history.shift();
      const ofNow = history.map((rows, at) => rowOf(rows, history.length - 1 - at));
      const weights = ofNow.map((_, at) => Math.exp(-temperature * at));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return ofNow[0]!.map((_, axis) => ofNow.reduce((sum, row, at) => sum + (weights[at]! / total) * row[axis]!, 0));
    },
  };
}

const WHO = 'codec action-ensemble';

/** One action alone stands for whichever moment it is asked of. */
const rowsOf = (
  prediction: readonly number[] | readonly (readonly number[])[],
  horizon: number,
): readonly (readonly number[])[] =>
  typeof prediction[0] === 'number'
    ? Array<readonly number[]>(horizon).fill(prediction as readonly number[])
    : (prediction as readonly (readonly number[])[]);

function rowOf(rows: readonly (readonly number[])[], stepsAgo: number): readonly number[] {
  const row = rows[stepsAgo];
  if (row) return row;
  throw new PumiceError(
    'decode/schema',
    `expected a prediction for ${stepsAgo} steps ahead, got ${rows.length} steps`,
    { who: WHO, hint: "Give the ensemble no longer a horizon than the model's" },
  );
}
