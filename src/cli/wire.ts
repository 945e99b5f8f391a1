import { homedir } from 'node:os';
import { discoverEngine } from '../buildkit/discover-engine.ts';
import { systemClock } from '../core/clock.ts';
import { openStore } from '../store/open-store.ts';
import { parseStoreSpec } from '../store/store-spec.ts';
import { build } from '../warm/build.ts';
import { planBuild } from '../warm/plan-build.ts';
import { restore } from '../warm/restore.ts';
import { save } from '../warm/save.ts';
import { readStoredState } from '../warm/stored-state.ts';
import type { OpenedSpec, OpenOptions, Parts } from './parts.ts';

/** The only wiring of the CLI: which real part stands behind each name. */
export function wire(): Parts {
  return {
    discoverEngine,
    openStore: openSpec,
    planBuild,
    restore,
    save: (context, planned) => save(context, planned, {}),
    build,
    readStoredState,
  };
}

function openSpec(text: string, options: OpenOptions): OpenedSpec {
  const spec = parseStoreSpec(text);
  const store = openStore(spec, {
    env: options.env,
    homeDirectory: options.env['HOME'] || homedir(),
    clock: systemClock,
    logger: options.logger,
    timeoutSeconds: options.timeoutSeconds,
  });
  return { store, isStrict: spec.ignoreError === false };
}
