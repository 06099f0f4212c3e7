/** Recording an episode, reading it back, running it again, and showing it as a page. */
export { type Episode, readEpisode } from './reader.ts';
export { type Recorder, type RecorderOptions, recorder } from './recorder.ts';
export { type ReportOptions, type ReportVideo, renderReport } from './report/render.tsx';
export { opinionsOn } from './report/view.ts';
export { type Proposed, type Rerun, rerunGate, rerunPolicy } from './rerun.ts';
export { isExecuted, lacksOf, type Unchecked, uncheckedOf } from './unchecked.ts';
export { makeVideo, type Video, type VideoOptions } from './video.ts';
export { type WriteReportOptions, type WrittenReport, writeReport } from './write-report.ts';
