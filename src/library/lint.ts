import { loadConfig, type Config } from '../config/load-config.ts';
import type { RuleSetting } from '../config/lint-section.ts';
import { SlipwayError } from '../core/errors.ts';
import { overlayTree } from '../lint/fix/overlay-tree.ts';
import type { LintDocument } from '../lint/formats/lint-document.ts';
import { toLintDocument } from '../lint/formats/json.ts';
import { reportFindings } from '../lint/report.ts';
import { dockerfileTest } from '../lint/settle.ts';
import { gatherSubjects, gatherText, type GatheredSubjects } from '../project/gather-subjects.ts';
import { lintSubjects, type LintedSubjects } from '../project/lint-subjects.ts';
import { writeFiles } from '../project/write-files.ts';
import type { SessionHost } from '../session/session.ts';
import { rememberBuildArguments } from '../session/remember-secrets.ts';
import { readBuildArgs } from '../warm/plan-build.ts';
import { toPairs } from './build-options.ts';
import { CALL_OPTIONS, call, type Names } from './call.ts';
import type { LintOptions, LintProjectOptions, LintTextOptions } from './options.ts';

export interface ProjectLint extends LintDocument {
  /** What paths start from: the git root, or the directory that was linted. */
  readonly root: string;
  /** Mended texts by path. */
  readonly texts: Readonly<Record<string, string>>;
  /** Files that could not be read, each with its place: nothing is said of them, and nothing is mended then. */
  readonly faults: readonly SlipwayError[];
}

export interface TextLint extends LintDocument {
  /** Mended, where that was asked for. */
  readonly text: string;
}

const LINT_OPTIONS: Names<LintOptions> = { ...CALL_OPTIONS, rules: true, target: true, buildArgs: true, fix: true };

/** Finds what defeats Go's caches in the Dockerfiles, ignore files, Makefiles and workflows of a project, and mends it. */
export function lintProject(options: LintProjectOptions = {}): Promise<ProjectLint> {
  return call(options, { ...LINT_OPTIONS, paths: true, write: true }, async (host) => {
    if (options.write === true && (options.fix ?? 'none') === 'none') {
      throw new SlipwayError('USAGE', '`write` alone does nothing', { hint: 'Write `fix: "safe"` too.' });
    }
    const config = await loadConfig({ flags: {}, env: host.env, directory: host.cwd });
    const subjects = await gatherSubjects({ paths: options.paths ?? [], cwd: host.cwd }, config);
    const linted = await lintIt(subjects, config, { options, host });
    const { tree } = subjects;
    const changes = [...linted.texts].map(([path, after]) => ({ path, before: tree.read(path), after }));
    host.signal.throwIfAborted();
    if (options.write === true) await writeFiles(tree.root, changes);
    return {
      ...documentOf(subjects, linted),
      root: tree.root,
      texts: Object.fromEntries(linted.texts),
      faults: linted.faults,
    };
  });
}

/** Lints one Dockerfile whose text is at hand. Rejects for one that BuildKit would refuse. */
export function lintText(text: string, options: LintTextOptions = {}): Promise<TextLint> {
  return call(options, { ...LINT_OPTIONS, name: true }, async (host) => {
    const config = await loadConfig({ flags: {}, env: host.env, directory: host.cwd });
    const subjects = await gatherText(text, { name: options.name ?? 'Dockerfile', cwd: host.cwd });
    const linted = await lintIt(subjects, config, { options, host });
    const [fault] = linted.faults;
    if (fault !== undefined) throw fault;
    return { ...documentOf(subjects, linted), text: linted.texts.get(subjects.textName ?? '') ?? text };
  });
}

function lintIt(
  subjects: GatheredSubjects,
  config: Config,
  { options, host }: { readonly options: LintOptions; readonly host: SessionHost },
): Promise<LintedSubjects> {
  const { rules = {}, target, fix = 'none' } = options;
  if (!FIXES.includes(fix)) {
    throw new SlipwayError('USAGE', `\`fix\` can't be \`${fix}\``, { hint: `Write one of ${FIXES.join(', ')}.` });
  }
  const written = toPairs(options.buildArgs);
  rememberBuildArguments(written, host.env);
  const buildArgs = Object.entries(readBuildArgs(written, host.env)).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return lintSubjects(subjects, {
    config,
    rules: Object.entries(rules).map(([id, setting]: [string, RuleSetting]) => `${id}=${setting}`),
    target,
    buildArgs: new Map(buildArgs),
    fixes: fix,
  });
}

const FIXES: readonly string[] = ['none', 'safe', 'unsafe'] satisfies readonly LintOptions['fix'][];

function documentOf({ tree }: GatheredSubjects, linted: LintedSubjects): LintDocument {
  const { remaining, texts, dockerfiles } = linted;
  const findings = reportFindings(remaining, overlayTree(tree, texts), dockerfileTest(dockerfiles));
  return toLintDocument({ ...linted, findings });
}
