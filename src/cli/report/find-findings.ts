import { relative, resolve, sep } from 'node:path';
import type { UserBuild } from '../../buildkit/types.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { ReportFinding } from '../../report/data.ts';
import type { ReportedFinding } from '../../lint/report.ts';
import { readBuildArgs } from '../../warm/plan-build.ts';
import type { CliIo } from '../io.ts';
import { chooseRules } from '../../project/choose-rules.ts';
import { findSubjects } from '../../project/find-subjects.ts';

/** What lint says of one build: its Dockerfile as it is built, and what lies around it. Throws what lint can't read. */
export async function findFindings(
  userBuild: UserBuild,
  dockerfilePath: string,
  io: CliIo,
): Promise<readonly ReportFinding[]> {
  const [{ RULES }, { lint }, { reportFindings }, { dockerfileTest }] = await Promise.all([
    import('../../lint/rules/index.ts'),
    import('../../lint/lint.ts'),
    import('../../lint/report.ts'),
    import('../../lint/settle.ts'),
  ]);
  const context = resolve(io.cwd, userBuild.context);
  const { tree, others, isWanted } = await findSubjects([context], io.cwd);
  const inTree = (path: string): string => relative(tree.root, path).split(sep).join('/');
  const path = inTree(resolve(io.cwd, dockerfilePath));
  // A Dockerfile beside the repository is no file of the survey.
  if (!tree.hasFile(path)) return [];
  const config = await loadConfig({ flags: {}, env: io.env, directory: io.cwd });
  const { enabled, severities } = chooseRules(RULES, config, []);
  const outcome = lint(tree, {
    reading: {
      dockerfiles: [path],
      context: inTree(context),
      buildArgs: new Map(
        Object.entries(readBuildArgs(userBuild.buildArgs, io.env)).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as const],
        ),
      ),
      ...(userBuild.target === undefined ? {} : { target: userBuild.target }),
    },
    rules: enabled,
    known: RULES.map(({ id }) => id),
    severities,
    subjects: others,
    isWanted: ({ file }, isOfBuild) => isOfBuild || file === path || (others.includes(file) && isWanted(file)),
    fixes: 'none',
  });
  const [fault] = outcome.faults;
  if (fault !== undefined) throw fault;
  return reportFindings(outcome.remaining, tree, dockerfileTest([path])).map(toReport);
}

function toReport(finding: ReportedFinding): ReportFinding {
  const { ruleId, severity, confidence, file, start, message, cost, fix, preview = [] } = finding;
  const edits = preview.map(({ file: edited, startLine, removed, inserted }) => ({
    file: edited,
    line: startLine,
    removed: removed.map(withoutEnd),
    inserted: inserted.map(withoutEnd),
  }));
  return {
    ruleId,
    severity,
    confidence,
    file,
    line: start.line,
    message,
    cost,
    ...(fix && { fix: { title: fix.title, isSafe: fix.isSafe, edits } }),
  };
}

function withoutEnd(line: string): string {
  return line.replace(/\r?\n$/, '');
}
