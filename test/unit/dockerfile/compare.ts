import { isSlipwayError } from '../../../src/core/errors.ts';
import { definedArguments } from '../../../src/dockerfile/build-facts.ts';
import { evaluateBuild, type EvaluatedBuild, type StageRun } from '../../../src/dockerfile/evaluate-build.ts';
import { detectSyntax } from '../../../src/dockerfile/directives.ts';
import { parseDockerfile } from '../../../src/dockerfile/parse.ts';
import { readRunScript } from '../../../src/dockerfile/shell/run-script.ts';
import { LocatedError } from '../../../src/dockerfile/stage-graph.ts';
import type { DockerfileTree, Instruction, InstructionNode } from '../../../src/dockerfile/tree.ts';
import type { OracleAnswer, OracleRequest, OracleRun } from './oracle.ts';

/** What our parser makes of a file, in the oracle's words, so that both can be compared as a whole. */
export function parserView(text: string): unknown {
  const tree = parseDockerfile(text);
  const [problem] = tree.problems;
  if (problem?.phase === 'parse') return { syntax: detectSyntax(text) ?? '', refusedBy: 'parse' };
  return {
    syntax: detectSyntax(text) ?? '',
    escape: tree.escape,
    refusedBy: problem?.phase,
    // BuildKit gives no line for a file without FROM.
    line: problem === undefined || problem.message === 'the file has no FROM' ? 0 : problem.line,
    instructions: tree.instructions.map(nodeView),
  };
}

/** The same of BuildKit's answer. */
export function oracleView(answer: OracleAnswer): unknown {
  const { error, syntax } = answer;
  if (error?.phase === 'parse') return { syntax, refusedBy: 'parse' };
  const refused = error?.phase === 'instruction' ? error : undefined;
  return {
    syntax,
    escape: answer.escape,
    refusedBy: refused?.phase,
    line: refused?.line ?? 0,
    instructions: answer.instructions,
  };
}

function nodeView(node: InstructionNode): unknown {
  const heredocs = node.heredocs.map(({ name, expand, chomp, fileDescriptor, content }) => ({
    name,
    expand,
    chomp,
    fileDescriptor,
    content,
  }));
  return instructionView(node, { start: node.startLine, end: node.endLine, heredocs });
}

function instructionView(node: Instruction, place: { start: number; end: number; heredocs: unknown[] }): unknown {
  return {
    keyword: node.keyword,
    args: node.args,
    flags: node.flags.map((flag) => flag.value),
    json: node.json,
    text: node.text,
    ...place,
    ...(node.child === undefined ? {} : { child: instructionView(node.child, { start: 0, end: 0, heredocs: [] }) }),
  };
}

/** What our model says of the build of a target; 'refused' when it says BuildKit won't build it. */
export function graphView(request: OracleRequest): unknown {
  const tree = parseDockerfile(request.text);
  const build = evaluate(tree, request);
  if (build === 'refused') return build;
  return { runs: sortRuns(build.runs.map((run) => runView(run))) };
}

/** The same of BuildKit's build graph. */
export function oracleGraphView(answer: OracleAnswer): unknown {
  const runs = answer.graph?.runs.map((run) => {
    const { SSH_AUTH_SOCK: _, ...env } = run.env;
    const last = run.args.at(-1) ?? '';
    // A here-document with a `#!` line becomes a file, which is run instead.
    const script = last.startsWith('/dev/pipes/') ? '#!' : last;
    return { line: run.line, script, env, cwd: run.cwd, user: run.user, caches: sortCaches(run.caches) };
  });
  return { runs: sortRuns(runs ?? []) };
}

export function evaluate(tree: DockerfileTree, request: OracleRequest): EvaluatedBuild | 'refused' {
  const { target, targetPlatform } = request;
  try {
    const buildArgs = request.buildArgs ?? {};
    return evaluateBuild(
      tree,
      { fileName: 'Dockerfile', buildArgs, target, targetPlatform },
      definedArguments(buildArgs),
    );
  } catch (error) {
    if (error instanceof LocatedError || isSlipwayError(error)) return 'refused';
    throw error;
  }
}

function runView({ facts }: StageRun): Omit<OracleRun, 'args' | 'name'> & { script: string | undefined } {
  const { step, state } = facts;
  const caches = facts.cacheMounts.map(({ identity, target, readOnly }) => {
    const source = `/${identity.source ?? ''}`.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
    const owned = identity.uid !== undefined || identity.gid !== undefined || identity.mode !== undefined;
    const selector = source !== '/' ? source : owned ? '/cache' : '';
    return { id: `${identity.namespace}/${identity.id}`, target, selector, readOnly };
  });
  const script = step.instruction.json ? step.instruction.args.at(-1) : (readRunScript(step)?.text ?? '#!');
  return {
    line: step.line,
    script: script?.startsWith('#!') ? '#!' : (script ?? ''),
    env: Object.fromEntries(state.env),
    cwd: state.workdir,
    user: state.user ?? '',
    caches: sortCaches(caches),
  };
}

/** BuildKit orders mounts by target. */
function sortCaches(caches: OracleRun['caches']): OracleRun['caches'] {
  return [...caches].sort((a, b) => (`${a.target} ${a.id}` < `${b.target} ${b.id}` ? -1 : 1));
}

function sortRuns<T extends { line: number; script: string | undefined; env: unknown }>(
  runs: readonly T[],
): readonly T[] {
  return [...runs].sort((a, b) => a.line - b.line || (`${a.script}` < `${b.script}` ? -1 : 1));
}
