/** Makes a motion smaller without changing its direction: translation by one factor, rotation by one factor of its angle. Pure. */
import type { Action } from '../types.ts';
import { rotationVectorOfRpy, rpyOfRotationVector, type Vec3 } from './rotation.ts';
import type { Shrink } from './rule.ts';

/** Only motions given as differences can be scaled; anything else comes back as it is, and is then judged again. */
export function shrinkAction(action: Action, shrink: Shrink): Action {
  switch (action.kind) {
    case 'eef-delta':
      return {
        ...action,
        dPosM: scale(action.dPosM, shrink.translation),
        dRpyRad:
          shrink.rotation === 1
            ? action.dRpyRad
            : rpyOfRotationVector(scale(rotationVectorOfRpy(action.dRpyRad), shrink.rotation)),
      };
    case 'eef-twist':
      return {
        ...action,
        linearMPerS: scale(action.linearMPerS, shrink.translation),
        angularRadPerS: scale(action.angularRadPerS, shrink.rotation),
      };
    default:
      return action;
  }
}

const scale = ([x, y, z]: Vec3, factor: number): [number, number, number] => [x * factor, y * factor, z * factor];
