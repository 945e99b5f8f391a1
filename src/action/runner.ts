import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { SlipwayError } from '../core/errors.ts';
import { formatWorkflowCommand, type AnnotationLevel } from '../core/workflow-command.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a step of a job can tell the runner that started it: by lines of its log, and by files that variables name. */
export interface Runner {
  readonly env: Environment;
  /** A line of the job's log. Text of others goes through `quote`, or it could give commands. */
  say(line: string): void;
  annotate(level: AnnotationLevel, text: string): void;
  mask(secret: string): void;
  /** Runs `work` in a fold of the log in which no line is taken for a command. */
  quote<T>(title: string, work: () => Promise<T>): Promise<T>;
  setOutput(name: string, value: string): Promise<void>;
  /** What the post step of the same action finds as `STATE_<name>`. */
  saveState(name: string, value: string): Promise<void>;
  /** Markdown for the page of the run. */
  addSummary(markdown: string): Promise<void>;
}

export function openRunner(env: Environment, write: (text: string) => void): Runner {
  const append = async (variable: string, text: string): Promise<void> => {
    const file = env[variable] ?? '';
    if (file === '') {
      throw new SlipwayError('INPUT_INVALID', `\`${variable}\` is not set`, {
        hint: 'Use this as a step of a job in GitHub Actions; elsewhere run `slipway restore` and `slipway save`.',
      });
    }
    await appendFile(file, text);
  };
  const command = (name: string, properties: Record<string, string>, text: string): void =>
    write(formatWorkflowCommand(name, properties, text));
  return {
    env,
    say: (line) => write(`${line}\n`),
    annotate: (level, text) => command(level, { title: 'slipway' }, text),
    mask: (secret) => command('add-mask', {}, secret),
    quote: async (title, work) => {
      const token = randomUUID();
      command('group', {}, title);
      command('stop-commands', {}, token);
      try {
        return await work();
      } finally {
        command(token, {}, '');
        command('endgroup', {}, '');
      }
    },
    setOutput: (name, value) => append('GITHUB_OUTPUT', formatAssignment(name, value)),
    saveState: (name, value) => append('GITHUB_STATE', formatAssignment(name, value)),
    addSummary: (markdown) => append('GITHUB_STEP_SUMMARY', `${markdown}\n`),
  };
}

/** The delimiter can't be guessed, so that no value can end itself and assign another name. */
function formatAssignment(name: string, value: string): string {
  const delimiter = `end-${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}
