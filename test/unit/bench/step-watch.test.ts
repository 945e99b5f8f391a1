import { describe, expect, it } from 'vitest';
import { watchSteps } from '../../../src/bench/step-watch.ts';
import type { Phase, ProgressEvent } from '../../../src/core/events.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

function vertex(id: string, state: 'running' | 'done' | 'cached', more: object = {}): ProgressEvent {
  return { type: 'vertex', phase: 'build', id, name: `step ${id}`, state, startedAtMs: 1000, ...more };
}

function line(text: string, phase: Phase = 'build'): ProgressEvent {
  return { type: 'vertex-log', phase, id: 'a', stream: 'stderr', text };
}

describe('what is watched of a build', () => {
  it('is each step once, with its last state', () => {
    const watch = watchSteps();
    watch.onEvent(vertex('a', 'running'));
    watch.onEvent(vertex('a', 'done', { completedAtMs: 3500 }));
    watch.onEvent(vertex('b', 'cached', { completedAtMs: 1000 }));
    expect(watch.steps()).toEqual([
      { name: 'step a', seconds: 2.5, isCached: false },
      { name: 'step b', seconds: 0, isCached: true },
    ]);
    expect(watch.secondsOf(/^step/)).toBe(2.5);
  });

  it('is not what helper builds do', () => {
    const watch = watchSteps();
    watch.onEvent({ ...vertex('a', 'done', { completedAtMs: 2000 }), phase: 'restore' } as ProgressEvent);
    watch.onEvent(line('example.com/a', 'save'));
    expect([watch.steps(), watch.packagesCompiled()]).toEqual([[], 0]);
  });

  it('counts the import paths that Go names, each once, and no other line', () => {
    const watch = watchSteps();
    for (const text of ['internal/cpu', 'example.com/a/v2', 'example.com/a/v2', 'main', 'golang.org/x/mod/semver'])
      watch.onEvent(line(text));
    for (const text of [
      'go: downloading golang.org/x/mod v0.20.0',
      '# example.com/a',
      './main.go:3:1: undefined: x',
      '',
    ])
      watch.onEvent(line(text));
    expect(watch.packagesCompiled()).toBe(4);
    expect(watch.lastLines().at(-2)).toBe('./main.go:3:1: undefined: x');
  });

  it('adds up the layers that came, by what came of each', () => {
    const watch = watchSteps();
    const status = { type: 'vertex-status', phase: 'build', id: 'a', total: 100 } as const;
    watch.onEvent({ ...status, text: DIGEST, current: 40 });
    watch.onEvent({ ...status, text: DIGEST, current: 100 });
    watch.onEvent({ ...status, text: `extracting ${DIGEST}`, current: 1 });
    expect(watch.layerBytes()).toBe(100);
  });
});
