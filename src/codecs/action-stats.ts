/**
 * Ranges that actions of published models were normalised by: the 1st and 99th percentile of each number in its training set.
 * As shipped with Magma in `magma_model.py` (microsoft/Magma `e373780`). Metres and radians.
 */
import { PumiceError } from '../errors.ts';

/** Seven numbers each, in the order x y z roll pitch yaw gripper. */
export interface ActionStats {
  /** What the ranges are of; goes into records. */
  readonly name: string;
  readonly q01: readonly number[];
  readonly q99: readonly number[];
  /** Which numbers are scaled; the others stay as the model said them. Absent: all are. */
  readonly mask?: readonly boolean[];
}

const ALL_BUT_GRIPPER = [true, true, true, true, true, true, false];

const SHIPPED: readonly ActionStats[] = [
  {
    name: 'bridge_orig',
    q01: [
      -0.02872725307941437, -0.04170349963009357, -0.026093858778476715, -0.08092105075716972, -0.09288699507713317,
      -0.20718276381492615, 0,
    ],
    q99: [
      0.028309678435325586, 0.040855254605412394, 0.040161586627364146, 0.08192047759890528, 0.07792850524187081,
      0.20382574498653397, 1,
    ],
    mask: ALL_BUT_GRIPPER,
  },
  {
    name: 'google_robot',
    q01: [
      -0.22453527510166169, -0.14820013284683228, -0.231589707583189, -0.3517994859814644, -0.4193011274933815,
      -0.43643461108207704, 0,
    ],
    q99: [
      0.17824687153100965, 0.14938379630446405, 0.21842354819178575, 0.5892666035890578, 0.35272657424211445,
      0.44796681255102094, 1,
    ],
    mask: ALL_BUT_GRIPPER,
  },
];

/**
 * Ranges by name. There is no default: another robot's ranges give motions of the wrong size.
 *
 * @throws PumiceError `config/invalid` naming what there is.
 */
export function actionStats(name: string): ActionStats {
  const found = SHIPPED.find((stats) => stats.name === name);
  if (found) return found;
  const names = SHIPPED.map((stats) => stats.name).join(', ');
  throw new PumiceError('config/invalid', `no action statistics '${name}' (there is: ${names})`, {
    who: 'codec action-tokens',
    hint: "Name those of the model's training set, or hand in your own as { name, q01, q99, mask }",
  });
}
