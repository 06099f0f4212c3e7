/**
 * Makes of a run what the dashboard shows: bounded records without pictures, pictures by number, and the status after each event.
 * Pure but for the numbers that it gives to pictures. What is shown is masked first and shortened then, or half a secret might be left.
 */
import type { RunEvent } from '../events.ts';
import type { DriverState, Question } from '../ports.ts';
import { mapText } from '../record/map-text.ts';
import { boundRecord } from '../record/report/bounds.ts';
import { framesOf } from '../record/report/view.ts';
import type { Frame, Observation, StepRecord } from '../types.ts';
import type { Note, PictureRef, ShownLook, ShownQuestion, ShownStep, Status } from './messages.ts';

/** Share of a picture's right side that has to lie level for it to say where right is. */
const LEVEL = 0.5;
/** Characters of a thought that are shown while it is written. Chosen: its end, a page of print. */
const MOST_THOUGHT = 6000;

export type Mask = (text: string) => string;

/** Numbers pictures: one that comes again keeps its number. */
export interface Pictures {
  readonly refOf: (frame: Frame) => PictureRef;
  /** A number for a picture that is shown for a moment only. */
  readonly nextId: () => number;
}

/** From the right side of the picture (`cameraInBase`: x right, y up, z towards the viewer), as it lies on the table. */
function upOf({ cameraInBase }: Frame): number | undefined {
  if (!cameraInBase) return undefined;
  const [x, y, z, w] = cameraInBase.qXyzw;
  const right = [1 - 2 * (y * y + z * z), 2 * (x * y + w * z)] as const;
  // A camera that lies on its side shows no right and left of a table.
  return Math.hypot(...right) < LEVEL ? undefined : Math.atan2(right[0], -right[1]);
}

export const pictureRef = (id: number, frame: Frame): PictureRef => ({
  id,
  camera: frame.camera,
  isMarked: frame.marked ?? false,
  cssWidthPx: frame.cssWidthPx ?? frame.widthPx,
  cssHeightPx: frame.cssHeightPx ?? frame.heightPx,
  stampMs: frame.stampMs,
  ...(upOf(frame) !== undefined && { upRad: upOf(frame)! }),
});

/** @param onFrame - is told of each picture once, before anything that speaks of it. */
export function numberPictures(onFrame: (id: number, frame: Frame) => void): Pictures {
  const ids = new WeakMap<Uint8Array, number>();
  let count = 0;
  const nextId = () => ++count;
  return {
    nextId,
    refOf: (frame) => {
      let id = ids.get(frame.data);
      if (id === undefined) {
        id = nextId();
        ids.set(frame.data, id);
        onFrame(id, frame);
      }
      return pictureRef(id, frame);
    },
  };
}

const withoutPictures = (record: StepRecord): StepRecord =>
  record.observation
    ? {
        ...record,
        observation: {
          ...record.observation,
          frames: record.observation.frames.map((frame) => ({ ...frame, data: new Uint8Array() })),
        },
      }
    : record;

export function shownStep(record: StepRecord, pictures: Pictures, mask: Mask): ShownStep {
  return {
    record: boundRecord(mapText(withoutPictures(record), mask)),
    pictures: framesOf(record).map(pictures.refOf),
  };
}

/** Between two steps of a person who leads that tell the same, ms. Chosen: ten a second, as the simulated arm has them without a person. */
const SAME_MS = 100;

/**
 * Leaves out steps that tell nothing new to the eye: those that a person's controls began within a moment of the last one that was shown,
 * with the same verdict and the same person at the same controls. @returns whether a step is shown.
 */
export function thinSteps(): (record: StepRecord) => boolean {
  let shownMs = Number.NEGATIVE_INFINITY;
  let shown = '';
  return ({ stampMs, verdict, human, act }) => {
    const told =
      human && JSON.stringify([verdict.kind, act?.status, human.isHeld, human.mode, human.refused, human.help]);
    if (told !== undefined && told === shown && stampMs > shownMs && stampMs - shownMs < SAME_MS) return false;
    shownMs = stampMs;
    shown = told ?? '';
    return true;
  };
}

/** What is being looked at, with the action that it is about, if there is one yet. */
function shownLook(index: number, observation: Observation, question: Question | undefined, tools: Tools): ShownLook {
  const { pictures, mask } = tools;
  const about = question?.verdict.action ?? { kind: 'hold' as const };
  const timings = { observeMs: 0, thinkMs: 0, checkMs: 0, actMs: 0, totalMs: 0 };
  const verdict = { kind: 'ask' as const, action: about, reasons: [], by: '' };
  const record = {
    index,
    stampMs: 0,
    observation,
    proposed: question?.proposed ?? about,
    verdict,
    timings,
    dropped: 0,
  };
  const { record: bounded, pictures: refs } = shownStep(record, pictures, mask);
  return { index, observation: bounded.observation!, pictures: refs };
}

export interface Tools {
  readonly pictures: Pictures;
  readonly mask: Mask;
  /** Wall time of now, and of a stamp. */
  readonly wallMs: (stampMs?: number) => number;
}

export const IDLE: Status = { phase: 'waiting', instruction: '', thought: '', canStart: false };

/** The status after an event of the run. */
export function nextStatus(status: Status, event: RunEvent, tools: Tools): Status {
  const { mask, wallMs } = tools;
  switch (event.kind) {
    case 'episode-start': {
      const facts = mapText(event.facts, mask);
      return {
        ...{ phase: 'running', facts, instruction: facts.instruction, thought: '', canStart: false },
        startedWallMs: facts.startedWallMs,
        ...(status.isPiloted && { isPiloted: true }),
        ...(status.isByHand && { isByHand: true }),
        ...(status.driver && { driver: status.driver }),
      };
    }
    case 'step-start': {
      const { proposed: _proposed, handOver: _handOver, ...rest } = status;
      return { ...rest, step: event.index, doing: 'looking', thought: '' };
    }
    case 'observed': {
      const look = shownLook(status.step ?? 0, event.observation, undefined, tools);
      const { seq, marks = [] } = look.observation;
      // Of an arm that is led: steps come and go meanwhile, marks stay until there are newer ones.
      if (status.isPiloted) return { ...status, marked: { seq, marks, pictures: look.pictures } };
      return { ...status, look, doing: 'thinking' };
    }
    case 'thought-delta':
      return { ...status, doing: 'thinking', thought: mask(status.thought + event.text).slice(-MOST_THOUGHT) };
    case 'action-proposed':
      return {
        ...status,
        doing: 'checking',
        proposed: mapText(event.action, mask),
        ...(event.thought !== undefined && { thought: mask(event.thought).slice(-MOST_THOUGHT) }),
      };
    case 'hand-over':
      return { ...status, handOver: mask(event.reason) };
    case 'step-end': {
      const { look: _look, proposed: _proposed, ...rest } = status;
      return { ...rest, step: event.record.index, ...(event.record.thought !== undefined && { thought: '' }) };
    }
    case 'paused':
      return { ...status, phase: 'paused' };
    case 'resumed': {
      const { handOver: _handOver, ...rest } = status;
      return { ...rest, phase: 'running' };
    }
    case 'instruction-changed':
      return { ...status, instruction: mask(event.instruction) };
    case 'protective-stop':
    case 'stop-latched': {
      const kind = event.kind === 'stop-latched' ? 'latched' : 'protective';
      return { ...status, stop: { kind, cause: mask(event.cause) } };
    }
    case 'episode-end': {
      const { look: _look, doing: _doing, marked: _marked, ...rest } = status;
      return { ...rest, phase: 'over', end: mapText(event.end, mask), endedWallMs: wallMs() };
    }
    default:
      return status;
  }
}

export const withDriver = ({ driver: _before, ...status }: Status, driver: DriverState | undefined): Status =>
  driver ? { ...status, driver } : status;

export function shownQuestion(question: Question, index: number, tools: Tools): ShownQuestion {
  const { id, canEdit, expiresMs, observation } = question;
  const { proposed, verdict } = mapText({ proposed: question.proposed, verdict: question.verdict }, tools.mask);
  return {
    ...{ id, proposed, verdict, canEdit },
    look: shownLook(index, observation, question, tools),
    expiresWallMs: tools.wallMs(expiresMs),
  };
}

/** What of an event belongs into the log. */
export function noteOf(event: RunEvent, { mask, wallMs }: Tools): Note | undefined {
  const note = (level: Note['level'], text: string): Note => ({ wallMs: wallMs(), level, text: mask(text) });
  switch (event.kind) {
    case 'episode-start':
      return note('info', `Begins: ${event.facts.instruction}`);
    case 'progress':
      return note('info', `${event.who}: ${event.text}`);
    case 'approval-asked':
      return note('warning', 'A person is asked');
    case 'hand-over':
      return note('warning', `Over to a person: ${event.reason}`);
    case 'chunk-refused':
      return note('info', `Not played: ${event.text}`);
    case 'paused':
      return note('info', 'Paused');
    case 'resumed':
      return note('info', 'Goes on');
    case 'instruction-changed':
      return note('info', `New instruction: ${event.instruction}`);
    case 'warning':
      return note('warning', event.text);
    case 'protective-stop':
      return note('stop', `Protective stop: ${event.cause}`);
    case 'stop-latched':
      return note('stop', `Stopped: ${event.cause}`);
    case 'sink-failed':
      return note('warning', `Sink ${event.sink} failed: ${event.reason}`);
    case 'episode-end':
      return note('info', `Over: ${event.end.outcome}, ${event.end.reason}`);
    default:
      return undefined;
  }
}
