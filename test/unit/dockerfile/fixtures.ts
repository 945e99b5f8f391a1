import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Fixture {
  readonly name: string;
  readonly text: string;
}

const ROOT = path.join(import.meta.dirname, '../../fixtures/dockerfiles');

/** Files shaped like real ones, all of which BuildKit's parser accepts. */
export const fixtures: readonly Fixture[] = readFixtures(ROOT);

/** Files BuildKit refuses, or that ask for another frontend. */
export const invalidFixtures: readonly Fixture[] = readFixtures(path.join(ROOT, 'invalid'));

function readFixtures(directory: string): readonly Fixture[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.Dockerfile'))
    .sort()
    .map((name) => ({
      name: name.replace('.Dockerfile', ''),
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path.join(directory, name))),
    }));
}
