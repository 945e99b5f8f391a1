import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readOptional } from '../core/read-optional.ts';
import { errorMessage } from '../core/errors.ts';
import type { Requirement } from '../golang/module/types.ts';
import { withStageName } from './dockerfile/adapt.ts';
import { readRecipe } from './dockerfile/read-recipe.ts';
import type { Worker } from './workers.ts';

/** go.mod and go.sum with one direct dependency at its next version, or why there is none. */
export type Bump =
  | { readonly files: readonly { readonly name: string; readonly text: string }[]; readonly what: string }
  | { readonly missing: string };

export interface BumpRequest {
  /** Dockerfile with cache mounts; its stage says which Go, which proxy, which settings. */
  readonly dockerfile: string;
  /** The tree. */
  readonly context: string;
  readonly importPath: string;
  readonly requires: readonly Requirement[];
  readonly worker: Worker;
  /** Where the files come to. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** More would ask the proxy for too much. */
const MOST_TRIED = 12;

/**
 * Asks Go itself, in the build's own stage: the first dependency whose next version is there and builds is the one. A version that
 * wants another Go than the image has is passed over.
 */
export async function bumpDependency(request: BumpRequest): Promise<Bump> {
  const direct = request.requires.filter(({ isIndirect }) => !isIndirect).slice(0, MOST_TRIED);
  if (direct.length === 0) return { missing: 'there is no direct dependency' };
  await mkdir(request.directory, { recursive: true });
  try {
    await request.worker.engine.runHelper(
      {
        phase: 'plan',
        dockerfile: planBump(request, direct),
        context: request.context,
        buildArgs: request.worker.helperArgs(),
        exportTo: request.directory,
      },
      { signal: request.signal, onEvent: () => {} },
    );
  } catch (error) {
    request.signal.throwIfAborted();
    return { missing: `asking for newer versions failed: ${errorMessage(error)}` };
  }
  const what = (await readOptional(join(request.directory, 'what')))?.trim();
  if (what === undefined) return { missing: 'no direct dependency has a newer version that builds' };
  const names = (await readdir(request.directory)).filter((name) => name !== 'what');
  const files = names.map(async (name) => ({ name, text: await readFile(join(request.directory, name), 'utf8') }));
  return { what, files: await Promise.all(files) };
}

const OUT = '/slipway-bench-out';

/** The stage up to its compile, and then Go's own commands instead of it. */
function planBump({ dockerfile, importPath }: BumpRequest, direct: readonly Requirement[]): string {
  const named = withStageName(dockerfile);
  const { text, compiles, facts } = readRecipe(named.text);
  const head = text.slice(0, compiles[0]?.range.start);
  const flags = facts.mounts.map(
    ({ target }, index) => `--mount=type=cache,id=slipway-bench-${index},target=${target}`,
  );
  const lines = [
    `RUN ${flags.join(' ')} <<'SLIPWAY_BENCH'`,
    'set -e',
    'export GOTOOLCHAIN=local GOFLAGS=-mod=mod',
    `mkdir -p ${OUT}`,
    'mod=$(go env GOMOD); sum=${mod%.mod}.sum',
    'cp "$mod" /tmp/go.mod; [ ! -f "$sum" ] || cp "$sum" /tmp/go.sum',
    ...direct.map(({ path, version }) => `set -- "$@" '${path} ${version}'`),
    'for one; do',
    '  path=${one% *}; current=${one#* }; next=',
    '  seen=',
    '  for version in $(go list -m -versions -f \'{{range .Versions}}{{.}} {{end}}\' "$path" || echo); do',
    '    case $version in *-*|*+*) continue;; esac',
    '    if [ -n "$seen" ]; then next=$version; break; fi',
    '    if [ "$version" = "$current" ]; then seen=1; fi',
    '  done',
    '  if [ -z "$next" ]; then continue; fi',
    `  if go get "$path@$next" && go build -o /dev/null '${importPath}'; then`,
    `    cp "$mod" "$sum" ${OUT}/; echo "$path $current -> $next" > ${OUT}/what; exit 0`,
    '  fi',
    '  cp /tmp/go.mod "$mod"; [ ! -f /tmp/go.sum ] || cp /tmp/go.sum "$sum"',
    'done',
    'SLIPWAY_BENCH',
  ];
  return `${head}${lines.join('\n')}\nFROM scratch\nCOPY --from=${named.name} ${OUT} /\n`;
}
