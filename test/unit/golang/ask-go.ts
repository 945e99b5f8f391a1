import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildOracle } from '../../helpers/go-oracle.ts';

/** The fields of `request` in test/oracle/gomod/main.go. */
export type GoQuestion = Readonly<Record<string, unknown>> & { readonly kind: string };
export type GoAnswer = Readonly<Record<string, unknown>>;

/** What Go's own packages say, in the order of the questions. */
export async function askGo(questions: readonly GoQuestion[]): Promise<readonly GoAnswer[]> {
  const child = spawn(await buildOracle('gomod'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const answers: GoAnswer[] = [];
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line) as GoAnswer);
  })();
  for (const question of questions) {
    if (!child.stdin.write(`${JSON.stringify(question)}\n`)) await Promise.race([once(child.stdin, 'drain'), closed]);
  }
  child.stdin.end();
  await reading;
  const [code] = (await closed) as [number];
  if (code !== 0 || answers.length !== questions.length) {
    throw new Error(`the oracle gave ${answers.length} answers to ${questions.length} questions and exit code ${code}`);
  }
  return answers;
}
