/** Which ranges a name stands for: those shipped with Magma, ember's own, or a file of the user's. Shared by the policies for arms. */
import { type ActionStats, actionStats } from 'pumice/codecs';
import { readModel } from '../ember/model.ts';

/** @throws PumiceError `config/invalid` naming what there is. */
export function statsOf(name: string, _who: string): ActionStats {
  return name === 'ember' ? readModel().stats : actionStats(name);
}
