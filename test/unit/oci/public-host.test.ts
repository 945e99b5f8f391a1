import { expect, it } from 'vitest';
import { countsAsPublic, isPublicHost } from '../../../src/oci/public-host.ts';

it.each([
  'localhost',
  'registry',
  'registry.local',
  'registry.LOCAL.',
  'cache.team.svc',
  'cache.team.svc.cluster.local',
  'metadata.google.internal',
  'nas.lan',
  'nas.home.arpa',
  'app.localhost',
  '127.0.0.1',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '[::1]',
  '[::]',
  '[fc00::1]',
  '[fdff::1]',
  '[fe80::1]',
  '[::ffff:10.0.0.1]',
])('strangers have no way to %s', (hostname) => {
  expect(isPublicHost(hostname)).toBe(false);
  // Whatever a name server says of the name.
  expect(isPublicHost(hostname, ['198.51.100.7'])).toBe(false);
});

it.each([
  'ghcr.io',
  'local.example.com',
  'svc.example.com',
  '172.15.0.1',
  '172.32.0.1',
  '192.169.0.1',
  '11.0.0.1',
  '[2001:db8::1]',
  '[::ffff:198.51.100.7]',
])('strangers can reach %s', (hostname) => {
  expect(isPublicHost(hostname)).toBe(true);
});

it('a name is near where all its addresses are', () => {
  expect(isPublicHost('registry.example.com', ['10.0.0.7', 'fd00::7'])).toBe(false);
  expect(isPublicHost('registry.example.com', ['10.0.0.7', '198.51.100.7'])).toBe(true);
  expect(isPublicHost('registry.example.com', [])).toBe(true);
  // A private link to a service that everybody has.
  expect(isPublicHost('my-cache.s3.eu-central-1.amazonaws.com', ['10.0.0.7'])).toBe(true);
  expect(isPublicHost('storage.googleapis.com', ['10.0.0.7'])).toBe(true);
});

it('a look-up that finds nothing says nothing, and one that is aborted is no answer', async () => {
  expect(await countsAsPublic('no-such-host.invalid')).toBe(true);
  expect(await countsAsPublic('127.0.0.1')).toBe(false);
  const gone = AbortSignal.abort(new Error('enough'));
  await expect(countsAsPublic('no-such-host.invalid', gone)).rejects.toThrow('enough');
});
