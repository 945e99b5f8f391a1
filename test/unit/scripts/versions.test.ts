import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
const versions = new Map(
  read('scripts/versions')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ') as [string, string]),
);

it.each([
  ['buildkit', 'github.com/moby/buildkit'],
  ['buildx', 'github.com/docker/buildx'],
  ['registry', 'github.com/distribution/distribution/v3'],
  ['crane', 'github.com/google/go-containerregistry'],
  ['versitygw', 'github.com/versity/versitygw'],
  ['gofakes3', 'github.com/johannesboyne/gofakes3'],
  ['fake-gcs-server', 'github.com/fsouza/fake-gcs-server'],
])('builds %s at the version that the cache key names', (tool, module) => {
  const required = new RegExp(`^\\s*(?:require )?${module.replaceAll('.', '\\.')} (\\S+)`, 'm').exec(
    read(`scripts/tools/${tool}/go.mod`),
  );
  expect(required?.[1]).toBe(versions.get(tool));
});
