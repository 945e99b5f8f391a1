import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Engine, UserBuild } from '../buildkit/types.ts';
import { loadConfig, type Config, type ConfigInput } from '../config/load-config.ts';
import { userCacheDirectory, type Environment, type Settings } from '../config/options.ts';
import { readRunFacts } from '../config/read-run-facts.ts';
import type { RunFacts } from '../config/run-facts.ts';
import type { PlannedScopes } from '../config/scopes.ts';
import { systemClock } from '../core/clock.ts';
import { SlipwayError } from '../core/errors.ts';
import type { EventSink } from '../core/events.ts';
import type { Logger } from '../core/logger.ts';
import type { Store } from '../store/port.ts';
import type { Trust } from '../trust/choose-trust.ts';
import type { Privacy, StoreContext, TrustSettings, WarmContext } from '../warm/types.ts';
import { decideRun } from './decide-run.ts';
import { eventLogger } from './event-logger.ts';
import { findCloser } from './own-command.ts';
import type { Parts } from './parts.ts';
import { readPrivacy } from './read-privacy.ts';
import { readTrust } from './read-trust.ts';
import { rememberBuildSecrets } from './remember-secrets.ts';
import { readVersion } from './version.ts';

/** What a session needs of the process that it runs in. */
export interface SessionHost {
  readonly env: Environment;
  /** The text of SLIPWAY_SIGNING_KEY, which is not in `env`. */
  readonly signingKey?: string | undefined;
  /** Where relative contexts start. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly loadParts: () => Promise<Parts>;
}

export interface SessionInput {
  readonly host: SessionHost;
  /** What stands before variables and files. */
  readonly flags: ConfigInput['flags'];
  readonly nameOf?: ConfigInput['nameOf'];
  readonly userBuild: UserBuild;
  /** Who is told what happens, once the settings that decide it are known. */
  readonly listen: (settings: Settings) => EventSink;
  /** Stands for the stores of the settings. */
  readonly store?: Store | undefined;
}

/** What everything that runs builds has in hand: settings, scopes, who listens and the opened store. */
export interface Session {
  readonly host: SessionHost;
  readonly config: Config;
  readonly settings: Settings;
  readonly scopes: PlannedScopes;
  readonly isReadOnly: boolean;
  readonly believes: Trust;
  readonly parts: Parts;
  readonly store: Store;
  /** A cache fault fails the run: `--strict-cache`, or `ignore-error=false` in the store's spec. */
  readonly isStrict: boolean;
  readonly trust: TrustSettings | undefined;
  /** Undefined with `--allow-public`. */
  readonly privacy: Privacy | undefined;
  readonly facts: RunFacts;
  readonly onEvent: EventSink;
  readonly logger: Logger;
}

/** Reads the configuration, plans the scopes and opens the store: all that can be a usage error comes before an engine. */
export async function openSession({ host, flags, nameOf, userBuild, listen, store }: SessionInput): Promise<Session> {
  const { env } = host;
  await rememberBuildSecrets(userBuild, env);
  const directory = await configDirectory(host.cwd, userBuild.context);
  const config = await loadConfig({ flags, nameOf, env, directory });
  const { settings } = config;
  if (settings.scope?.startsWith(':') === true) {
    throw new SlipwayError(
      'USAGE',
      `the scope \`${settings.scope}\` can't be saved under: those with \`:\` are slipway's own`,
    );
  }
  const decisions = await decideRun(config, env, directory);
  const { scopes, readOnlyReason } = decisions;
  const parts = await host.loadParts();
  const onEvent = listen(settings);
  const logger = eventLogger(onEvent, settings['log-level']);
  const version = await readVersion();
  const facts = await readRunFacts({ repository: settings.repository, env, directory, version });
  const trust = await readTrust({ config, facts, signingKeyText: host.signingKey, writeScope: scopes.write, logger });
  const opened = store === undefined ? openConfigured(parts, { env, logger, settings }) : { store };
  for (const warning of config.warnings) logger.warning(warning);
  if (readOnlyReason !== undefined) logger.info(`the store is only read: ${readOnlyReason}`);
  const believed = decisions.believes(trust?.isRequired === true);
  if (believed.reason !== undefined) logger.info(believed.reason);
  return {
    host,
    config,
    settings,
    scopes,
    isReadOnly: decisions.isReadOnly || opened.isReadOnly === true,
    believes: believed.trust,
    parts,
    store: opened.store,
    isStrict: opened.isStrict === true || settings['strict-cache'],
    trust,
    privacy: settings['allow-public'] ? undefined : await readPrivacy(env),
    facts,
    onEvent,
    logger,
  };
}

function openConfigured(
  parts: Parts,
  { env, logger, settings }: { readonly env: Environment; readonly logger: Logger; readonly settings: Settings },
): { readonly store: Store; readonly isReadOnly?: boolean; readonly isStrict?: boolean } {
  const isStrict = settings['strict-cache'];
  return parts.openStores(settings.store, { env, logger, timeoutSeconds: settings['cache-timeout'], isStrict });
}

export interface ConnectInput {
  readonly userBuild: UserBuild;
  readonly isDryRun: boolean;
  /** Which engine, in which environment, where the settings and the process's own don't say it. */
  readonly engine?: Settings['engine'];
  readonly env?: Environment;
}

/** Finds the engine and joins it with the session: what the use-cases are given. The caller disposes of the engine. */
export async function connect(session: Session, input: ConnectInput): Promise<WarmContext> {
  const { host, settings, logger } = session;
  const cacheDirectory = userCacheDirectory(host.env);
  const engine = await session.parts.discoverEngine({
    env: input.env ?? host.env,
    userBuilder: input.userBuild.builder,
    engine: input.engine ?? settings.engine,
    cacheDirectory,
    signal: host.signal,
    logger,
  });
  logger.info(`engine: ${engine.description}`);
  try {
    engine.checkUserBuild(forEngine(input.userBuild, engine));
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
  // Only such a run leaves anything to close.
  const closer = session.settings.modules === 'trees' ? await findCloser(host.env) : undefined;
  return { ...storeContext(session, input.isDryRun), engine, closer };
}

/** The same where no builder is asked. */
export function storeContext(session: Session, isDryRun: boolean): StoreContext {
  const { host, settings, onEvent, logger } = session;
  return {
    store: session.store,
    clock: systemClock,
    logger,
    onEvent,
    signal: host.signal,
    workDirectory: userCacheDirectory(host.env),
    options: {
      scopes: { write: session.scopes.write, read: session.scopes.read },
      helperImage: settings['helper-image'],
      isReadOnly: session.isReadOnly,
      believes: session.believes,
      isGuarded: settings.guard,
      modules: settings.modules,
      fetch: settings.fetch,
      isStrict: session.isStrict,
      withTestResults: settings['save-test-results'],
      cacheTimeoutSeconds: settings['cache-timeout'],
      isDryRun,
      ...(session.trust === undefined ? {} : { trust: session.trust }),
      ...(session.privacy === undefined ? {} : { privacy: session.privacy }),
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
async function configDirectory(cwd: string, context: string): Promise<string> {
  const directory = resolve(cwd, context);
  try {
    return (await stat(directory)).isDirectory() ? directory : cwd;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return cwd;
    throw error;
  }
}
