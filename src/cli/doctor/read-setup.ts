import { loadConfig, type Config } from '../../config/load-config.ts';
import { isSlipwayError, type SlipwayError } from '../../core/errors.ts';
import { silentLogger } from '../../core/logger.ts';
import type { Configuration, ConfiguredStore } from '../../doctor/types.ts';
import { parseStoreSpec } from '../../store/store-spec.ts';
import { decideRun } from '../../session/decide-run.ts';
import type { ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { readOptionFlags } from '../own-flags.ts';
import type { Parts } from '../../session/parts.ts';

/** The settings that the checks go by, and what is wrong with them. */
export interface Setup {
  readonly settings: Config['settings'];
  readonly configuration: Configuration;
  readonly stores: readonly ConfiguredStore[];
  readonly scope: string;
}

/** Nothing looks for a file above this one, which is no directory. */
const NO_DIRECTORY = '/dev/null';

/**
 * Reads the configuration like any command, but goes on without what is wrong in files and variables: that is a finding.
 * Wrong flags are usage errors.
 */
export async function readSetup(parsed: ParsedWords, io: CliIo, directory: string): Promise<Setup> {
  const parts = await io.loadParts();
  const { config, problem } = await loadOrExplain(parsed, io, directory);
  const decided = await decideOrExplain(config, io, directory);
  const stores = openOrExplain(config, { parts, io, readOnlyReason: decided.readOnlyReason });
  return {
    settings: config.settings,
    configuration: {
      file: config.file,
      problem: problem ?? stores.problem ?? decided.problem,
      warnings: config.warnings,
      isStoreDefault: config.origins.store.kind === 'default',
      isCi: (io.env['CI'] ?? '') !== '' && io.env['CI'] !== 'false',
    },
    stores: stores.opened,
    scope: decided.scope,
  };
}

interface Loaded {
  readonly config: Config;
  readonly problem?: SlipwayError;
}

async function loadOrExplain(parsed: ParsedWords, io: CliIo, directory: string): Promise<Loaded> {
  const flags = readOptionFlags(parsed);
  try {
    return { config: await loadConfig({ flags, env: io.env, directory }) };
  } catch (error) {
    if (!isSlipwayError(error) || error.code === 'USAGE') throw error;
    const own = Object.entries(io.env).filter(([name]) => !name.startsWith('SLIPWAY_'));
    const config = await loadConfig({ flags, env: Object.fromEntries(own), directory: NO_DIRECTORY });
    return { config, problem: error };
  }
}

interface Decided {
  readonly scope: string;
  readonly readOnlyReason: string | undefined;
  readonly problem?: SlipwayError;
}

async function decideOrExplain(config: Config, io: CliIo, directory: string): Promise<Decided> {
  try {
    const { scopes, isReadOnly, readOnlyReason } = await decideRun(config, io.env, directory);
    const reason = readOnlyReason ?? (isReadOnly ? '`read-only` is set' : undefined);
    return { scope: scopes.read[0] ?? scopes.write, readOnlyReason: reason };
  } catch (error) {
    if (!isSlipwayError(error)) throw error;
    return { scope: 'main', readOnlyReason: 'it is not known what started this run', problem: error };
  }
}

interface OpenedStores {
  readonly opened: readonly ConfiguredStore[];
  readonly problem?: SlipwayError;
}

function openOrExplain(
  { settings, origins }: Config,
  { parts, io, readOnlyReason }: { parts: Parts; io: CliIo; readOnlyReason: string | undefined },
): OpenedStores {
  try {
    const opened = settings.store.map((text): ConfiguredStore => {
      const spec = parseStoreSpec(text);
      const open: ConfiguredStore['open'] = (logger) => {
        const options = { timeoutSeconds: settings['cache-timeout'], env: io.env, logger, isStrict: false };
        const [first] = parts.openStores([text], options).each;
        if (first === undefined) throw new TypeError('one spec gives one store');
        return first.store;
      };
      const isReadOnly = spec.isReadOnly === true;
      return {
        spec,
        description: open(silentLogger).description,
        readOnlyReason: isReadOnly ? 'its spec says `read-only=true`' : readOnlyReason,
        open,
      };
    });
    return { opened };
  } catch (error) {
    if (!isSlipwayError(error) || origins.store.kind === 'flag') throw error;
    return { opened: [], problem: error };
  }
}
