import type { BuilderFacts } from '../../buildkit/builder-facts.ts';
import type { GcRule } from '../../buildkit/gc-rule.ts';
import type { Engine } from '../../buildkit/types.ts';
import { formatBytes } from '../../core/size.ts';
import { withBuilder } from '../needs-builder.ts';
import { shellWord } from '../shell-word.ts';
import type { Check, Said } from '../types.ts';

export const gcPolicyCheck: Check = {
  id: 'gc-policy',
  looksAt: "the builder's garbage collection: rules that drop Go's cache mounts long before the disk is full",
  run: (context) =>
    withBuilder(
      context,
      async () => ({ engine: await context.engine(), builder: await context.builder() }),
      ({ engine, builder }) => judgeGcPolicy(engine, builder),
    ),
};

/** What a Go program, its modules and the base image take together, with some room. */
const ENOUGH_BYTES = 5e9;
const DAY = 24 * 3600;
/** Who doesn't build for so long may wait for a restore. */
const LONG_SECONDS = 14 * DAY;

/** The pure part of the check. */
export function judgeGcPolicy(engine: Pick<Engine, 'kind'>, builder: BuilderFacts): readonly Said[] {
  const told = builder.nodes.filter(({ gcRules }) => gcRules !== undefined);
  if (told.length === 0) return [{ level: 'info', says: 'the builder does not say how it collects old cache' }];
  return told.map(({ name, gcRules = [] }) => {
    const where = told.length > 1 ? `node \`${name}\`: ` : '';
    if (gcRules.length === 0)
      return { level: 'info', says: `${where}nothing is ever collected: cache mounts stay, and so does all else` };
    const found = gcRules.findIndex(dropsMounts);
    const rule = gcRules[found];
    if (rule === undefined) return { level: 'ok', says: `${where}no rule drops cache mounts early` };
    return {
      level: 'warning',
      says: `${where}${describeRule(rule, found)}`,
      mend: mendCommand(engine, builder),
    };
  });
}

/** Does the rule take cache mounts soon, although the cache is small? */
export function dropsMounts(rule: GcRule): boolean {
  const capBytes = Math.max(rule.maxUsedBytes, rule.reservedBytes);
  const isCapped = capBytes > 0 || rule.minFreeBytes > 0;
  // With only a wish for free disk nothing goes before the disk is full.
  const isTight = isCapped ? capBytes > 0 && capBytes < ENOUGH_BYTES : true;
  return matchesMounts(rule.filters) && isTight && rule.keepSeconds < LONG_SECONDS;
}

/**
 * Filters are joined by OR, and the selectors of one, between commas, by AND: `type==source.local,type==exec.cachemount`
 * means no record at all. BuildKit's own first rule was written so until github.com/moby/buildkit/pull/6856.
 */
export function matchesMounts(filters: readonly string[]): boolean {
  return filters.length === 0 || filters.some((filter) => filter.split(',').every(mayMeanMounts));
}

function mayMeanMounts(selector: string): boolean {
  const match = /^\s*type\s*(==|!=|~=)\s*"?([^"]*?)"?\s*$/.exec(selector);
  if (match === null) return true;
  const [, operator, value = ''] = match;
  if (operator === '==') return value === 'exec.cachemount';
  if (operator === '!=') return value !== 'exec.cachemount';
  return true;
}

function describeRule(rule: GcRule, number: number): string {
  const unused = rule.keepSeconds > 0 ? ` that no build used for ${formatAge(rule.keepSeconds)}` : '';
  const capBytes = Math.max(rule.maxUsedBytes, rule.reservedBytes);
  const when =
    capBytes > 0 ? `as soon as the whole build cache is larger than ${formatBytes(capBytes)}` : 'after every build';
  const cost = rule.keepSeconds > 0 && rule.keepSeconds <= 3 * DAY ? ': after a weekend a build starts cold' : '';
  return `rule ${number} of its garbage collection drops cache mounts${unused} ${when}${cost}`;
}

function formatAge(seconds: number): string {
  return seconds % DAY === 0 && seconds > 2 * DAY ? `${seconds / DAY} days` : `${Math.round(seconds / 360) / 10} hours`;
}

const TOML_NAME = 'buildkitd.toml';
const WRITE = `--check gc-policy --write-buildkitd-toml ${TOML_NAME}`;

function mendCommand({ kind }: Pick<Engine, 'kind'>, { driver, name }: BuilderFacts): string {
  const asked = driver === undefined ? '' : `--builder ${shellWord(name)} `;
  const write = `slipway doctor ${asked}${WRITE}`;
  const create = `docker buildx create --use --driver docker-container --buildkitd-config ${TOML_NAME}`;
  if (kind === 'embedded') return `${write} && export SLIPWAY_BUILDKITD_CONFIG=$PWD/${TOML_NAME}`;
  if (driver === 'docker') return `${write} && ${create}`;
  if (driver === 'docker-container' || driver === 'kubernetes') {
    const builder = shellWord(name);
    const again = create.replace('docker-container', () => `${driver} --name ${builder}`);
    const keep = driver === 'docker-container' ? '--keep-state ' : '';
    return `${write} && docker buildx rm ${keep}${builder} && ${again}`;
  }
  return `${write} && sudo install -D -m 644 ${TOML_NAME} /etc/buildkit/${TOML_NAME} && sudo systemctl restart buildkit`;
}
