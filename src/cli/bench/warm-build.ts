import type { WarmBuildPort } from '../../bench/strategies/strategy.ts';
import type { Settings } from '../../config/options.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import type { CliIo } from '../io.ts';
import type { Parts } from '../../session/parts.ts';

/** `slipway build` with the user's settings, but for the store, the scopes and the cache directory, which are the sample's. */
export function warmBuildPort(io: CliIo, parts: Parts, settings: Settings): WarmBuildPort {
  return async (request) => {
    const { store } = parts.openStores([request.store], {
      env: io.env,
      logger: silentLogger,
      timeoutSeconds: settings['cache-timeout'],
      isStrict: false,
    });
    const planned = await parts.planBuild(request.build, io.env);
    const { report, build } = await parts.build(
      {
        engine: request.worker.engine,
        store,
        clock: systemClock,
        logger: silentLogger,
        onEvent: request.watch.onEvent,
        signal: request.signal,
        workDirectory: request.workDirectory,
        options: {
          scopes: request.scopes,
          helperImage: settings['helper-image'],
          isReadOnly: false,
          believes: 'all',
          isGuarded: settings.guard,
          isStrict: false,
          cacheTimeoutSeconds: settings['cache-timeout'],
          isDryRun: false,
        },
      },
      planned,
      { withSave: true },
    );
    return { report, messages: build.messages };
  };
}
