/** Before the files run beside each other: they share one Python. */
import { missing, python } from './python.ts';

export const setup = (): void => {
  if (missing() === undefined) python();
};
