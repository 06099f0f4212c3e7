/** Recording an episode, reading it back, running it again, and showing it as a page. */
export { type Episode, readEpisode } from './reader.ts';
export { type Recorder, type RecorderOptions, recorder } from './recorder.ts';
export { renderReport } from './report/render.tsx';
export { type Proposed, type Rerun, rerunGate, rerunPolicy } from './rerun.ts';
