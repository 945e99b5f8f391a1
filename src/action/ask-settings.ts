import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Inputs } from './inputs.ts';
import { optionWords, type RunSettings } from './plan-words.ts';
import { runSlipway, type Fault, type RunOptions } from './run-slipway.ts';

/** What of `slipway config show --format json` is read here: docs/formats/report.md. */
interface ShownConfig {
  readonly options: Readonly<Record<'store' | 'engine', { readonly origin: { readonly kind: string } }>>;
  readonly scopes: { readonly write: string | null; readonly readOnlyReason: string | null };
}

export interface Settings extends RunSettings {
  /** Undefined where this run may not write. */
  readonly writeScope: string | undefined;
  /** Why the run itself may not, unless it was lifted. */
  readonly readOnlyReason: string | undefined;
  /** All that was said: alike where everything is. */
  readonly text: string;
}

/** Asks the CLI itself what the configuration beside a context, the variables and the run's event come to. */
export async function askSettings(
  inputs: Inputs,
  context: string,
  options: RunOptions,
): Promise<{ readonly settings: Settings } | { readonly fault: Fault }> {
  const words = ['config', 'show', '--format=json', ...optionWords(inputs)];
  const run = await runSlipway(words, { ...options, cwd: nearestDirectory(context) });
  if (run.fault !== undefined) return { fault: run.fault };
  const { options: shown, scopes } = JSON.parse(run.stdout) as ShownConfig;
  return {
    settings: {
      isStoreChosen: shown.store.origin.kind !== 'default',
      isEngineChosen: shown.engine.origin.kind !== 'default',
      writeScope: scopes.write ?? undefined,
      readOnlyReason: scopes.readOnlyReason ?? undefined,
      text: run.stdout,
    },
  };
}

/** A context that is no directory here is refused by the command itself, which says it best. */
function nearestDirectory(context: string): string | undefined {
  const path = resolve(context);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : undefined;
}
