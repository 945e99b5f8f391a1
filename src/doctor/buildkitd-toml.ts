import type { BuilderFacts } from '../buildkit/builder-facts.ts';
import { isBelow, parseVersion } from '../buildkit/engine-version.ts';

/** The first version whose rules tell what is reserved, what may be used and what shall be free: moby/buildkit#5359. */
const THREE_SIZES = [0, 17, 0] as const;

interface Rule {
  readonly why: string;
  readonly lines: readonly string[];
}

/**
 * A buildkitd.toml whose collection leaves cache mounts alone until the disk needs it: BuildKit's own rules, except that
 * the first takes only contexts and git checkouts. Older ones than 0.17 know one size, which is then 20 GB.
 */
export function renderBuildkitdToml({ nodes }: Pick<BuilderFacts, 'nodes'>): string {
  const versions = nodes.map(({ version }) => parseVersion(version ?? '')).filter((each) => each !== undefined);
  const isOld = versions.some((version) => isBelow(version, THREE_SIZES));
  const workers = new Set(nodes.map(({ executor }) => executor ?? 'oci'));
  if (workers.size === 0) workers.add('oci');
  const parts = [...workers].map((worker) => renderWorker(worker, isOld ? OLD_RULES : RULES));
  return `${HEAD}\n${parts.join('\n')}`;
}

const HEAD = `# Keeps Go's cache mounts: written by \`slipway doctor --write-buildkitd-toml\`. In a buildkitd.toml that you have already,
# these rules take the place of its own. buildkitd reads it as /etc/buildkit/buildkitd.toml, or by --config.
`;

function renderWorker(worker: string, rules: readonly Rule[]): string {
  const blocks = rules.map(({ why, lines }) =>
    [`  # ${why}`, `  [[worker.${worker}.gcpolicy]]`, ...lines.map((line) => `    ${line}`), ''].join('\n'),
  );
  return [`[worker.${worker}]`, '  gc = true', '', ...blocks].join('\n');
}

const CHEAP = 'filters = ["type==source.local", "type==source.git.checkout"]';
const SIZES = ['reservedSpace = "10%"', 'maxUsedSpace = "80%"', 'minFreeSpace = "10%"'];

const RULES: readonly Rule[] = [
  {
    why: 'Build contexts and git checkouts come again in seconds.',
    lines: [CHEAP, 'keepDuration = "48h"', 'maxUsedSpace = "512MB"'],
  },
  { why: 'What nobody used for two months, cache mounts too.', lines: ['keepDuration = "1440h"', ...SIZES] },
  { why: 'What was used longest ago, when the disk gets full.', lines: SIZES },
  { why: "The same with BuildKit's own records, when that was not enough.", lines: ['all = true', ...SIZES] },
];

const OLD_SIZE = 'keepBytes = 20000000000';

const OLD_RULES: readonly Rule[] = [
  { why: RULES[0]?.why ?? '', lines: [CHEAP, 'keepDuration = 172800', 'keepBytes = 512000000'] },
  { why: RULES[1]?.why ?? '', lines: ['keepDuration = 5184000', OLD_SIZE] },
  { why: 'What was used longest ago.', lines: [OLD_SIZE] },
  { why: RULES[3]?.why ?? '', lines: ['all = true', OLD_SIZE] },
];
