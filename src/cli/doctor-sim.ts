/** `pumice doctor sim`: whether a simulator can be started, steps and draws here, and with `--calibrate` whether its robot goes where it is told. */
import { describeError, PumiceError } from '../errors.ts';
import type { DoctorOptions, Finding } from './doctor.ts';

export async function* checkSimulator({ backend, python, calibrate, task }: DoctorOptions): AsyncGenerator<Finding> {
  const { BACKENDS, calibration, examineSimulator } = await import('../../envs/simpler/index.ts');
  if (backend === undefined)
    throw new PumiceError('cli/usage', 'expected --backend', {
      who: 'pumice doctor sim',
      hint: `Give --backend ${BACKENDS.join('|')} --python sim/bin/python`,
    });
  const asked = { backend, python: python ?? 'python3', ...(task !== undefined && { task }) };
  try {
    const { versions, renderer, beginMs, drawMs, isBlank } = await examineSimulator(asked);
    yield { how: 'ok', what: 'simulator', says: `${versions}; begins in ${Math.round(beginMs)} ms` };
    const says = `${renderer}; one picture in ${Math.round(drawMs)} ms`;
    yield isBlank
      ? { how: 'fail', what: 'renderer', says: `${says}; it is blank: install another driver` }
      : { how: 'ok', what: 'renderer', says };
    if (calibrate) yield* calibration(asked);
  } catch (error) {
    yield { how: 'fail', what: 'simulator', says: describeError(error) };
  }
}
