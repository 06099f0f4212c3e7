/** A program that opens the real-time arm, closes it when told to, and is over. */
import { sim } from '../../../dist/envs/sim/index.js';

const env = await sim({ realtime: true, sizePx: 64, cameras: ['third'] });
await env.reset({ instruction: 'pick up the red block' }, { signal: new AbortController().signal });
if (process.argv[2] === 'closed') await env.close();
process.stdout.write('over');
