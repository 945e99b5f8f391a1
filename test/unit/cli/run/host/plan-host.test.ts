import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../../../src/cli/run/host/ask-go.ts';
import { type GoEnv, planHost } from '../../../../../src/cli/run/host/plan-host.ts';

const ENV: GoEnv = {
  GOCACHE: '/home/me/.cache/go-build',
  GOMODCACHE: '/home/me/go/pkg/mod',
  GOVERSION: 'go1.26.8',
  GOMOD: '/src/app/go.mod',
  GOWORK: '',
  GOCACHEPROG: '',
  GOPRIVATE: '',
};

function plan(env: Partial<GoEnv>, isProg = false) {
  const { go, notes } = planHost({ ...ENV, ...env }, { cwd: '/src/app/sub', isProg });
  return {
    kinds: go.caches.map(({ kind }) => kind),
    directories: go.moduleDirectories,
    notes: notes.map(({ text }) => text),
    faults: notes.filter(({ isFault }) => isFault).length,
  };
}

describe('the caches of a machine', () => {
  it('are both directories, with the go.sum files of the module and below the working directory', () => {
    expect(planHost(ENV, { cwd: '/src/app/sub', isProg: false })).toEqual({
      go: {
        caches: [
          { kind: 'gocache', directory: ENV.GOCACHE },
          { kind: 'gomodcache', directory: ENV.GOMODCACHE },
        ],
        moduleDirectories: ['/src/app/sub', '/src/app'],
        goPrivate: [],
        version: 'go1.26.8',
      },
      notes: [],
    });
    expect(plan({ GOWORK: '/src/go.work' }).directories).toEqual(['/src/app/sub', '/src/app', '/src']);
    expect(plan({ GOWORK: 'off' })).toMatchObject({ directories: ['/src/app/sub', '/src/app'], notes: [] });
  });

  it.each([
    ['off', 'GOCACHE is `off`'],
    ['', 'GOCACHE is ``, which go refuses'],
    ['cache', 'GOCACHE is `cache`, which go refuses'],
  ])('are modules alone where GOCACHE is `%s`', (GOCACHE, says) => {
    const notes = [`compiled packages are not restored: ${says}`];
    expect(plan({ GOCACHE })).toMatchObject({ kinds: ['gomodcache'], notes, faults: 1 });
  });

  it('are modules alone where go asks a program, which is no fault', () => {
    expect(plan({ GOCACHEPROG: 'helper' })).toMatchObject({ kinds: ['gomodcache'], faults: 0 });
    expect(plan({ GOCACHEPROG: 'helper' }).notes[0]).toContain('go asks the program of GOCACHEPROG');
    expect(plan({ GOCACHEPROG: 'helper', GOCACHE: 'off' }, true)).toMatchObject({ kinds: ['gomodcache'], notes: [] });
  });

  it('lack the modules where GOMODCACHE is not absolute', () => {
    expect(plan({ GOMODCACHE: '' })).toMatchObject({ kinds: ['gocache'], faults: 1 });
  });

  it.each(['', '/dev/null'])('have modules as far as go.sum files below list them, where GOMOD is `%s`', (GOMOD) => {
    expect(plan({ GOMOD })).toMatchObject({
      kinds: ['gocache', 'gomodcache'],
      directories: ['/src/app/sub'],
      faults: 0,
    });
    expect(plan({ GOMOD }).notes[0]).toMatch(/^there is no go.mod in this directory or above it/);
  });
});

describe('the answer of `go env -json`', () => {
  it('is read by name, without what an older go does not know', () => {
    expect(readAnswer('{"GOCACHE":"/c","GOVERSION":"go1.21.0","OTHER":"x"}')).toEqual({
      GOCACHE: '/c',
      GOMODCACHE: '',
      GOVERSION: 'go1.21.0',
      GOMOD: '',
      GOWORK: '',
      GOCACHEPROG: '',
      GOPRIVATE: '',
    });
  });

  it.each(['', 'go: unknown flag', '{'])('is refused where it is `%s`', (answer) => {
    expect(() => readAnswer(answer)).toThrow(expect.objectContaining({ code: 'GO_CACHE_UNUSABLE' }));
  });
});
