import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInputs } from '../../src/action/inputs.ts';
import { optionWords } from '../../src/action/plan-words.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { isSlipwayError } from '../../src/core/errors.ts';
import { parseWords } from '../../src/cli/flag-words.ts';
import { decideRun } from '../../src/session/decide-run.ts';
import { OPTION_FLAGS, readOptionFlags } from '../../src/cli/own-flags.ts';
import { countCases } from '../helpers/count-cases.ts';
import { startGhaServer, type GhaServer } from '../helpers/gha/gha-server.ts';
import { openPlainTestStore } from '../helpers/store-contract-open.ts';
import { warmClient } from '../helpers/warm-client.ts';

/** Every event, from this repository and from a fork, with each token: what the action's run may save, by the CLI's own decision. */
interface Row {
  readonly event: string;
  readonly ref: string;
  /** Scope that is written where the change comes from this repository; undefined: only read. */
  readonly own: string | undefined;
  readonly fork: string | undefined;
  readonly payload?: (head: string) => object;
}

const change = (head: string) => ({
  pull_request: {
    number: 7,
    head: { repo: { full_name: head } },
    base: { ref: 'main', repo: { full_name: 'us/app' } },
  },
});
const comment = () => ({ issue: { number: 7, pull_request: { url: 'https://api.example.com/7' } } });
const MAIN = 'refs/heads/main';
const MERGE = 'refs/pull/7/merge';

const ROWS: readonly Row[] = [
  { event: 'push', ref: MAIN, own: 'main', fork: 'main' },
  { event: 'schedule', ref: MAIN, own: 'main', fork: 'main' },
  { event: 'workflow_dispatch', ref: 'refs/heads/fix', own: 'fix', fork: 'fix' },
  { event: 'repository_dispatch', ref: MAIN, own: 'main', fork: 'main' },
  {
    event: 'merge_group',
    ref: 'refs/heads/gh-readonly-queue/main/pr-7-0123',
    own: 'gh-readonly-queue/main',
    fork: 'gh-readonly-queue/main',
    payload: () => ({ merge_group: { base_ref: MAIN } }),
  },
  { event: 'release', ref: 'refs/tags/v1', own: undefined, fork: undefined },
  { event: 'pull_request', ref: MERGE, own: 'pr-7', fork: undefined, payload: change },
  { event: 'pull_request_review', ref: MERGE, own: 'pr-7', fork: undefined, payload: change },
  { event: 'pull_request_review_comment', ref: MERGE, own: 'pr-7', fork: undefined, payload: change },
  { event: 'pull_request_target', ref: MAIN, own: undefined, fork: undefined, payload: change },
  { event: 'issue_comment', ref: MAIN, own: undefined, fork: undefined, payload: comment },
  { event: 'workflow_run', ref: MAIN, own: undefined, fork: undefined },
  { event: 'watch', ref: MAIN, own: undefined, fork: undefined },
  { event: 'made_up_next_year', ref: MAIN, own: undefined, fork: undefined },
];
const TOKENS = {
  'one that writes': { canWrite: true },
  'one that reads': { canWrite: false },
  none: undefined,
} as const;

/** Runs whose outcome was right: each event, origin and token. */
let decided = 0;

let directory: string;
let service: GhaServer;
let runs = 0;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-events-'));
  // A run saves one or two entries; the limit of a minute is for other tests.
  service = await startGhaServer({ entriesPerMinute: 10_000 });
});

afterAll(async () => {
  await service?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function runOf(row: Row, head: string, inputs: Readonly<Record<string, string>> = {}) {
  const payload = { repository: { default_branch: 'main', full_name: 'us/app' }, ...row.payload?.(head) };
  const event = path.join(directory, `event-${(runs += 1)}.json`);
  await writeFile(event, JSON.stringify(payload));
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'us/app',
    GITHUB_EVENT_NAME: row.event,
    GITHUB_EVENT_PATH: event,
    GITHUB_REF: row.ref,
    GITHUB_HEAD_REF: row.ref === MERGE ? 'fix' : '',
    GITHUB_ACTOR: 'ann',
  };
  const flags = readOptionFlags(parseWords(optionWords(readInputs(inputs)), OPTION_FLAGS));
  const config = await loadConfig({ flags, env, directory });
  return decideRun(config, env, directory);
}

/** Saves as a run so decided does; what the service says of its token is the answer. */
async function outcome(row: Row, head: string, token: keyof typeof TOKENS): Promise<string> {
  const { scopes, isReadOnly } = await runOf(row, head);
  if (isReadOnly) return 'only reads';
  const options = TOKENS[token];
  const env = options === undefined ? {} : service.jobEnv(options);
  const store = openPlainTestStore({ type: 'gha' }, env);
  try {
    await warmClient({ store, scope: scopes.write, workDirectory: path.join(directory, 'work') }).push([
      [`run ${runs}`],
    ]);
    return `saves ${scopes.write}`;
  } catch (error) {
    if (isSlipwayError(error)) return error.code;
    throw error;
  }
}

describe.each(ROWS)('$event', (row) => {
  it.each([
    ['this repository', 'us/app', row.own],
    ['a fork', 'them/app', row.fork],
  ] as const)('from %s', async (_from, head, scope) => {
    const entries = service.entries().length;
    for (const token of ['one that reads', 'none'] as const) {
      const expected = { 'one that reads': 'STORE_REFUSED', none: 'STORE_UNAUTHENTICATED' }[token];
      expect(await outcome(row, head, token), token).toBe(scope === undefined ? 'only reads' : expected);
      decided += 1;
    }
    expect(service.entries()).toHaveLength(entries);
    expect(await outcome(row, head, 'one that writes')).toBe(scope === undefined ? 'only reads' : `saves ${scope}`);
    expect(service.entries().length > entries).toBe(scope !== undefined);
    decided += 1;
  });

  it('mode read-only reads in any case; read-write never writes the scope of the default branch for what may not write by itself', async () => {
    expect((await runOf(row, 'us/app', { INPUT_MODE: 'read-only' })).isReadOnly).toBe(true);
    const lifted = await runOf(row, 'them/app', { INPUT_MODE: 'read-write' });
    expect(lifted.isReadOnly).toBe(false);
    if (row.fork === undefined) expect(lifted.scopes.write).not.toBe('main');
  });
});

it('each event was tried from here and from a fork, with each token', () => {
  const cases = ROWS.length * 2 * Object.keys(TOKENS).length;
  expect([ROWS.length, decided]).toEqual([14, cases]);
  countCases({ suite: 'R21', what: 'events with an origin and a token', cases });
});
