/** Recording an episode, reading it back, and showing it as a page. */
export { type Episode, readEpisode } from './reader.ts';
export { recorder } from './recorder.ts';
export { renderReport } from './report/render.tsx';
