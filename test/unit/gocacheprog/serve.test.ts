import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { openLocalCache, type LocalCache } from '../../../src/gocacheprog/local-cache.ts';
import { serve, type ServeCounts, type ServeOptions } from '../../../src/gocacheprog/serve.ts';
import { outputPath } from '../../../src/pack/action-record.ts';
import { countCases } from '../../helpers/count-cases.ts';
import { SLICE_SEED } from '../../helpers/seeded-slice.ts';
import { sized } from '../../helpers/suite-size.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-prog-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Answer {
  readonly ID: number;
  readonly Err?: string;
  readonly Miss?: boolean;
  readonly OutputID?: string;
  readonly Size?: number;
  readonly DiskPath?: string;
  readonly KnownCommands?: readonly string[];
}

interface Run {
  readonly answers: readonly Answer[];
  readonly counts: ServeCounts;
  readonly log: readonly string[];
  readonly local: LocalCache;
  readonly seconds: number;
}

async function run(input: AsyncIterable<Uint8Array>, options: Partial<ServeOptions> = {}): Promise<Run> {
  const home = await mkdtemp(join(directory, 'run-'));
  const answers: Answer[] = [];
  const log: string[] = [];
  const local = openLocalCache(join(home, 'local'), Date.now);
  const startedAt = performance.now();
  const counts = await serve({
    input,
    write: (line) => {
      expect(line.endsWith('\n')).toBe(true);
      answers.push(JSON.parse(line) as Answer);
    },
    local,
    spare: openLocalCache(join(home, 'spare'), Date.now),
    remote: { find: async () => undefined },
    publish: async () => undefined,
    clock: systemClock,
    log: (line) => void log.push(line),
    closeMs: 500,
    ...options,
  });
  return { answers, counts, log, local, seconds: (performance.now() - startedAt) / 1000 };
}

function hash(text: string | Uint8Array): Buffer {
  return createHash('sha256').update(text).digest();
}

/** As Go writes it: the object, a line break of the encoder and one more, then the body in base64. */
function request(id: number, command: string, action?: Buffer, body?: Buffer): string {
  const head = {
    ID: id,
    Command: command,
    ...(action && { ActionID: action.toString('base64') }),
    ...(body && { OutputID: hash(body).toString('base64') }),
    ...(body && body.byteLength > 0 && { BodySize: body.byteLength }),
  };
  const tail = body && body.byteLength > 0 ? `"${body.toString('base64')}"\n` : '';
  return `${JSON.stringify(head)}\n\n${tail}`;
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** xorshift: the same seed gives the same run. */
function randomOf(seed: number): (below: number) => number {
  let state = (seed + 1) * 2_654_435_761;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

describe('the protocol', () => {
  test('begins with what it knows, and answers close last', async () => {
    const body = Buffer.from('a package');
    const action = hash('action');
    const text = request(1, 'put', action, body) + request(2, 'get', hash('other')) + request(3, 'close');
    const { answers, local } = await run(once(text));
    expect(answers[0]).toEqual({ ID: 0, KnownCommands: ['get', 'put', 'close'] });
    expect(answers.at(-1)).toEqual({ ID: 3 });
    const path = local.pathOf(outputPath(hash(body).toString('hex')));
    expect(answers).toContainEqual({ ID: 1, DiskPath: path });
    expect(answers).toContainEqual({ ID: 2, Miss: true });
    expect(await readFile(path)).toEqual(body);
  });

  test('an output that was altered on disk is a miss', async () => {
    const home = await mkdtemp(join(directory, 'altered-'));
    const body = Buffer.from('a package');
    const action = hash('a');
    await openLocalCache(home, Date.now).put(action.toString('hex'), hash(body).toString('hex'), body);
    const found = await openLocalCache(home, Date.now).find(action.toString('hex'));
    expect(found?.sizeBytes).toBe(9);
    await writeFile(found!.path, 'b package');
    expect(await openLocalCache(home, Date.now).find(action.toString('hex'))).toBeUndefined();
  });

  test('a put that the disk refuses is kept elsewhere', async () => {
    const file = join(directory, 'a-file');
    await writeFile(file, '');
    const refusing = openLocalCache(file, Date.now);
    const { answers, log } = await run(once(request(1, 'put', hash('a'), Buffer.from('x')) + request(2, 'close')), {
      local: refusing,
    });
    expect(answers[1]?.DiskPath).toMatch(/spare/);
    expect(log.join()).toContain('could not be kept');
  });

  test.each([
    ['unknown command', '{"ID":1,"Command":"get2"}\n', { ID: 1, Err: 'unknown command `get2`' }],
    ['broken JSON with an ID', '{"ID":1,"Command":"ge\n', { ID: 1, Err: 'a line that is not JSON' }],
    [
      'a body of another size',
      '{"ID":1,"Command":"put","BodySize":9}\n"YWE="\n',
      { ID: 1, Err: expect.stringContaining('9 bytes') },
    ],
    [
      'a body that never comes',
      '{"ID":1,"Command":"put","BodySize":9}\n',
      { ID: 1, Err: expect.stringContaining('not the 9 bytes') },
    ],
    [
      'an output of another hash',
      request(1, 'put', hash('a'), Buffer.from('x')).replace('"eA=="', '"eQ=="'),
      { ID: 1, Err: expect.stringContaining('does not hash') },
    ],
    ['an action that is no hash', '{"ID":1,"Command":"get","ActionID":"YWE="}\n', { ID: 1, Miss: true }],
  ])('%s', async (_, text, wanted) => {
    const { answers } = await run(once(text + request(2, 'get', hash('x')) + request(3, 'close')));
    expect(answers).toContainEqual(wanted);
    expect(answers).toContainEqual({ ID: 2, Miss: true });
    expect(answers.at(-1)).toEqual({ ID: 3 });
  });

  test('lines without an ID are not answered, since Go ends on an answer it does not expect', async () => {
    const { answers, counts } = await run(once(`nonsense\n[]\nnull\n"text"\n\n \n${request(9, 'close')}`));
    expect(answers.map(({ ID }) => ID)).toEqual([0, 9]);
    expect(counts.broken).toBe(4);
  });

  test('200 gets at once are answered in any order, each once', async () => {
    const gets = Array.from({ length: 200 }, (_, i) => request(i + 1, 'get', hash(`${i}`))).join('');
    const remote = { find: () => sleep(Math.random() * 50, undefined) };
    const { answers } = await run(once(gets + request(201, 'close')), { remote });
    expect(answers.map(({ ID }) => ID).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 202 }, (_, i) => i));
    expect(answers.slice(1, -1).every(({ Miss }) => Miss)).toBe(true);
    expect(answers.slice(1, -1).map(({ ID }) => ID)).not.toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    countCases({ suite: 'R17', what: 'gets at once', cases: 200 });
  });

  test.each(['fails', 'hangs'])('close is answered when the upload %s', async (how) => {
    const publish = (): Promise<void> =>
      how === 'fails' ? Promise.reject(new Error('full')) : new Promise(() => undefined);
    const text = request(1, 'put', hash('a'), Buffer.from('x')) + request(2, 'close');
    const { answers, seconds } = await run(once(text), { publish });
    expect(answers.at(-1)).toEqual({ ID: 2 });
    expect(seconds).toBeLessThan(2);
  });

  test('a get whose store throws is a miss', async () => {
    const remote = { find: () => Promise.reject(new Error('bug')) };
    const { answers } = await run(once(request(1, 'get', hash('x')) + request(2, 'close')), { remote });
    expect(answers).toContainEqual({ ID: 1, Miss: true });
  });
});

describe('fuzz', () => {
  const requests = sized({ slice: 5_000, published: 50_000, torture: 1_000_000 });

  test(`${requests} requests, good and broken, in pieces of any size (seed ${SLICE_SEED})`, {
    timeout: 600_000,
  }, async () => {
    const random = randomOf(SLICE_SEED);
    const stored = new Map<string, Buffer>();
    const expected = new Map<number, (answer: Answer) => void>();
    const actions = Array.from({ length: 500 }, (_, i) => hash(`${SLICE_SEED} ${i}`));
    /** In which batch an action was put first: later ones must find it, that one may. */
    const firstPut = new Map<string, number>();
    let batch = 0;
    let settled: () => boolean = () => true;
    const make = (id: number): string => {
      const action = actions[random(actions.length)]!;
      const kind = random(10);
      if (kind < 4) {
        const wanted = stored.get(action.toString('hex'));
        const isSure = (firstPut.get(action.toString('hex')) ?? batch) < batch;
        expected.set(id, (answer) => {
          if (!isSure && answer.Miss) return expect(answer).toEqual({ ID: id, Miss: true });
          if (!wanted) throw new Error(`what nobody put was found: ${JSON.stringify(answer)}`);
          expect(answer.OutputID).toBe(hash(wanted).toString('base64'));
          expect(answer.Size).toBe(wanted.byteLength);
        });
        return request(id, 'get', action);
      }
      if (kind < 7) {
        // The same action always has the same output, as in Go.
        const body = stored.get(action.toString('hex')) ?? randomBytes(random(3) === 0 ? 0 : random(2000));
        stored.set(action.toString('hex'), body);
        if (!firstPut.has(action.toString('hex'))) firstPut.set(action.toString('hex'), batch);
        expected.set(id, (answer) => expect(answer.DiskPath).toMatch(/-d$/));
        return request(id, 'put', action, body);
      }
      expected.set(id, (answer) => expect(answer.Err).toMatch(/./));
      const bad = [
        `{"ID":${id},"Command":"get"`,
        `{"ID":${id},"Command":"evict","ActionID":"AAAA"}`,
        `{"ID":${id},"Command":"put","BodySize":12}\n"YWE="`,
        `{"ID":${id},"Command":"put","BodySize":-1}`,
        `{"ID":${id},"Command":7}`,
        `{"ID":${id},"Command":"put","ActionID":"YWE=","OutputID":{}}`,
      ];
      return `${bad[random(bad.length)]}\n`;
    };
    let made = 0;
    async function* input(): AsyncGenerator<Uint8Array> {
      while (made < requests) {
        let text = '';
        for (let i = 0; i < 50 && made < requests; i += 1) text += make((made += 1));
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.byteLength; ) {
          const next = at + 1 + random(4000);
          yield bytes.subarray(at, next);
          at = next;
        }
        batch += 1;
        while (!settled()) await new Promise((resolve) => setImmediate(resolve));
      }
      yield Buffer.from(request(made + 1, 'close'));
    }
    const home = await mkdtemp(join(directory, 'fuzz-'));
    const answered = new Map<number, Answer>();
    settled = () => answered.size >= made + 1;
    await serve({
      input: input(),
      write: (line) => {
        const answer = JSON.parse(line) as Answer;
        expect(answered.has(answer.ID)).toBe(false);
        answered.set(answer.ID, answer);
      },
      local: openLocalCache(join(home, 'local'), Date.now),
      spare: openLocalCache(join(home, 'spare'), Date.now),
      remote: { find: async () => undefined },
      publish: async () => undefined,
      clock: systemClock,
      log: () => undefined,
      closeMs: 500,
    });
    expect(answered.size).toBe(requests + 2);
    for (const [id, check] of expected) check(answered.get(id)!);
    expect(expected.size).toBe(requests);
    countCases({ suite: 'R17', what: 'requests of a fuzzed protocol', cases: requests, seed: SLICE_SEED });
  });
});
