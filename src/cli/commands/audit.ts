import { SlipwayError } from '../../core/errors.ts';
import type { AuditVerdict } from '../../warm/audit/types.ts';
import type { WarmContext } from '../../warm/types.ts';
import { formatAudit } from '../audit/format-audit.ts';
import { BUILDX_FLAGS } from '../buildx-flags.ts';
import type { LoadedCommand } from '../command-table.ts';
import { isSwitchedOn, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { DRY_RUN_FLAG, OPTION_FLAGS } from '../own-flags.ts';
import { printDryRun } from '../print-dry-run.ts';
import { withStandardInput } from '../read-standard-input.ts';
import { readUserBuild } from '../read-user-build.ts';
import { connect } from '../../session/session.ts';
import { openSession } from '../session.ts';
import { writeOut } from '../write-out.ts';

/** What has to do with saving, or with leaving out a restore that doesn't pay, has no meaning here. */
const NOT_OF_AUDIT = new Set(['read-only', 'no-save', 'save-test-results', 'allow-public', 'signing-key', 'guard']);
const OWN_FLAGS: readonly FlagSpec[] = [...OPTION_FLAGS.filter(({ name }) => !NOT_OF_AUDIT.has(name)), DRY_RUN_FLAG];

/** The flags that decide what a build makes, without those that say where it goes. */
const BUILD_FLAGS: readonly FlagSpec[] = BUILDX_FLAGS.filter(({ name }) =>
  [
    ...['add-host', 'allow', 'build-arg', 'build-context', 'builder', 'cgroup-parent', 'debug', 'file', 'network'],
    ...['platform', 'progress', 'pull', 'secret', 'shm-size', 'ssh', 'target', 'ulimit'],
  ].includes(name),
);

/** A difference has a code that nothing else has, so that a pipeline can stop at it alone. */
const EXIT_CODES: Readonly<Record<AuditVerdict, number>> = { alike: 0, differs: 1, irreproducible: 3 };

export const auditCommand: LoadedCommand = {
  flags: [...BUILD_FLAGS, ...OWN_FLAGS],
  run: runAudit,
  help: {
    summary: 'Proves that a build over what the store gives is, byte for byte, what a cold build gives.',
    usage: 'slipway audit [OPTIONS] [PATH]',
    sections: [
      { title: "slipway's options", flags: OWN_FLAGS },
      { title: 'The build that is audited', flags: BUILD_FLAGS },
    ],
    notes: [
      'It builds in cache mounts of its own: over what it restored, from nothing, and with Go checking each entry that it restored.\nThe store is only read, and nothing is named, pushed or loaded. It takes a little longer than two cold builds.',
      'Exit codes: 0 the same; 1 the cache gives something else; 2 usage; 3 nothing was proven, since nothing was restored,\na build failed, or two cold builds differ from each other too.',
    ],
    examples: [
      'slipway audit .',
      'slipway audit --store type=registry,ref=registry.example.com/app/cache --scope main .',
      'slipway audit --target release --build-arg VERSION=1.2 --format json .',
      'slipway audit --dry-run .',
    ],
  },
};

async function runAudit(parsed: ParsedWords, io: CliIo): Promise<number> {
  const ownFlags = new Set([...OWN_FLAGS.map(({ name }) => name), 'debug']);
  const written = readUserBuild({ parsed, ownFlags, env: io.env, defaultContext: '.' });
  if (written.platforms.length > 1) {
    throw new SlipwayError('USAGE', 'one `--platform` is audited at a time', { hint: 'Run it once for each.' });
  }
  const userBuild = await withStandardInput(written, io);
  const isDryRun = isSwitchedOn(parsed, 'dry-run');
  using session = await openSession(io, { parsed, userBuild });
  const planned = await session.parts.planBuild(userBuild, io.env);
  const context = await connect(session, { userBuild, isDryRun });
  await using _engine = context.engine;
  if (isDryRun) return printDryRun(session, forAudit(context), planned);
  const report = await session.parts.audit(forAudit(context), planned, io.env);
  session.progress.close();
  const isJson = session.settings.format === 'json';
  await writeOut(io.stdout, isJson ? `${JSON.stringify(report, null, 2)}\n` : formatAudit(report));
  return EXIT_CODES[report.verdict];
}

/** Never saves, and restores also what wouldn't pay. */
function forAudit(context: WarmContext): WarmContext {
  return { ...context, options: { ...context.options, isReadOnly: true, isGuarded: false } };
}
