import { describe, expect, it } from 'vitest';
import { findCriticalPath } from '../../../src/report/critical-path.ts';
import { step, STEPS } from '../../helpers/report-shapes.ts';

describe('the critical path', () => {
  it('is the chain whose seconds are most together, not the longest step', () => {
    expect(findCriticalPath(STEPS)).toEqual({ steps: ['build.4', 'build.5', 'stage-2.2'], seconds: 6.9 });
    const ran = { state: 're-run' } as const;
    const steps = [
      step('a.1', 'RUN a', { ...ran, seconds: 5 }),
      step('b.1', 'RUN b', { ...ran, seconds: 3 }),
      step('b.2', 'RUN c', { ...ran, seconds: 3, after: ['b.1'] }),
      step('c.1', 'COPY d', { ...ran, seconds: 1, after: ['a.1', 'b.2'] }),
    ];
    expect(findCriticalPath(steps)).toEqual({ steps: ['b.1', 'b.2', 'c.1'], seconds: 7 });
  });

  it('leads through steps that came from the cache, and is empty where nothing ran', () => {
    const steps = [
      step('a.1', 'RUN a', { state: 're-run', seconds: 2 }),
      step('a.2', 'RUN b', { after: ['a.1'] }),
      step('a.3', 'RUN c', { state: 're-run', seconds: 2, after: ['a.2'] }),
    ];
    expect(findCriticalPath(steps)).toEqual({ steps: ['a.1', 'a.3'], seconds: 4 });
    expect(findCriticalPath([step('a.1', 'RUN a')])).toEqual({ steps: [], seconds: 0 });
    expect(findCriticalPath([])).toEqual({ steps: [], seconds: 0 });
  });
});
