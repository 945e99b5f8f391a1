import { storeTraffic } from '../../warm/store-traffic.ts';
import { formatPrefetchLine } from '../closing-line.ts';
import type { LoadedCommand } from '../command-table.ts';
import type { FlagSpec, ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DEBUG_FLAG, OPTION_FLAGS, PROGRESS_FLAG } from '../own-flags.ts';
import { readUserBuild } from '../read-user-build.ts';
import { storeContext } from '../../session/session.ts';
import { openSession } from '../session.ts';
import { writeOut } from '../write-out.ts';

const FLAGS: readonly FlagSpec[] = [...OPTION_FLAGS, PROGRESS_FLAG, DEBUG_FLAG];

export const prefetchCommand: LoadedCommand = {
  flags: FLAGS,
  run: runPrefetch,
  help: {
    summary: 'Downloads what a restore of this scope will want, while the builder is still being set up.',
    usage: 'slipway prefetch [OPTIONS] [PATH]',
    sections: [{ title: "slipway's options", flags: FLAGS }],
    notes: [
      'It asks no builder and reads no Dockerfile. PATH is where the search for a configuration file starts. A restore finds what\nis here by then, and goes on with what is half done.',
    ],
    examples: ['slipway prefetch & docker buildx create --use; slipway restore .'],
  },
};

async function runPrefetch(parsed: ParsedWords, io: CliIo): Promise<number> {
  const ownFlags = new Set(FLAGS.map(({ name }) => name));
  const userBuild = readUserBuild({ parsed, ownFlags, env: io.env, defaultContext: '.' });
  using session = await openSession(io, { parsed, userBuild });
  const context = storeContext(session, false);
  const report = await session.parts.prefetch(context);
  session.progress.close();
  if (session.settings.format === 'json') {
    const head = { schemaVersion: 1, store: context.store.description, scope: session.scopes.write };
    const document = { ...head, prefetch: report, ...storeTraffic(context.store) };
    await writeOut(io.stdout, `${JSON.stringify(document, null, 2)}\n`);
  }
  session.progress.printLine(formatPrefetchLine(report));
  return report.state === 'failed' && session.isStrict ? 3 : 0;
}
