import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlipwayError } from '../../../src/core/errors.ts';
import { formatStoreSpec, parseStoreSpec, type StoreSpec } from '../../../src/store/store-spec.ts';

const GOOD: readonly (readonly [string, StoreSpec])[] = [
  ['type=local,dest=/var/cache/slipway', { type: 'local', dest: '/var/cache/slipway' }],
  ['TYPE=local,Dest=relative/dir', { type: 'local', dest: 'relative/dir' }],
  ['type=local,"dest=/a, b",timeout=1m30s', { type: 'local', dest: '/a, b', timeoutSeconds: 90 }],
  ['type=local,"dest=/a ""b"""', { type: 'local', dest: '/a "b"' }],
  ['type=local,dest=/a,read-only=true', { type: 'local', dest: '/a', isReadOnly: true }],
  ['type=local,dest=/a=b', { type: 'local', dest: '/a=b' }],
  ['type=registry,ref=example.com/app', { type: 'registry', host: 'example.com', repository: 'app' }],
  ['ref=team/app,type=registry', { type: 'registry', host: 'docker.io', repository: 'team/app' }],
  [
    'type=registry,ref=localhost:5000/app,insecure=true,ignore-error=true,timeout=500ms',
    {
      type: 'registry',
      host: 'localhost:5000',
      repository: 'app',
      isInsecure: true,
      ignoreError: true,
      timeoutSeconds: 0.5,
    },
  ],
  ...['insecure', 'registry.insecure', 'http'].map(
    (key) =>
      [
        `type=registry,ref=r.example.com/a,${key}=1`,
        { type: 'registry', host: 'r.example.com', repository: 'a', isInsecure: true },
      ] as const,
  ),
  [
    'type=registry,ref=localhost:5000/a,insecure=false',
    { type: 'registry', host: 'localhost:5000', repository: 'a', isInsecure: false },
  ],
];

describe('parseStoreSpec', () => {
  test.each(GOOD)('%s', (text, spec) => expect(parseStoreSpec(text)).toEqual(spec));

  test.each([
    ['', 'is not `key=value`'],
    ['/var/cache', 'is not `key=value`'],
    ['dest=/x', 'has no `type=`'],
    ['type=', 'names the type ``'],
    ['type=s4,bucket=x', 'names the type `s4`'],
    ['type=local', 'does not say where'],
    ['type=local,dest=', 'does not say where'],
    ['type=local,src=/x', 'unknown key `src`'],
    ['type=local,dest=/x,dest=/y', 'has `dest=` twice'],
    ['type=local,dest="/x"', 'a quote out of place'],
    ['type=local,"dest=/x', 'a quote out of place'],
    ['type=local,dest=/x,mode=max', 'unknown key `mode`'],
    ['type=local,dest=/x,read-only=ro', '`read-only=ro`'],
    ['type=local,dest=/x,timeout=10', '`timeout=10`'],
    ['type=local,dest=/x,timeout=0s', '`timeout=0s`'],
    ['type=local,dest=/x,timeout=-5s', '`timeout=-5s`'],
    ['type=local,dest=/x,ignore-error=yes', '`ignore-error=yes`'],
    ['type=registry', 'does not say which repository'],
    ['type=registry,ref=', 'does not say which repository'],
    ['type=registry,ref=example.com/App', 'must be in lower case'],
    ['type=registry,ref=example.com/app:cache', 'names the tag `cache`'],
    [`type=registry,ref=example.com/app@sha256:${'a'.repeat(64)}`, 'names a digest'],
    ['type=registry,ref=https://example.com/app', 'no name'],
    ['type=registry,ref=user:password@example.com/app', 'no name'],
    ['type=registry,ref=example.com/app,insecure=maybe', '`insecure=maybe`'],
  ])('%j is refused, and says what to write', (text, problem) => {
    let thrown: unknown;
    try {
      parseStoreSpec(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SlipwayError);
    expect(thrown).toMatchObject({ code: 'STORE_SPEC_INVALID', exitCode: 2, hint: expect.stringMatching(/./) });
    expect((thrown as SlipwayError).message).toContain(problem);
  });
});

test('what is formatted reads back as itself', () => {
  const common = {
    ignoreError: fc.option(fc.boolean(), { nil: undefined }),
    timeoutSeconds: fc.option(fc.integer({ min: 1, max: 3600 }), { nil: undefined }),
    isReadOnly: fc.option(fc.boolean(), { nil: undefined }),
  };
  const local = fc.record({ type: fc.constant('local' as const), dest: fc.string({ minLength: 1 }), ...common });
  const registry = fc.record({
    type: fc.constant('registry' as const),
    host: fc.constantFrom('docker.io', 'localhost:5000', 'r.example.com', '[::1]:5000'),
    repository: fc.constantFrom('team/app', 'a/b-c/d_e'),
    isInsecure: fc.option(fc.boolean(), { nil: undefined }),
    ...common,
  });
  fc.assert(
    fc.property(fc.oneof(local, registry), (spec: StoreSpec) => {
      const bare = JSON.parse(JSON.stringify(spec)) as StoreSpec;
      expect(parseStoreSpec(formatStoreSpec(spec))).toEqual(bare);
    }),
  );
});
