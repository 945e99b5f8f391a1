import { appendFileSync } from 'node:fs';
import { access, constants, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findGitRoot } from '../../config/find-config-file.ts';
import { userCacheDirectory } from '../../config/options.ts';
import { systemClock } from '../../core/clock.ts';
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { redact } from '../../core/redact.ts';
import { makeTemporaryDirectory } from '../../core/temporary-directory.ts';
import { openLocalCache } from '../../gocacheprog/local-cache.ts';
import { packNewEntries } from '../../gocacheprog/pack-new-entries.ts';
import { openRemotePacks, type PackIndex } from '../../gocacheprog/remote-packs.ts';
import { serve, type ServeOptions } from '../../gocacheprog/serve.ts';
import { refusePublic } from '../../warm/refuse-public.ts';
import { sweepLeftovers } from '../../warm/sweep-leftovers.ts';
import type { StoreContext } from '../../warm/types.ts';
import type { LoadedCommand } from '../command-table.ts';
import { lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { PROG_OPTIONS } from '../prog-options.ts';
import { readUserBuild } from '../read-user-build.ts';
import { openSession, type Session } from '../session.ts';

const OWN_FLAGS: readonly FlagSpec[] = [
  { name: 'directory', arity: 'value', placeholder: 'DIR', help: 'Where entries lie on this machine' },
  { name: 'log', arity: 'value', placeholder: 'FILE', help: 'Where it is said what went wrong' },
];
const FLAGS: readonly FlagSpec[] = [...OWN_FLAGS, ...PROG_OPTIONS];

/** A `get` waits this long for the store, and `close` this long for what is uploaded. */
const PATIENCE_MS = 2000;
const CLOSE_MS = 4500;

export const gocacheprogCommand: LoadedCommand = {
  flags: FLAGS,
  run: runProg,
  help: {
    summary: "Go's build cache over a store, for machines whose cache directory can't be prepared: a GOCACHEPROG.",
    usage: 'GOCACHEPROG="slipway gocacheprog [OPTIONS]" go build ./...',
    sections: [{ title: 'Options', flags: FLAGS }],
    notes: [
      'Go starts it and speaks with it; it is of no use by itself. A pack of the store is fetched when the first of its entries',
      'is asked for. A store that fails or is slow means misses: it never fails a build, and holds up a request for 2 s at most.',
      'What a build adds is uploaded at its end, in 5 s at most, or left out, which the log says.',
    ],
    examples: [
      'GOCACHEPROG="slipway gocacheprog --store type=s3,bucket=my-cache,region=eu-central-1" go build ./...',
      'GOCACHEPROG="slipway gocacheprog --read-only --log /tmp/gocacheprog.log" go test ./...',
    ],
  },
};

async function runProg(parsed: ParsedWords, io: CliIo): Promise<number> {
  const work = await makeTemporaryDirectory('gocacheprog');
  const home = await makeHome(io, lastValue(parsed, 'directory'), join(work, 'home'));
  const log = openLog(resolve(io.cwd, lastValue(parsed, 'log') ?? join(home, 'log')));
  // Whatever goes wrong here, Go would fail the build if this process ended before `close`.
  const onError = (error: unknown): void =>
    log(`uncaught: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
  process.on('uncaughtException', onError).on('unhandledRejection', onError);
  const stop = new AbortController();
  try {
    using session = await openSessionOrNot(parsed, io, log);
    const local = openLocalCache(join(home, directoryName(session)), () => Date.now());
    const spare = openLocalCache(join(work, 'spare'), () => Date.now());
    const ends = session === undefined ? NO_STORE : openEnds(session, { local, work, log, signal: stop.signal });
    const counts = await serve({
      input: io.stdin as AsyncIterable<Uint8Array>,
      write: (line) => void io.stdout.write(line),
      local,
      spare,
      ...ends,
      clock: systemClock,
      log,
      closeMs: CLOSE_MS,
    });
    log(`${counts.hits} of ${counts.gets} gets were hits, ${counts.puts} puts, ${counts.broken} broken lines`);
    return 0;
  } finally {
    stop.abort(new Error('Go is done'));
    await rm(work, { recursive: true, force: true });
    await sweepLeftovers({ workDirectory: userCacheDirectory(io.env), clock: systemClock, logger: loggerOf(log) });
    process.off('uncaughtException', onError).off('unhandledRejection', onError);
  }
}

/** Where entries are kept; where that can't be, a temporary directory is better than a build that fails for it. */
async function makeHome(io: CliIo, named: string | undefined, spare: string): Promise<string> {
  const home = resolve(io.cwd, named ?? join(userCacheDirectory(io.env), 'gocacheprog'));
  try {
    await mkdir(home, { recursive: true });
    await access(home, constants.W_OK | constants.X_OK);
    return home;
  } catch (error) {
    io.stderr.write(`slipway: warning: entries are not kept on this machine: ${errorMessage(error)}\n`);
    await mkdir(spare);
    return spare;
  }
}

/**
 * What came from a store that anybody may write to must not be used where signatures are asked for, nor anything of a store
 * where only modules are believed: each has a directory of its own.
 */
function directoryName(session: Session | undefined): string {
  if (session?.believes === 'modules') return 'own';
  return session?.trust?.isRequired === true ? 'signed' : 'any';
}

type Ends = Pick<ServeOptions, 'remote' | 'publish'>;

const NOTHING: PackIndex = { packs: [], entriesByPack: new Map() };

const NO_STORE: Ends = { remote: { find: async () => undefined }, publish: async () => undefined };

/** A store that can't even be opened means a build without it, said on stderr: Go shows that. */
async function openSessionOrNot(
  parsed: ParsedWords,
  io: CliIo,
  log: (line: string) => void,
): Promise<Session | undefined> {
  try {
    const ownFlags = new Set(FLAGS.map(({ name }) => name));
    const userBuild = readUserBuild({ parsed, ownFlags, env: io.env, defaultContext: '.' });
    return await openSession(io, { parsed, userBuild: { ...userBuild, quiet: true } });
  } catch (error) {
    log(`no store: ${errorMessage(error)}`);
    io.stderr.write(`slipway: warning: the build goes on without a store: ${errorMessage(error)}\n`);
    return undefined;
  }
}

interface EndOptions {
  readonly local: ReturnType<typeof openLocalCache>;
  readonly work: string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The store's two ends: packs that come in, and the one that goes out. */
function openEnds(session: Session, { local, work, log, signal }: EndOptions): Ends {
  const { parts, store, scopes, trust } = session;
  const context = contextOf(session, log, signal);
  const state = parts.readStoredState(context, [...new Set([scopes.write, ...scopes.read])]);
  state.catch(() => undefined);
  const remote = openRemotePacks({
    store,
    local,
    log,
    signal,
    // There are no modules here: where only those are believed, nothing is read.
    readIndex: async () => (session.believes === 'all' ? state : NOTHING),
    directory: join(work, 'packs'),
    clock: systemClock,
    patienceMs: PATIENCE_MS,
  });
  const publish: Ends['publish'] = async (newActions, until) => {
    if (session.isReadOnly || session.settings['no-save']) return;
    const stored = await state;
    const known = new Set([...stored.entriesByPack.values()].flatMap((entries) => entries.map(({ path }) => path)));
    const file = join(work, 'new.tar.gz');
    const facts = await packNewEntries({ newActions, known, local, file, signal: until });
    if (facts === undefined) return;
    const writing = contextOf(session, log, until);
    const checkout = (await findGitRoot(session.io.cwd)) ?? session.io.cwd;
    const code = { directories: [checkout], goPrivate: [] };
    const refusal = await refusePublic(writing, code, stored.heads[0]?.name);
    if (refusal !== undefined) return log(`nothing is stored: ${refusal.message}`);
    const published = await parts.publish(writing, stored, {
      fresh: [{ facts, file }],
      used: {},
      build: undefined,
      owners: {},
      facts: { ...session.facts },
      // A signature vouches for what the build read too, which is only known where all of it had to be signed.
      signingKeys: trust?.isRequired === true ? trust.signingKeys : [],
      directory: work,
    });
    log(`${facts.entries.length} new entries are stored, ${published.bytesMoved} bytes`);
  };
  return { remote, publish };
}

/** What the use-cases want of a run; nothing here builds anything. */
function contextOf(session: Session, log: (line: string) => void, signal: AbortSignal): StoreContext {
  const { settings, scopes, trust, privacy } = session;
  return {
    store: session.store,
    clock: systemClock,
    logger: loggerOf(log),
    onEvent: () => undefined,
    signal,
    workDirectory: userCacheDirectory(session.io.env),
    options: {
      scopes: { write: scopes.write, read: scopes.read },
      helperImage: settings['helper-image'],
      isReadOnly: session.isReadOnly,
      believes: session.believes,
      isGuarded: false,
      isStrict: false,
      cacheTimeoutSeconds: settings['cache-timeout'],
      isDryRun: false,
      ...(trust && { trust }),
      ...(privacy && { privacy }),
    },
  };
}

function loggerOf(log: (line: string) => void): Logger {
  return { debug: log, info: log, warning: log, error: log };
}

/** Written at once, so that nothing is lost when the process is killed; a log that can't be written changes nothing. */
function openLog(file: string): (line: string) => void {
  let isBroken = false;
  return (line) => {
    if (isBroken) return;
    try {
      appendFileSync(file, `${new Date().toISOString()} [${process.pid}] ${redact(line)}\n`);
    } catch {
      isBroken = true;
    }
  };
}
