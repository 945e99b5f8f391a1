import type { Trigger, Workflow } from '../../definitions/workflow/types.ts';
import { field, scalars } from '../../definitions/yaml/read-yaml.ts';

/**
 * Kinds of refs that a workflow runs for again and again; a tag is built once, and nobody comes back to its cache. The cache of GitHub Actions keeps what runs of one ref write apart from others': two workflows
 * overwrite each other's entries only where they run for the same one.
 * Source: docs.github.com/actions/reference/workflows-and-actions/dependency-caching#restrictions-for-accessing-a-cache
 */
type RefClass = 'branch' | 'pull-request';

const ALL: readonly RefClass[] = ['branch', 'pull-request'];

const CLASSES: Readonly<Record<string, readonly RefClass[]>> = {
  pull_request: ['pull-request'],
  pull_request_review: ['pull-request'],
  release: [],
  workflow_call: ALL,
};

/** May runs of both be for the same ref, more than once? True where it can't be told. */
export function canShareRef(a: Workflow, b: Workflow): boolean {
  if (a === b) return true;
  return a.triggers.some((first) => b.triggers.some((second) => meet(first, second)));
}

function meet(a: Trigger, b: Trigger): boolean {
  const classes = classesOf(b);
  if (!classesOf(a).some((each) => classes.includes(each))) return false;
  const [branchesA, branchesB] = [a, b].map(plainBranches);
  return branchesA === undefined || branchesB === undefined || branchesA.some((name) => branchesB.includes(name));
}

function classesOf({ name, filters }: Trigger): readonly RefClass[] {
  if (name !== 'push') return CLASSES[name] ?? ['branch'];
  const isForTags = ['tags', 'tags-ignore'].some((key) => field(filters, key) !== undefined);
  const isForBranches = ['branches', 'branches-ignore'].some((key) => field(filters, key) !== undefined);
  return isForTags && !isForBranches ? [] : ['branch'];
}

/** The branches of a push filter without patterns; undefined for any. */
function plainBranches({ name, filters }: Trigger): readonly string[] | undefined {
  const branches = scalars(field(filters, 'branches')).map(({ text }) => text);
  const isPlain = name === 'push' && branches.length > 0 && branches.every((each) => !/[*?![\]+]/.test(each));
  return isPlain ? branches : undefined;
}
