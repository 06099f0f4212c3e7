/**
 * The controls of this page: keys, sliders, a gamepad, and the dead-man, which is let go by whatever may mean that nobody is there. Says
 * samples of their whole state while the dead-man is held, in each frame and at each change. Knows nothing of how it looks.
 */
import type { PilotInput } from '../../ports.ts';
import type { PilotState } from '../messages.ts';
import {
  AT_REST,
  AXES,
  type Axis,
  DEAD_MAN_KEY,
  DESCEND_KEY,
  fromPicture,
  HAND_KEY,
  isAtRest,
  joined,
  KEYS,
  type PadReading,
  readPad,
  type StickLimits,
  type Sticks,
  sticksOfKeys,
  twistOf,
} from './axes.ts';
import type { Link } from './link.ts';

export type Mode = PilotInput['mode'];
type Help = NonNullable<PilotInput['help']>;
/** What can hold the dead-man. */
export type Hold = 'key' | 'button' | 'pad';

export interface Controls {
  readonly isHeld: boolean;
  readonly mode: Mode;
  readonly share: number;
  readonly speedScale: number;
  readonly gripperOpen: number;
  /** What all of them together ask for. */
  readonly sticks: Sticks;
  readonly help?: Help;
  /** Forward is up in the picture, and left is left; otherwise they are those of the body. */
  readonly isAsSeen: boolean;
  /** A gamepad that is there; another layout than the standard one is not used. */
  readonly pad?: { readonly name: string; readonly isStandard: boolean };
  /** Why the dead-man was let go, where nobody did so on purpose. */
  readonly lost?: string;
}

export interface Pilot {
  readonly controls: () => Controls;
  readonly subscribe: (onChange: () => void) => () => void;
  /** The body that may be led, while this page holds control; nothing otherwise. */
  readonly lead: (body: Led | undefined) => void;
  readonly hold: (by: Hold) => void;
  readonly letGo: (by: Hold) => void;
  readonly push: (axis: Axis, share: number) => void;
  readonly setMode: (mode: Mode) => void;
  readonly setShare: (share: number) => void;
  readonly setSpeed: (speedScale: number) => void;
  readonly setAsSeen: (isAsSeen: boolean) => void;
  /** Which way is up in the picture that is looked at, where that is known. */
  readonly lookAt: (upRad: number | undefined) => void;
  readonly toggleHand: () => void;
  readonly goAbove: (markId: number, seq: number) => void;
  readonly descend: () => void;
  /** What the dashboard says of how the samples arrive. */
  readonly arrived: (state: PilotState) => void;
}

export interface Led extends StickLimits {
  /** Which marks a number key means. */
  readonly marks: { readonly seq: number; readonly ids: readonly number[] } | undefined;
  /** As it is measured. */
  readonly gripperOpen: number | undefined;
}

/** Time between two frames above which nobody saw what was going on, ms. Chosen: the age above which a sample is refused. */
const GAP_MS = 200;
/**
 * Between two samples that say the same, ms. Chosen: every second frame of a screen at 60 Hz, and an eighth of the silence that lets go of
 * the dead-man. What changes leaves at once.
 */
const SAME_MS = 25;
/** For how long a hand that was told to open or close counts as a command of its own while the policy is followed, ms. */
const HAND_MS = 500;
/** Chosen: slow enough for a first press of somebody who does not know the body. */
const FIRST_SPEED = 0.4;

const isField = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]') !== null;

export function openPilot(link: Pick<Link, 'sample'>): Pilot {
  const listeners = new Set<() => void>();
  const pressed = new Set<string>();
  const holds = new Set<Hold>();
  let pushed: Sticks = AT_REST;
  let pad: PadReading | undefined;
  let body: Led | undefined;
  let controls: Controls = {
    ...{ isHeld: false, mode: 'manual', share: 0.5, speedScale: FIRST_SPEED, gripperOpen: 1, sticks: AT_REST },
    isAsSeen: true,
  };
  let handMs = Number.NEGATIVE_INFINITY;
  let upRad: number | undefined;
  let frameMs = 0;
  let saidMs = 0;

  const change = (part: Partial<Controls>) => {
    controls = { ...controls, ...part };
    for (const listener of listeners) listener();
  };
  const drop = (what: 'help' | 'lost') => {
    const { [what]: _dropped, ...rest } = controls;
    controls = rest;
  };

  const say = () => {
    if (!body) return;
    saidMs = performance.now();
    const { isHeld, mode, share, help, sticks, gripperOpen, speedScale, isAsSeen } = controls;
    const meant = isAsSeen && upRad !== undefined ? fromPicture(sticks, upRad) : sticks;
    const isHandTold = handMs > Number.NEGATIVE_INFINITY;
    const isConfirmed = mode === 'assist' && isAtRest(sticks) && performance.now() - handMs > HAND_MS;
    // Whoever moves nothing commands nothing: then they let the policy do it, or the body rest.
    const hasCommand = !isAtRest(sticks) || (isHandTold && !isConfirmed);
    link.sample({
      ...{ isHeld, mode, share },
      ...(isHeld && hasCommand && { command: twistOf(meant, body, speedScale, gripperOpen) }),
      ...(isHeld && help && { help }),
    });
  };
  const steer = () => {
    const sticks = joined(sticksOfKeys(pressed), pushed, pad?.sticks ?? AT_REST);
    // Whoever steers wants no help.
    if (!isAtRest(sticks) && controls.help) drop('help');
    change({ sticks });
    if (controls.isHeld) say();
  };

  const hold = (by: Hold) => {
    if (!body || document.visibilityState !== 'visible') return;
    holds.add(by);
    if (controls.isHeld) return;
    drop('lost');
    drop('help');
    handMs = Number.NEGATIVE_INFINITY;
    change({ isHeld: true, gripperOpen: (body.gripperOpen ?? 1) > 0.5 ? 1 : 0 });
    say();
    frameMs = performance.now();
    requestAnimationFrame(onFrame);
  };
  const release = (lost?: string) => {
    holds.clear();
    if (!controls.isHeld) return;
    drop('help');
    // A hand that was lost watches over nothing.
    change({ isHeld: false, ...(lost !== undefined && { lost, mode: 'manual' as const }) });
    say();
  };
  const letGo = (by: Hold) => {
    if (holds.delete(by) && holds.size === 0) release();
  };
  /** All keys count as let go: those that are let go elsewhere are never heard of. */
  const lose = (why: string) => {
    pressed.clear();
    pushed = AT_REST;
    release(why);
    steer();
  };
  const onFrame = () => {
    if (!controls.isHeld) return;
    const now = performance.now();
    const gapMs = now - frameMs;
    frameMs = now;
    if (gapMs > GAP_MS) return lose(`this page stood still for ${Math.round(gapMs)} ms`);
    if (now - saidMs >= SAME_MS) say();
    requestAnimationFrame(onFrame);
  };

  const toggleHand = () => {
    if (!controls.isHeld) return;
    handMs = performance.now();
    change({ gripperOpen: controls.gripperOpen > 0.5 ? 0 : 1 });
    say();
  };
  const help = (given: Help) => {
    if (!controls.isHeld) return;
    change({ help: given });
    say();
  };

  // ---------------------------------------------------------------- keys

  const onKeyDown = (event: KeyboardEvent) => {
    const { code, repeat, ctrlKey, metaKey, altKey } = event;
    if (!body || ctrlKey || metaKey || altKey || isField(event.target)) return;
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
    if (code === DEAD_MAN_KEY) {
      if (!repeat) hold('key');
    } else if (KEYS[code]) {
      pressed.add(code);
      if (!repeat) steer();
    } else if (code === HAND_KEY) {
      if (!repeat) toggleHand();
    } else if (code === DESCEND_KEY) {
      if (!repeat) help({ kind: 'descend' });
    } else if (digit !== undefined && body.marks?.ids.includes(Number(digit)))
      help({ kind: 'go-above', markId: Number(digit), seq: body.marks.seq });
    else return;
    // Not the button that has the focus, nor the timeline.
    event.preventDefault();
    event.stopPropagation();
  };
  const onKeyUp = (event: KeyboardEvent) => {
    if (pressed.delete(event.code)) steer();
    if (event.code !== DEAD_MAN_KEY || !body || isField(event.target)) return;
    letGo('key');
    event.preventDefault();
  };

  // ---------------------------------------------------------------- gamepad

  let isWatching = false;
  const watchPads = () => {
    const pads = navigator.getGamepads().filter((one) => one !== null);
    const found = pads.find(({ mapping }) => mapping === 'standard') ?? pads[0];
    const last = pad;
    if (found?.connected && found.mapping === 'standard') {
      pad = readPad(found);
      if (pad.isHeld && !last?.isHeld && last) hold('pad');
      if (!pad.isHeld) letGo('pad');
      if (pad.isHandPressed && !last?.isHandPressed) toggleHand();
      if (pad.isDescendPressed && !last?.isDescendPressed) help({ kind: 'descend' });
      if (!last || AXES.some((axis) => last.sticks[axis] !== pad!.sticks[axis])) steer();
    } else if (last) {
      pad = undefined;
      lose('the gamepad was unplugged');
    }
    const told = found ? { name: found.id, isStandard: found.mapping === 'standard' } : undefined;
    if (told?.name !== controls.pad?.name) {
      const { pad: _before, ...rest } = controls;
      controls = rest;
      change(told ? { pad: told } : {});
    }
    isWatching = body !== undefined && found !== undefined;
    if (isWatching) requestAnimationFrame(watchPads);
  };
  const beginWatch = () => {
    if (isWatching || !body) return;
    isWatching = true;
    requestAnimationFrame(watchPads);
  };

  addEventListener('keydown', onKeyDown, { capture: true });
  addEventListener('keyup', onKeyUp, { capture: true });
  addEventListener('blur', () => lose('this window is no longer in front'));
  addEventListener('pagehide', () => lose('this page was left'));
  addEventListener('focusin', ({ target }) => isField(target) && lose('a field has the keyboard'));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') lose('this page is hidden');
  });
  addEventListener('gamepadconnected', beginWatch);
  addEventListener('gamepaddisconnected', () => {
    if (pad) lose('the gamepad was unplugged');
  });

  return {
    controls: () => controls,
    subscribe: (onChange) => {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    lead: (next) => {
      const begins = next !== undefined && body === undefined;
      if (!next && body) lose('this page does not hold control');
      body = next;
      if (!begins) return;
      drop('lost');
      // Nobody leads a policy that they took over from somebody else unseen.
      change({ mode: 'manual' });
      say();
      beginWatch();
    },
    hold,
    letGo,
    push: (axis, share) => {
      pushed = { ...pushed, [axis]: share };
      steer();
    },
    setMode: (mode) => {
      change({ mode });
      say();
    },
    setShare: (share) => {
      change({ share });
      say();
    },
    setSpeed: (speedScale) => {
      change({ speedScale });
      if (controls.isHeld) say();
    },
    setAsSeen: (isAsSeen) => {
      change({ isAsSeen });
      if (controls.isHeld) say();
    },
    lookAt: (up) => {
      upRad = up;
    },
    toggleHand,
    goAbove: (markId, seq) => help({ kind: 'go-above', markId, seq }),
    descend: () => help({ kind: 'descend' }),
    arrived: ({ isLapsed }) => {
      if (isLapsed && controls.isHeld) lose('the connection was held up');
    },
  };
}
