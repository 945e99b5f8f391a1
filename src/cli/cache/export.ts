import { SlipwayError } from '../../core/errors.ts';
import { formatBytes } from '../../core/size.ts';
import { isSameScope } from '../../store/scope-name.ts';
import { parseBoolean, readFields } from '../../store/spec/fields.ts';
import { applyExport, type ExportedSnapshot, type ExportResult, planExport } from '../../warm/keep/export-scope.ts';
import { storeTarget, type ExportTarget } from '../../warm/keep/export-target.ts';
import { openLayoutArchive, openLayoutDirectory } from '../../warm/keep/image-layout.ts';
import { formatSnapshotName } from '../../warm/stored-state.ts';
import { surveyStore } from '../../warm/survey-store.ts';
import { lastValue, type FlagSpec } from '../flag-words.ts';
import { DRY_RUN_FLAG } from '../own-flags.ts';
import { readsOnly, SCOPE_FLAG, type CacheCall, type CacheVerb } from './cache-verb.ts';
import { plural } from './tables.ts';

const TO_FLAG: FlagSpec = {
  name: 'to',
  arity: 'value',
  placeholder: 'SPEC',
  help: 'Another store, or an OCI image layout: `type=oci,dest=FILE.tar` or `type=oci,dest=DIR,tar=false`',
};

export const exportVerb: CacheVerb = {
  name: 'export',
  summary: 'Copies scopes to another store or into an OCI image layout, checked on the way',
  flags: [TO_FLAG, SCOPE_FLAG, DRY_RUN_FLAG],
  notes: [
    'Another store gets the snapshots as they are, signatures included, and only what it lacks. An image layout holds one image for a scope, tagged with its encoded name; several snapshots of a scope become one.',
  ],
  examples: [
    'slipway cache export --to type=local,dest=/mnt/cache --scope main',
    'slipway cache export --store type=local,dest=/var/cache --to type=registry,ref=registry.example.com/app/cache',
    'slipway cache export --to type=oci,dest=cache.tar --scope main && skopeo inspect oci-archive:cache.tar:main',
  ],
  isChange: readsOnly,
  check: (parsed) => {
    const to = lastValue(parsed, 'to');
    if (to !== undefined) return void readLayout(to);
    throw new SlipwayError('USAGE', '`slipway cache export` needs to know where', {
      hint: 'Write `--to type=local,dest=DIR`, another store, or `--to type=oci,dest=FILE.tar`.',
    });
  },
  run: async (call) => {
    const { store, survey: options, parsed, isDryRun, clock, seal, workLine } = call;
    const survey = await surveyStore(store, options);
    const wanted = lastValue(parsed, 'scope');
    const scopes = [...new Set(survey.snapshots.map(({ name }) => name.scope))].filter(
      (scope) => wanted === undefined || isSameScope(scope, wanted),
    );
    if (scopes.length === 0) {
      const what = wanted === undefined ? 'nothing to export' : `no scope \`${wanted}\``;
      throw new SlipwayError('INPUT_INVALID', `${store.description} has ${what}`, { hint: 'See `slipway cache ls`.' });
    }
    const target = await openTarget(call, isDryRun);
    const run = { ...options, seal, clock, isOnePerScope: target.isOnePerScope };
    const plans: ExportedSnapshot[] = [];
    try {
      for (const scope of scopes) plans.push(...(await planExport(store, survey, { ...run, scope })));
    } catch (error) {
      // `applyExport` closes it, to which it doesn't come.
      await target.close(false);
      throw error;
    }
    const packs = new Map(plans.flatMap((one) => one.packs.map((pack) => [pack.digest, pack.sizeBytes])));
    const planned: ExportResult = {
      snapshots: plans.map(({ name }) => name),
      blobs: 0,
      bytes: [...packs.values()].reduce((sum, bytes) => sum + bytes, 0),
    };
    const onPack = (done: number, total: number): void =>
      workLine.update(`exported ${done} of ${plural(total, 'pack')}`);
    const done = isDryRun ? undefined : await applyExport(store, target, plans, { ...run, onPack });
    workLine.end();
    const result = done ?? planned;
    const snapshots = result.snapshots.map(formatSnapshotName);
    return {
      data: { to: target.description, isDryRun, snapshots, blobs: result.blobs, bytes: result.bytes },
      text: formatExport(target.description, result, isDryRun),
      exitCode: 0,
    };
  },
};

interface Layout {
  readonly dest: string;
  readonly isTar: boolean;
}

/** BuildKit's words: docs.docker.com/build/exporters/oci-docker/ */
function readLayout(text: string): Layout | undefined {
  if (!/(?:^|,)\s*type=oci(?:,|$)/i.test(text)) return undefined;
  const { fields } = readFields(text);
  const dest = fields.get('dest') ?? '';
  const unknown = [...fields.keys()].find((key) => !['type', 'dest', 'tar'].includes(key));
  if (dest === '' || unknown !== undefined) {
    const problem = unknown === undefined ? 'does not say where' : `has the unknown key \`${unknown}\``;
    throw new SlipwayError('STORE_SPEC_INVALID', `\`--to ${text}\` ${problem}`, {
      hint: 'Write `type=oci,dest=FILE.tar`, or `type=oci,dest=DIR,tar=false`.',
    });
  }
  return { dest, isTar: parseBoolean(text, 'tar', fields.get('tar')) ?? true };
}

async function openTarget({ parsed, openOther }: CacheCall, isDryRun: boolean): Promise<ExportTarget> {
  const to = lastValue(parsed, 'to') ?? '';
  const layout = readLayout(to);
  if (layout === undefined) return storeTarget(openOther(to));
  if (!layout.isTar) return openLayoutDirectory(layout.dest);
  if (!isDryRun) return openLayoutArchive(layout.dest);
  const nothing = async (): Promise<never> => {
    throw new SlipwayError('INTERNAL', 'a dry run wrote something');
  };
  return {
    description: layout.dest,
    isOnePerScope: true,
    putBlob: nothing,
    commit: nothing,
    close: async () => undefined,
  };
}

function formatExport(to: string, { snapshots, blobs, bytes }: ExportResult, isDryRun: boolean): string {
  const verb = isDryRun ? 'would export' : 'exported';
  const names = snapshots.map((name) => `${verb} ${formatSnapshotName(name)}\n`);
  const moved = isDryRun ? `up to ${formatBytes(bytes)}` : `${plural(blobs, 'blob')}, ${formatBytes(bytes)}`;
  return `${names.join('')}${moved} to ${to}\n`;
}
