import { expect, it } from 'vitest';
import { formatRepository } from '../../../src/config/repository-name.ts';

it.each([
  ['https://github.com/owner/name', 'github.com/owner/name'],
  ['https://github.com/Owner/Name.git', 'github.com/owner/name'],
  ['https://x-access-token:secret@github.com/owner/name.git/', 'github.com/owner/name'],
  ['http://git.example.com:3000/owner/name', 'git.example.com/owner/name'],
  ['git@github.com:owner/name.git', 'github.com/owner/name'],
  ['github.com:owner/name', 'github.com/owner/name'],
  ['ssh://git@git.example.com:7999/team/app.git', 'git.example.com/team/app'],
  ['git://example.com//team//app', 'example.com/team/app'],
  ['https://gitlab.com/group/sub.group/app.git', 'gitlab.com/group/sub.group/app'],
  ['github.com/owner/name', 'github.com/owner/name'],
  ['my-app', 'my-app'],
  ['  GitHub.com/owner/name \n', 'github.com/owner/name'],
  ['/srv/git/app.git', undefined],
  ['file:///srv/git/app.git', undefined],
  ['../app', undefined],
  ['', undefined],
  ['.git', undefined],
])('%j is %j', (address, name) => {
  expect(formatRepository(address)).toBe(name);
});
