import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { WarmAnswer, WarmOrder, WarmWords } from './warm-child.ts';

export interface WarmChild extends AsyncDisposable {
  /** Throws what went wrong in the child. */
  ask(order: WarmOrder): Promise<Exclude<WarmAnswer, { readonly error: string }>>;
}

/** Starts a machine in a process of its own that waits for orders. */
export function startWarmChild(words: Omit<WarmWords, 'order'>): WarmChild {
  const child = fork(path.join(import.meta.dirname, 'warm-child.ts'), [JSON.stringify(words)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  });
  return {
    ask: async (order) => {
      const answer = await answerOf(child, order);
      if ('error' in answer) throw new Error(`a child failed: ${answer.error}`);
      return answer;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  };
}

function answerOf(child: ChildProcess, order: WarmOrder): Promise<WarmAnswer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void =>
      reject(new Error(`a child ended with ${code} in the middle of its work`));
    child.once('exit', onExit);
    child.once('message', (answer) => {
      child.off('exit', onExit);
      resolve(answer as WarmAnswer);
    });
    child.send(order);
  });
}
