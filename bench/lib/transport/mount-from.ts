import { SlipwayError } from '../../../src/core/errors.ts';
import { definedArguments } from '../../../src/dockerfile/build-facts.ts';
import { evaluateBuild } from '../../../src/dockerfile/evaluate-build.ts';
import { type MatchedMount, matchGoMounts } from '../../../src/dockerfile/match-mounts.ts';
import { parseDockerfileStrictly } from '../../../src/dockerfile/parse.ts';
import { parseRunMount } from '../../../src/dockerfile/run-mount.ts';
import type { InstructionNode, Word } from '../../../src/dockerfile/tree.ts';
import type { RunFacts } from '../../../src/dockerfile/run-facts.ts';
import type { FactsOptions } from '../../../src/dockerfile/types.ts';

const FLAG = '--mount=';

/**
 * The Dockerfile with each Go cache mount of the build taken from the image `reference`, where the gocache lies in
 * `/gocache` and the gomodcache in `/gomodcache`; all else stays byte for byte. Throws INPUT_INVALID, with its line, for
 * a mount that can't be: what isn't rewritten would build cold without a word.
 */
export function mountFrom(text: string, reference: string, options: FactsOptions): string {
  const tree = parseDockerfileStrictly(text, options.fileName);
  const { runs } = evaluateBuild(tree, options, definedArguments(options.buildArgs));
  const edits = runs.flatMap(({ facts }) => planRun(facts, reference, options.fileName));
  // A stage that two others are built FROM has its RUN twice.
  const byPlace = new Map(edits.map((edit) => [edit.at, edit.text]));
  let result = text;
  for (const [at, added] of [...byPlace].sort(([a], [b]) => b - a))
    result = result.slice(0, at) + added + result.slice(at);
  return result;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

function planRun(facts: RunFacts, reference: string, file: string): readonly Insertion[] {
  const matches = matchGoMounts(facts);
  if (matches.length === 0) return [];
  const refuse = (why: string): never => {
    throw new SlipwayError('INPUT_INVALID', why, {
      location: `${file}:${facts.step.line}`,
      hint: 'Give each Go cache a plain mount of its own: `--mount=type=cache,target=/go-cache` with `ENV GOCACHE=/go-cache`.',
    });
  };
  const { node } = facts.step;
  if (facts.step.isTrigger) return refuse('the mounts of an ONBUILD stand in another file');
  const flags = cacheFlags(node);
  if (flags.length !== facts.cacheMounts.length) return refuse('a mount holds a variable that only the image knows');
  return matches.map((match) => {
    const { mount, kind } = match;
    if (matches.some((other) => other !== match && other.mount === mount))
      return refuse(`\`${mount.target}\` holds both caches, and an image is mounted as one of them`);
    const why = whyNot(match);
    if (why !== undefined) return refuse(`\`${mount.target}\` ${why}`);
    // Behind a closing quote too: what touches it belongs to the same word.
    return { at: flags[facts.cacheMounts.indexOf(mount)]?.range.end ?? 0, text: `,from=${reference},source=/${kind}` };
  });
}

/** What a directory of an image can't stand in for. */
function whyNot({ mount, subdirectory }: MatchedMount): string | undefined {
  const { from, source, uid, gid, mode } = mount.identity;
  if (from !== undefined || source !== undefined) return 'is from another image or stage already';
  if (subdirectory !== '') return `holds the cache in \`${subdirectory}\`, and other things beside it`;
  // With `source=` BuildKit takes owner and mode from the image: a user who isn't root could write nothing.
  if (uid !== undefined || gid !== undefined || mode !== undefined) return 'has an owner or mode of its own';
  return undefined;
}

function cacheFlags(node: InstructionNode): readonly Word[] {
  const asWritten = (word: string): string => word;
  return node.flags.filter(
    ({ value }) => value.startsWith(FLAG) && parseRunMount(value.slice(FLAG.length), asWritten).type === 'cache',
  );
}
