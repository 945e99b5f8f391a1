import { findProgram } from '../../../buildkit/find-program.ts';
import { SlipwayError } from '../../../core/errors.ts';
import { member, text } from '../../../definitions/json-values.ts';
import { runChild } from '../../../process/run-child.ts';
import type { CliIo } from '../../io.ts';
import type { GoEnv } from './plan-host.ts';

const NAMES = ['GOCACHE', 'GOMODCACHE', 'GOVERSION', 'GOMOD', 'GOWORK', 'GOCACHEPROG', 'GOPRIVATE'] as const;

/** Longer than go takes to fetch another toolchain, which the command would have to wait for too. */
const ANSWER_MS = 30_000;

/** What this machine's go says of its caches. Throws GO_CACHE_UNUSABLE when there is none, or it doesn't say. */
export async function askGo({ env, cwd, signal }: Pick<CliIo, 'env' | 'cwd' | 'signal'>): Promise<GoEnv> {
  if ((await findProgram('go', env)) === undefined) {
    throw new SlipwayError('GO_CACHE_UNUSABLE', 'there is no `go` on PATH to say where its caches are', {
      hint: 'Put the Go that the command uses on PATH.',
    });
  }
  const timeout = AbortSignal.timeout(ANSWER_MS);
  const lines: string[] = [];
  const { exitCode, stderrTail } = await runChild('go', {
    args: ['env', '-json', ...NAMES],
    env,
    cwd,
    signal: AbortSignal.any([signal, timeout]),
    onStdoutLine: (line) => lines.push(line),
  });
  signal.throwIfAborted();
  if (timeout.aborted) throw unanswered('it does not answer');
  if (exitCode !== 0) throw unanswered(stderrTail.at(-1) ?? `exit code ${exitCode}`);
  return readAnswer(lines.join('\n'));
}

/** The pure part: the JSON that `go env -json` prints. */
export function readAnswer(answer: string): GoEnv {
  let said: unknown;
  try {
    said = JSON.parse(answer);
  } catch (error) {
    throw unanswered('its answer is no JSON', error);
  }
  const valueOf = (name: keyof GoEnv): string => text(member(said, name)) ?? '';
  return Object.fromEntries(NAMES.map((name) => [name, valueOf(name)])) as unknown as GoEnv;
}

function unanswered(why: string, cause?: unknown): SlipwayError {
  return new SlipwayError('GO_CACHE_UNUSABLE', `\`go env\` does not say where its caches are: ${why}`, {
    hint: 'Run `go env GOCACHE GOMODCACHE` here to see it.',
    cause,
  });
}
