/**
 * The tool in its workspace, in three dimensions. Its library is loaded when somebody opens it, and may fail alone; what it shows is said
 * in words too.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MotionLimits } from '../../ports.ts';
import { moved, type Pose } from '../../record/report/pose.ts';
import type { Action, Observation } from '../../types.ts';
import type { ShownStep, Status } from '../messages.ts';
import type { Side, Space, SpaceScene, Spot } from './space-scene.ts';
import type { View } from './view.ts';

/** Steps whose way is drawn. Chosen: as many as the plots show. */
const MOST_STEPS = 300;
const SIDES: readonly Side[] = ['from the side', 'from the front', 'from above'];

const proprioOf = (view: View, status: Status | undefined): Observation['proprio'] =>
  (view.record?.observation ?? status?.look?.observation)?.proprio;

/** Where an action leads from there; undefined for what leads nowhere that can be drawn. */
function targetOf(action: Action | undefined, from: Pose | undefined): Spot | undefined {
  if (action?.kind === 'eef-pose') return action;
  if (action?.kind !== 'eef-delta' || !from) return undefined;
  return { ...moved(from, action.dPosM, action.dRpyRad), gripperOpen: action.gripperOpen };
}

interface Seen {
  readonly steps: readonly ShownStep[];
  readonly view: View;
  readonly status: Status | undefined;
  readonly limits: MotionLimits;
}

function spaceOf({ steps, view, status, limits }: Seen): Space {
  const { workspace, keepOut, frameId } = limits;
  const proprio = proprioOf(view, status);
  const here = proprio?.tcpPose?.frameId === frameId ? proprio.tcpPose : undefined;
  const told = proprio?.commandedTcpPose?.frameId === frameId ? proprio.commandedTcpPose : here;
  const upTo = steps.filter(({ record }) => record.index <= view.index).slice(-MOST_STEPS);
  const path = upTo.flatMap(({ record }) => {
    const pose = record.observation?.proprio?.tcpPose;
    return pose?.frameId === frameId ? [pose.pM] : [];
  });
  const frames = (view.record?.observation ?? status?.look?.observation)?.frames ?? [];
  return {
    ...{ workspace, keepOut, path: here ? [...path, here.pM] : path, verdict: view.verdict },
    tool: here && { ...here, gripperOpen: proprio!.gripperOpen },
    target: targetOf(view.action, told),
    cameras: frames.flatMap(({ cameraInBase }) => cameraInBase ?? []),
  };
}

const inMm = (pM: readonly number[]): string => pM.map((metres) => Math.round(metres * 1000)).join(', ');

/** What the drawing says. */
function wordsOf({ tool, target, workspace, keepOut }: Space): string {
  return [
    tool ? `The tool is at ${inMm(tool.pM)} mm` : 'Where the tool is has not been told',
    target ? `, and is to go to ${inMm(target.pM)} mm` : '',
    `. It is kept within ${inMm(workspace.minM)} and ${inMm(workspace.maxM)} mm`,
    keepOut.length > 0 ? `, and out of ${keepOut.length} ${keepOut.length === 1 ? 'box' : 'boxes'}.` : '.',
  ].join('');
}

const colourOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function Drawing({ space }: { readonly space: Space }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scene = useRef<SpaceScene | undefined>(undefined);
  const newest = useRef(space);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  newest.current = space;
  useEffect(() => {
    let isGone = false;
    const begin = async () => {
      const { createSpaceScene } = await import('./space-scene.ts');
      if (isGone) return;
      scene.current = createSpaceScene(canvas.current!, colourOf);
      scene.current.show(newest.current);
    };
    void begin().catch(() => setProblem('This browser draws nothing in three dimensions (it has no WebGL).'));
    return () => {
      isGone = true;
      scene.current?.close();
    };
  }, []);
  useEffect(() => scene.current?.show(space), [space]);
  if (problem !== undefined) return <p class="problem">{problem}</p>;
  return (
    <>
      <canvas ref={canvas} role="img" aria-label={wordsOf(space)} />
      <p class="sides">
        {SIDES.map((side) => (
          <button type="button" class="quiet" key={side} onClick={() => scene.current?.lookFrom(side)}>
            {side}
          </button>
        ))}
        <span class="by">or drag to turn it</span>
      </p>
    </>
  );
}

interface SpaceProps {
  readonly steps: readonly ShownStep[];
  readonly view: View | undefined;
  readonly status: Status | undefined;
}

export function SpacePanel({ steps, view, status }: SpaceProps) {
  const [isOpen, setOpen] = useState(false);
  const limits = status?.facts?.limits.motion;
  const space = useMemo(
    () => (isOpen && view && limits && limits !== 'unlimited' ? spaceOf({ steps, view, status, limits }) : undefined),
    [isOpen, steps, view, status, limits],
  );
  if (!limits || limits === 'unlimited') return null;
  return (
    <section class="space panel" aria-label="In space">
      <header>
        <h2>In space</h2>
        <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Hide' : 'Show in 3D'}
        </button>
      </header>
      {space && <Drawing space={space} />}
    </section>
  );
}
