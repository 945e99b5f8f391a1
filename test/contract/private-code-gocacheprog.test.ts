import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gocacheprogCommand } from '../../src/cli/commands/gocacheprog.ts';
import { parseWords } from '../../src/cli/flag-words.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Parts } from '../../src/session/parts.ts';
import { wire } from '../../src/session/wire.ts';
import { openStores } from '../../src/store/open-store.ts';
import { parseStoreSpec } from '../../src/store/store-spec.ts';
import { startRegistry, type TestRegistry } from '../helpers/registry.ts';

let registry: TestRegistry;
let directory: string;
beforeAll(async () => {
  registry = await startRegistry({ program: 'registry' });
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-private-prog-'));
  await writeFile(path.join(directory, 'go.mod'), 'module example.com/team/app\n');
});
afterAll(async () => {
  await registry.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The CLI's own parts, for which this machine's loopback is as public as any host. */
const parts: Parts = {
  ...wire(),
  openStores: (texts, options) => {
    const specs = texts.map(parseStoreSpec);
    const opened = openStores(specs, {
      ...options,
      homeDirectory: directory,
      clock: systemClock,
      countsAsPublic: async () => true,
    });
    return {
      store: opened.store,
      each: opened.each.map((store) => ({ store, isReadOnly: false })),
      isStrict: false,
      isReadOnly: false,
    };
  },
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

/** Go's side: one entry is put, then it is done. Gives what the program wrote into its log. */
async function putOne(machine: string, flags: readonly string[]): Promise<string> {
  const home = path.join(directory, machine);
  await mkdir(home);
  const body = `an object of ${machine}`;
  const put = { ID: 1, Command: 'put', ActionID: sha256(machine), OutputID: sha256(body), BodySize: body.length };
  const lines = [
    JSON.stringify(put),
    '',
    `"${Buffer.from(body).toString('base64')}"`,
    '{"ID":2,"Command":"close"}',
    '',
  ];
  const log = path.join(home, 'log');
  const words = ['--store', `type=registry,ref=${registry.host}/prog`, '--scope', 'main', '--log', log, ...flags];
  const exitCode = await gocacheprogCommand.run(parseWords(words, gocacheprogCommand.flags), {
    env: { HOME: home, XDG_CACHE_HOME: path.join(home, 'cache'), GOPRIVATE: 'example.com' },
    cwd: directory,
    stdin: Readable.from([Buffer.from(lines.join('\n'))]),
    stdout: { write: () => true },
    stderr: { write: () => true },
    signal: new AbortController().signal,
    loadParts: async () => parts,
  });
  expect(exitCode).toBe(0);
  return readFile(log, 'utf8');
}

it('GOCACHEPROG stores nothing of private code where anybody can read it, and with --allow-public it does', async () => {
  const refused = await putOne('guarded', []);
  expect(refused).toContain(`nothing is stored: anybody can read ${registry.host}/prog without a login`);
  await expect(readdir(path.join(registry.dataDirectory, 'docker'))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await putOne('allowed', ['--allow-public'])).toContain('2 new entries are stored');
}, 60_000);
