import { expect, it } from 'vitest';
import { findPrivateModule } from '../../../src/golang/module/find-private-module.ts';
import { readGoEnvFile } from '../../../src/golang/go-env-file.ts';

const GO_MOD = `module example.com/team/app

require (
	golang.org/x/text v0.40.0
	git.example.org/lib/v2 v2.1.0 // indirect
)

replace golang.org/x/text => ../text

replace golang.org/x/net => fork.example.net/net v0.1.0
`;

it.each([
  ['example.com/team', 'example.com/team/app'],
  ['*.example.org', 'git.example.org/lib/v2'],
  ['fork.example.net', 'fork.example.net/net'],
  ['example.com/other', undefined],
  ['..', undefined],
  ['', undefined],
])('GOPRIVATE=%s: %s', (patterns, found) => {
  expect(findPrivateModule(GO_MOD, [patterns])).toBe(found);
});

it('any of several lists will do, and a broken file has no module', () => {
  expect(findPrivateModule(GO_MOD, ['example.net', 'x.com,git.example.org/lib'])).toBe('git.example.org/lib/v2');
  expect(findPrivateModule('modul example.com/team\nrequire (', ['*'])).toBeUndefined();
});

it('reads what `go env -w` wrote', () => {
  const text = 'GOFLAGS=-mod=mod\nGOPRIVATE=example.com\nNOTGOPRIVATE=x\nGOPRIVATE=example.com,example.org\n';
  expect(readGoEnvFile(text, 'GOPRIVATE')).toBe('example.com,example.org');
  expect(readGoEnvFile(text, 'GONOPROXY')).toBe('');
});
