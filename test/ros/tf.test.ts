/** Poses by transforms, and a robot that tells its tool's pose by nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameTree } from '../../envs/ros/tf.ts';

const turnZ = (rad: number) => [0, 0, Math.sin(rad / 2), Math.cos(rad / 2)] as const;
const still = Number.POSITIVE_INFINITY;

describe('a tree of frames', () => {
  it('leads from the tool to the base through all that is between, as old as the oldest of it', () => {
    const tree = createFrameTree();
    tree.place('base', 'arm', { pM: [1, 0, 0], qXyzw: turnZ(Math.PI / 2), atMs: 100 });
    tree.place('arm', 'hand', { pM: [0, 2, 0], qXyzw: turnZ(Math.PI / 2), atMs: 90 });
    tree.place('/hand', '/tool', { pM: [0, 0, 0.1], qXyzw: turnZ(0), atMs: still });
    const tool = tree.poseIn('base', 'tool');
    if ('missing' in tool) throw new Error(tool.missing);
    expect(tool.pM.map((value) => Math.round(value * 1e9) / 1e9)).toEqual([-1, 0, 0.1]);
    expect(Math.abs(tool.qXyzw[2])).toBeCloseTo(1);
    expect(tool.atMs).toBe(90);
  });

  it('names the frame of which nothing was told, and is not led in circles', () => {
    const tree = createFrameTree();
    tree.place('arm', 'hand', { pM: [0, 0, 0], qXyzw: turnZ(0), atMs: 1 });
    expect(tree.poseIn('base', 'hand')).toEqual({ missing: 'arm' });
    tree.place('hand', 'arm', { pM: [0, 0, 0], qXyzw: turnZ(0), atMs: 1 });
    expect('missing' in tree.poseIn('base', 'hand')).toBe(true);
    tree.clear();
    expect(tree.poseIn('base', 'hand')).toEqual({ missing: 'hand' });
  });

  it('keeps lengths, whatever the turns on the way', () => {
    const angle = fc.double({ min: -7, max: 7, noNaN: true });
    fc.assert(
      fc.property(angle, angle, (first, second) => {
        const tree = createFrameTree();
        tree.place('base', 'a', { pM: [0, 0, 0], qXyzw: turnZ(first), atMs: 1 });
        tree.place('a', 'b', { pM: [0, 0, 0], qXyzw: turnZ(second), atMs: 1 });
        tree.place('b', 'c', { pM: [3, 4, 0], qXyzw: turnZ(0), atMs: 1 });
        const pose = tree.poseIn('base', 'c');
        if ('missing' in pose) throw new Error(pose.missing);
        expect(Math.hypot(...pose.pM)).toBeCloseTo(5, 9);
        expect(pose.pM[0]).toBeCloseTo(3 * Math.cos(first + second) - 4 * Math.sin(first + second), 9);
      }),
    );
  });
});
