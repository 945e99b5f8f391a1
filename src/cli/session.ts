import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Engine, UserBuild } from '../buildkit/types.ts';
import { loadConfig, type Config } from '../config/load-config.ts';
import { userCacheDirectory, type Settings } from '../config/options.ts';
import { readRunFacts } from '../config/read-run-facts.ts';
import type { RunFacts } from '../config/run-facts.ts';
import type { PlannedScopes } from '../config/scopes.ts';
import { systemClock } from '../core/clock.ts';
import { SlipwayError } from '../core/errors.ts';
import { createLogger, type Logger } from '../core/logger.ts';
import type { Store } from '../store/port.ts';
import type { StoreContext, TrustSettings, WarmContext } from '../warm/types.ts';
import type { Trust } from '../trust/choose-trust.ts';
import { decideRun } from './decide-run.ts';
import type { ParsedWords } from './flag-words.ts';
import type { CliIo } from './io.ts';
import { readOptionFlags } from './own-flags.ts';
import type { Parts } from './parts.ts';
import { rememberBuildSecrets } from './remember-secrets.ts';
import { createProgress, type Progress } from './progress/create-progress.ts';
import { readTrust } from './read-trust.ts';
import { readVersion } from './version.ts';

/** What every command that runs builds has in hand: settings, scopes, progress and the opened store. */
export interface Session extends Disposable {
  readonly io: CliIo;
  readonly config: Config;
  readonly settings: Settings;
  readonly scopes: PlannedScopes;
  readonly isReadOnly: boolean;
  readonly believes: Trust;
  readonly progress: Progress;
  readonly parts: Parts;
  readonly store: Store;
  /** A cache fault fails the run: `--strict-cache`, or `ignore-error=false` in the store's spec. */
  readonly isStrict: boolean;
  readonly trust: TrustSettings | undefined;
  readonly facts: RunFacts;
  readonly logger: Logger;
}

/** Reads the configuration, plans the scopes and opens the store: all that can be a usage error comes before an engine. */
export async function openSession(
  io: CliIo,
  input: { readonly parsed: ParsedWords; readonly userBuild: UserBuild },
): Promise<Session> {
  await rememberBuildSecrets(input.userBuild, io.env);
  const directory = await configDirectory(io.cwd, input.userBuild.context);
  const config = await loadConfig({ flags: readOptionFlags(input.parsed), env: io.env, directory });
  const { settings } = config;
  if (settings.scope?.startsWith(':') === true) {
    throw new SlipwayError(
      'USAGE',
      `the scope \`${settings.scope}\` can't be saved under: those with \`:\` are slipway's own`,
    );
  }
  const decisions = await decideRun(config, io.env, directory);
  const { scopes, readOnlyReason } = decisions;
  const parts = await io.loadParts();
  const mode = input.userBuild.quiet ? 'quiet' : settings.progress;
  const progress = createProgress({ mode, stream: io.stderr, env: io.env, clock: systemClock });
  const logger = progressLogger(progress, settings);
  const version = await readVersion();
  const facts = await readRunFacts({ repository: settings.repository, env: io.env, directory, version });
  const trust = await readTrust({ config, facts, signingKeyText: io.signingKey, writeScope: scopes.write, logger });
  const opened = parts.openStores(settings.store, {
    env: io.env,
    logger,
    timeoutSeconds: settings['cache-timeout'],
    isStrict: settings['strict-cache'],
  });
  for (const warning of config.warnings) logger.warning(warning);
  const isReadOnly = decisions.isReadOnly || opened.isReadOnly;
  if (readOnlyReason !== undefined) logger.info(`the store is only read: ${readOnlyReason}`);
  const believed = decisions.believes(trust?.isRequired === true);
  if (believed.reason !== undefined) logger.info(believed.reason);
  return {
    io,
    config,
    settings,
    scopes,
    isReadOnly,
    believes: believed.trust,
    progress,
    parts,
    store: opened.store,
    isStrict: opened.isStrict || settings['strict-cache'],
    trust,
    facts,
    logger,
    [Symbol.dispose]: () => progress.close(),
  };
}

export interface ConnectInput {
  readonly userBuild: UserBuild;
  readonly isDryRun: boolean;
  /** Which engine, in which environment, where the settings and the process's own don't say it. */
  readonly engine?: Settings['engine'];
  readonly env?: CliIo['env'];
}

/** Finds the engine and joins it with the session: what the use-cases are given. The caller disposes of the engine. */
export async function connect(session: Session, input: ConnectInput): Promise<WarmContext> {
  const { io, settings, logger } = session;
  const cacheDirectory = userCacheDirectory(io.env);
  const engine = await session.parts.discoverEngine({
    env: input.env ?? io.env,
    userBuilder: input.userBuild.builder,
    engine: input.engine ?? settings.engine,
    cacheDirectory,
    signal: io.signal,
    logger,
  });
  logger.info(`engine: ${engine.description}`);
  try {
    engine.checkUserBuild(forEngine(input.userBuild, engine));
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
  return { ...storeContext(session, input.isDryRun), engine };
}

/** The same for commands that ask no builder. */
export function storeContext(session: Session, isDryRun: boolean): StoreContext {
  const { io, settings, progress, logger } = session;
  return {
    store: session.store,
    clock: systemClock,
    logger,
    onEvent: progress.onEvent,
    signal: io.signal,
    workDirectory: userCacheDirectory(io.env),
    options: {
      scopes: { write: session.scopes.write, read: session.scopes.read },
      helperImage: settings['helper-image'],
      isReadOnly: session.isReadOnly,
      believes: session.believes,
      isGuarded: settings.guard,
      modules: settings.modules,
      isStrict: session.isStrict,
      withTestResults: settings['save-test-results'],
      cacheTimeoutSeconds: settings['cache-timeout'],
      isDryRun,
      ...(session.trust === undefined ? {} : { trust: session.trust }),
      facts: { ...session.facts },
    },
  };
}

/** `--debug` is slipway's own flag too; buildctl, which has none for a build, can do without it. */
export function forEngine(build: UserBuild, engine: Engine): UserBuild {
  if (engine.kind === 'buildx') return build;
  return { ...build, passthrough: build.passthrough.filter((word) => !/^(?:-D|--debug)(?:=|$)/.test(word)) };
}

/** The local context directory, where there is one: a configuration file beside the Dockerfile holds for its builds. */
export async function configDirectory(cwd: string, context: string): Promise<string> {
  const directory = resolve(cwd, context);
  try {
    return (await stat(directory)).isDirectory() ? directory : cwd;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return cwd;
    throw error;
  }
}

const LEVELS = ['debug', 'info', 'warning', 'error'];

function progressLogger(progress: Progress, settings: Settings): Logger {
  const least = LEVELS.indexOf(settings['log-level']);
  return createLogger((level, line) => {
    if (LEVELS.indexOf(level) < least) return;
    progress.onEvent({
      type: 'message',
      level: level === 'warning' || level === 'error' ? 'warning' : 'info',
      text: line,
    });
  }, settings['log-level'] === 'debug');
}
