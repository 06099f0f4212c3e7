/** The panel to lead an arm with: who drives, modes, the dead-man, sliders, help, delays. What it does is in `pilot.ts`. */
import { useEffect, useState } from 'preact/hooks';
import type { MotionLimits } from '../../ports.ts';
import type { PilotState, Status } from '../messages.ts';
import { AXES, type Axis } from './axes.ts';
import { driverInWords } from './facts.tsx';
import type { Link, Model } from './link.ts';
import type { Mode, Pilot } from './pilot.ts';
import { drivingOf } from './who-drives.ts';

interface DriveProps {
  readonly link: Link;
  readonly pilot: Pilot;
  readonly model: Model;
  readonly status: Status;
}

const MODES: readonly (readonly [Mode, string, string])[] = [
  ['manual', 'Manual', 'You alone drive, while the dead-man is held'],
  ['assist', 'Assist', 'The policy suggests; while you hold the dead-man it is done, mixed with what you steer'],
  ['supervised', 'Supervised', 'The policy drives; the dead-man takes over at any time'],
];
const AXIS_WORDS: Readonly<Record<Axis, readonly [string, string]>> = {
  x: ['Forward, back', 'W S'],
  y: ['Left, right', 'A D'],
  z: ['Up, down', 'E Q'],
  roll: ['Roll', 'U O'],
  pitch: ['Pitch', 'I K'],
  yaw: ['Yaw', 'J L'],
};

const limitsOf = ({ facts }: Status): MotionLimits | undefined => {
  const motion = facts?.limits.motion;
  return typeof motion === 'object' ? motion : undefined;
};

/** Leads while this page holds control of a run that can be led, and that goes on. */
export function useLead(pilot: Pilot, model: Model): void {
  const { status, watchers, viewer, isConnected, steps } = model;
  const isHolder = isConnected && watchers.holder !== undefined && watchers.holder === viewer;
  const limits = status?.isPiloted && status.phase === 'running' ? limitsOf(status) : undefined;
  const gripperOpen = steps.at(-1)?.record.observation?.proprio?.gripperOpen;
  const { marked } = status ?? {};
  useEffect(() => {
    if (!isHolder || !limits) return pilot.lead(undefined);
    const marks = marked && { seq: marked.seq, ids: marked.marks.map(({ id }) => id) };
    pilot.lead({ ...limits, gripperOpen, marks });
  }, [isHolder, limits, gripperOpen, marked]);
}

export const useControls = (pilot: Pilot) => {
  const [controls, setControls] = useState(pilot.controls);
  useEffect(() => pilot.subscribe(() => setControls(pilot.controls())), [pilot]);
  return controls;
};

function useArrival(link: Link, pilot: Pilot): PilotState | undefined {
  const [state, setState] = useState<PilotState | undefined>(undefined);
  useEffect(
    () =>
      link.onPing((arrived) => {
        pilot.arrived(arrived);
        setState(arrived);
      }),
    [link, pilot],
  );
  return state;
}

function DeadMan({
  pilot,
  isHeld,
  isReady,
}: {
  readonly pilot: Pilot;
  readonly isHeld: boolean;
  readonly isReady: boolean;
}) {
  const letGo = () => pilot.letGo('button');
  return (
    <button
      type="button"
      class={isHeld ? 'dead-man held' : 'dead-man'}
      disabled={!isReady}
      aria-pressed={isHeld}
      aria-describedby="dead-man-note"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        pilot.hold('button');
      }}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onLostPointerCapture={letGo}
      onContextMenu={(event) => event.preventDefault()}
    >
      <b>{isHeld ? 'Held' : 'Hold to drive'}</b>
      <span id="dead-man-note">dead-man · Space</span>
    </button>
  );
}

function AxisSlider({ axis, pilot, value, isReady }: { axis: Axis; pilot: Pilot; value: number; isReady: boolean }) {
  const [name, keys] = AXIS_WORDS[axis];
  const rest = (input: HTMLInputElement) => {
    input.value = '0';
    pilot.push(axis, 0);
  };
  return (
    <label class="axis">
      <span>
        {name} <kbd>{keys}</kbd>
      </span>
      <input
        type="range"
        min={-1}
        max={1}
        step={0.05}
        value={value}
        disabled={!isReady}
        onInput={({ currentTarget }) => pilot.push(axis, Number(currentTarget.value))}
        onPointerUp={({ currentTarget }) => rest(currentTarget)}
        onPointerCancel={({ currentTarget }) => rest(currentTarget)}
        onKeyUp={({ currentTarget }) => rest(currentTarget)}
        onBlur={({ currentTarget }) => rest(currentTarget)}
      />
    </label>
  );
}

function Help({ pilot, status, isReady }: { pilot: Pilot; status: Status; isReady: boolean }) {
  const { marked } = status;
  const { help } = useControls(pilot);
  return (
    <fieldset class="help-keys">
      <legend>Help, while the dead-man is held</legend>
      {marked?.marks.map(({ id, name, role }) => (
        <button
          type="button"
          key={id}
          disabled={!isReady}
          aria-pressed={help?.kind === 'go-above' && help.markId === id}
          onClick={() => pilot.goAbove(id, marked.seq)}
        >
          <kbd>{id}</kbd> <span class="outside">above {name ?? role ?? `mark ${id}`}</span>
        </button>
      ))}
      <button type="button" disabled={!isReady} aria-pressed={help?.kind === 'descend'} onClick={pilot.descend}>
        <kbd>F</kbd> straight down
      </button>
    </fieldset>
  );
}

const inMs = (value: number | undefined) => (value === undefined ? '–' : `${Math.round(value)} ms`);

function Delays({ link, pilot, model }: { readonly link: Link; readonly pilot: Pilot; readonly model: Model }) {
  const arrival = useArrival(link, pilot);
  const pictureMs = link.pictureAgeMs();
  const { isHeld, inputAgeMs } = model.steps.at(-1)?.record.human ?? {};
  const facts: readonly (readonly [string, string])[] = [
    ['Input to dashboard', inMs(arrival?.ageMs)],
    ['Input to command', inMs(isHeld ? inputAgeMs : undefined)],
    ['Camera to screen', inMs(pictureMs)],
    ['Too old, left out', String(arrival?.dropped ?? 0)],
  ];
  return (
    <dl class="delays" data-picture-ms={pictureMs} data-input-ms={arrival?.ageMs}>
      {facts.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Drive({ link, pilot, model, status }: DriveProps) {
  const controls = useControls(pilot);
  const { watchers, viewer, steps, right } = model;
  const last = steps.at(-1)?.record;
  const driving = drivingOf(status.phase, last);
  const isHolder = watchers.holder !== undefined && watchers.holder === viewer;
  const isLedElsewhere = watchers.holder !== undefined && !isHolder;
  const isReady = isHolder && status.phase === 'running' && model.isConnected;
  const refused = last?.human?.refused;
  return (
    <section class="drive panel" aria-labelledby="drive-title">
      <header>
        <h2 id="drive-title">Drive</h2>
        <span class="by">
          {isHolder
            ? 'You hold control'
            : isLedElsewhere
              ? `Viewer ${watchers.holder} holds control`
              : 'Nobody holds control'}
        </span>
      </header>
      <p class={`who-drives drives-${driving.who}`} role="status">
        <b>{driving.word}</b> <span>{driving.text}</span>
      </p>
      {right === 'control' && !isHolder && (
        <button
          type="button"
          class="main take"
          disabled={isLedElsewhere || !model.isConnected}
          onClick={() => link.takeControl(true)}
        >
          Take control
        </button>
      )}
      {isHolder && (
        <>
          {(controls.lost ?? refused) !== undefined && (
            <p class="problem outside" role="alert">
              {controls.lost !== undefined ? `The dead-man was let go: ${controls.lost}. Press it again.` : refused}
            </p>
          )}
          <fieldset class="modes">
            <legend class="unseen">Mode</legend>
            {MODES.map(([mode, word, says]) => (
              <button
                type="button"
                key={mode}
                title={says}
                aria-pressed={controls.mode === mode}
                disabled={!isReady}
                onClick={() => pilot.setMode(mode)}
              >
                {word}
              </button>
            ))}
          </fieldset>
          <p class="by">{MODES.find(([mode]) => mode === controls.mode)?.[2]}.</p>
          {controls.mode === 'assist' && (
            <label class="scale">
              <span>Your share: {Math.round(controls.share * 100)} %</span>
              <input
                type="range"
                min={0}
                max={1}
                step={0.05}
                value={controls.share}
                onInput={({ currentTarget }) => pilot.setShare(Number(currentTarget.value))}
              />
            </label>
          )}
          <label class="scale">
            <span>Speed: {Math.round(controls.speedScale * 100)} %</span>
            <input
              type="range"
              min={0.05}
              max={1}
              step={0.05}
              value={controls.speedScale}
              onInput={({ currentTarget }) => pilot.setSpeed(Number(currentTarget.value))}
            />
          </label>
          <label class="as-seen">
            <input
              type="checkbox"
              checked={controls.isAsSeen}
              onChange={({ currentTarget }) => pilot.setAsSeen(currentTarget.checked)}
            />{' '}
            Forward is up in the picture
          </label>
          <div class="sticks">
            {AXES.map((axis) => (
              <AxisSlider axis={axis} key={axis} pilot={pilot} value={controls.sticks[axis]} isReady={isReady} />
            ))}
          </div>
          <div class="thumbs">
            <DeadMan pilot={pilot} isHeld={controls.isHeld} isReady={isReady} />
            <button type="button" class="hand" disabled={!controls.isHeld} onClick={pilot.toggleHand}>
              <kbd>G</kbd> {controls.gripperOpen > 0.5 ? 'Close hand' : 'Open hand'}
            </button>
          </div>
          <Help pilot={pilot} status={status} isReady={isReady} />
          <p class="by">
            {controls.pad
              ? controls.pad.isStandard
                ? `Gamepad: ${controls.pad.name}. Hold a shoulder button to drive.`
                : `${controls.pad.name} has no standard layout, and is not used.`
              : 'No gamepad: press a button on it once it is plugged in.'}
          </p>
        </>
      )}
      {status.driver && (
        <p class="by outside driver">
          <b>Driver</b> {driverInWords(status.driver)}
        </p>
      )}
      <Delays link={link} pilot={pilot} model={model} />
    </section>
  );
}
