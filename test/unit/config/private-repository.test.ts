import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { privateRepository } from '../../../src/config/ci/private-repository.ts';
import { readPrivacy } from '../../../src/session/read-privacy.ts';

const GITHUB = { GITHUB_ACTIONS: 'true' };
const GITLAB = { GITLAB_CI: 'true' };

it.each([
  [GITHUB, { repository: { private: true } }, 'GitHub says that the repository is private'],
  [GITHUB, { repository: { private: true, visibility: 'internal' } }, 'GitHub says that the repository is internal'],
  [GITHUB, { repository: { visibility: 'private' } }, 'GitHub says that the repository is private'],
  [GITHUB, { repository: { private: false, visibility: 'public' } }, undefined],
  [GITHUB, { repository: 'private' }, undefined],
  [GITHUB, undefined, undefined],
  [{}, { repository: { private: true } }, undefined],
  [
    { ...GITLAB, CI_PROJECT_VISIBILITY: 'private' },
    undefined,
    'GitLab says that the project is private (CI_PROJECT_VISIBILITY)',
  ],
  [
    { ...GITLAB, CI_PROJECT_VISIBILITY: 'internal' },
    undefined,
    'GitLab says that the project is internal (CI_PROJECT_VISIBILITY)',
  ],
  [{ ...GITLAB, CI_PROJECT_VISIBILITY: 'public' }, undefined, undefined],
  [GITLAB, undefined, undefined],
  [{ CI_PROJECT_VISIBILITY: 'private' }, undefined, undefined],
])('%j with the event %j: %s', (env, event, says) => {
  expect(privateRepository(env, event)).toBe(says);
});

it('gathers the event file, GOPRIVATE, and where that is empty what `go env -w` wrote', async () => {
  const home = await mkdtemp(join(tmpdir(), 'slipway-privacy-'));
  try {
    const [event, goEnv] = [join(home, 'event.json'), join(home, 'goenv')];
    await writeFile(event, '{"repository":{"private":true}}');
    await writeFile(goEnv, 'GOPRIVATE=example.org\n');
    const env = { HOME: home, GOENV: goEnv };
    expect(await readPrivacy({ ...env, GOPRIVATE: 'example.com' })).toEqual({ goPrivate: 'example.com' });
    expect(await readPrivacy({ ...env, GOPRIVATE: '' })).toEqual({ goPrivate: 'example.org' });
    expect(await readPrivacy({ HOME: home, GOENV: 'off' })).toEqual({ goPrivate: '' });
    expect(await readPrivacy({ HOME: home, ...GITHUB, GITHUB_EVENT_PATH: event })).toEqual({
      goPrivate: '',
      repository: 'GitHub says that the repository is private',
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
