import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRunner, type Runner } from '../../../src/action/runner.ts';
import { readAssignments, readLog } from '../../helpers/runner/read-log.ts';

let directory: string;
let log: string;
let runner: Runner;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-runner-'));
  log = '';
  const env: Record<string, string> = {};
  for (const name of ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY']) {
    env[name] = path.join(directory, name);
    await writeFile(env[name], '');
  }
  runner = openRunner(env, (text) => (log += text));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const AWKWARD = [
  'a\nb',
  'x=1\nEOF\nhit<<EOF\ntrue\nEOF',
  'end-\n',
  '',
  '::set-output name=a::b',
  '100 %\r\n',
  'größe 🐢',
];

it.each(AWKWARD)('the value %j comes back as it is, and nothing beside it', async (value) => {
  await runner.setOutput('report', value);
  await runner.setOutput('hit', 'false');
  const text = await readFile(path.join(directory, 'GITHUB_OUTPUT'), 'utf8');
  expect(readAssignments(text)).toEqual({ report: value, hit: 'false' });
});

it('an annotation of any text is one annotation with that text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('error', 'warning', 'notice'), (text, level) => {
      log = '';
      runner.annotate(level, text);
      expect(readLog(log).annotations).toEqual([{ level, message: text, properties: { title: 'slipway' } }]);
    }),
  );
});

it('nothing that is said in a quote is a command', async () => {
  await runner.quote('restore', async () => {
    runner.say('::error::planted');
    runner.say('::stop-commands::other');
    runner.say('::other::');
    runner.say('::warning::planted');
  });
  runner.annotate('notice', 'own');
  expect(readLog(log).annotations.map(({ message }) => message)).toEqual(['own']);
});

it('a quote ends when its work fails', async () => {
  await expect(runner.quote('restore', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  runner.annotate('notice', 'own');
  expect(readLog(log).annotations).toHaveLength(1);
});

it('outside of a job the missing variable is named, with what to run instead', async () => {
  await expect(openRunner({}, () => {}).setOutput('hit', 'true')).rejects.toMatchObject({
    message: '`GITHUB_OUTPUT` is not set',
    hint: expect.stringContaining('slipway restore'),
  });
});
