import { readGoDuration, readSize, type GcRule } from './gc-rule.ts';

/** What a builder says of itself. */
export interface BuilderFacts {
  /** buildx's driver; undefined of a buildkitd that is spoken to directly. */
  readonly driver: string | undefined;
  /** buildx's name for it, else the address. */
  readonly name: string;
  /** Each is a buildkitd with cache mounts of its own. */
  readonly nodes: readonly BuilderNode[];
}

export interface BuilderNode {
  readonly name: string;
  /** `running` where it answers; `inactive` and the like where not. */
  readonly status: string;
  /** `v0.33.1`; undefined where it isn't told. */
  readonly version: string | undefined;
  /** Given to it when the builder was made (`--platform`), which buildx looks at first. */
  readonly givenPlatforms: readonly string[];
  /** Those that it says it can build, where it runs. */
  readonly platforms: readonly string[];
  /** What starts the steps; undefined where it isn't told. */
  readonly executor: 'oci' | 'containerd' | undefined;
  /** Undefined where they aren't told; empty where nothing is ever collected. */
  readonly gcRules: readonly GcRule[] | undefined;
}

const EXECUTOR_LABEL = 'org.mobyproject.buildkit.worker.executor';

/** Reads `buildctl debug workers --format '{{json .}}'`. */
export function readWorkers(json: string, address: string): BuilderFacts {
  const workers = JSON.parse(json) as readonly Worker[] | null;
  return {
    driver: undefined,
    name: address,
    nodes: (workers ?? []).map((worker) => ({
      name: worker.id ?? address,
      status: 'running',
      version: worker.buildkitVersion?.version,
      givenPlatforms: [],
      platforms: (worker.platforms ?? []).map(({ os, architecture, variant }) =>
        [os, architecture, variant ?? ''].filter((part) => part !== '').join('/'),
      ),
      executor: executorOf(worker.labels?.[EXECUTOR_LABEL]),
      gcRules: (worker.gcPolicy ?? []).map(toRule),
    })),
  };
}

interface Worker {
  readonly id?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly buildkitVersion?: { readonly version?: string };
  readonly platforms?: readonly { readonly os: string; readonly architecture: string; readonly variant?: string }[];
  readonly gcPolicy?: readonly WorkerRule[] | null;
}

/** Members are called so from 0.17 on, when `keepBytes` was split in three. */
interface WorkerRule {
  readonly all?: boolean;
  readonly filter?: readonly string[] | null;
  /** Nanoseconds. */
  readonly keepDuration?: number;
  readonly keepBytes?: number;
  readonly reservedSpace?: number;
  readonly maxUsedSpace?: number;
  readonly minFreeSpace?: number;
}

function toRule(rule: WorkerRule): GcRule {
  return {
    all: rule.all === true,
    filters: rule.filter ?? [],
    keepSeconds: (rule.keepDuration ?? 0) / 1e9,
    reservedBytes: rule.reservedSpace ?? rule.keepBytes ?? 0,
    maxUsedBytes: rule.maxUsedSpace ?? 0,
    minFreeBytes: rule.minFreeSpace ?? 0,
  };
}

/** Reads what `docker buildx inspect` prints; it has no other form. */
export function readInspection(text: string): BuilderFacts {
  const [head = '', ...sections] = text.split(/^Nodes:$/m);
  const nodes = sections
    .join('')
    .split(/^(?=Name:)/m)
    .filter((part) => part.startsWith('Name:'));
  return {
    driver: field(head, 'Driver'),
    name: field(head, 'Name') ?? 'default',
    nodes: nodes.map((node) => ({
      name: field(node, 'Name') ?? '',
      status: field(node, 'Status') ?? 'unknown',
      version: field(node, 'BuildKit version') ?? field(node, 'BuildKit'),
      ...readPlatforms(field(node, 'Platforms') ?? ''),
      executor: executorOf(field(node, EXECUTOR_LABEL)),
      gcRules: field(node, 'Status') === 'running' ? readRules(node) : undefined,
    })),
  };
}

/** `linux/arm64*, linux/amd64`: buildx marks those that were given. */
function readPlatforms(text: string): Pick<BuilderNode, 'givenPlatforms' | 'platforms'> {
  const all = text.split(/,\s*/).filter((platform) => platform !== '');
  return {
    givenPlatforms: all.filter((platform) => platform.endsWith('*')).map((platform) => platform.slice(0, -1)),
    platforms: all.filter((platform) => !platform.endsWith('*')),
  };
}

function readRules(node: string): readonly GcRule[] {
  // A configuration file of the builder is printed behind the rules, each line behind `>`.
  return node
    .split(/^GC Policy rule#\d+:$/m)
    .slice(1)
    .map((rule) => ({
      all: field(rule, 'All') === 'true',
      filters: (field(rule, 'Filters') ?? '').split(' ').filter((filter) => filter !== ''),
      keepSeconds: readGoDuration(field(rule, 'Keep Duration') ?? ''),
      reservedBytes: readSize(field(rule, 'Reserved Space') ?? field(rule, 'Keep Bytes') ?? ''),
      maxUsedBytes: readSize(field(rule, 'Max Used Space') ?? ''),
      minFreeBytes: readSize(field(rule, 'Min Free Space') ?? ''),
    }));
}

function field(text: string, name: string): string | undefined {
  const found = new RegExp(`^\\s*${name.replaceAll('.', '\\.')}:[ \\t]+(.*\\S)`, 'm').exec(text)?.[1];
  return found === undefined || found === '' ? undefined : found;
}

function executorOf(label: string | undefined): BuilderNode['executor'] {
  return label === 'oci' || label === 'containerd' ? label : undefined;
}
