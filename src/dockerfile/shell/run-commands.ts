import { readCommands } from '../../shell/read-commands.ts';
import type { ShellRun } from '../../shell/types.ts';
import type { Step } from '../stage-graph.ts';
import type { StageState } from '../stage-state.ts';
import { readRunScript } from './run-script.ts';

/** The commands of a RUN with their places in the Dockerfile and the values in force; none where no shell runs it that we can read. */
export function readRunCommands(step: Pick<Step, 'instruction' | 'heredocs'>, state: StageState): ShellRun {
  const { env, goEnv, shell, workdir } = state;
  const script = readRunScript(step, shell);
  if (script !== undefined) return readCommands(script, { env, goEnv, cwd: workdir });
  const what = 'the script is not for a shell that is read here';
  return {
    commands: [],
    notRead: [{ what, range: step.instruction.rest.range }],
    env,
    goEnv,
    unknown: new Set(),
    cwd: workdir,
  };
}
