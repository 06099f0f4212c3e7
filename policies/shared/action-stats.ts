/** Which ranges a name stands for: those shipped with Magma, ember's own, or a file of the user's. Shared by the policies for arms. */
import { PumiceError } from 'pumice';
import type { ActionStats } from 'pumice/codecs';
import { loadActionStats } from 'pumice/models';
import { readModel } from '../ember/model.ts';

/** @throws PumiceError `config/invalid` naming what there is. */
export function statsOf(name: string | undefined, who: string): ActionStats {
  if (name === undefined)
    throw new PumiceError('config/invalid', 'stats: expected the name of the ranges of its actions, got none', {
      who,
      hint: "Name those of the model's training set: --stats bridge_orig, google_robot or ember; another robot's give motions of the wrong size",
    });
  return name === 'ember' ? readModel().stats : loadActionStats(name);
}
