import type { CommandFacts } from '../facts/command.ts';
import type { RunStep } from '../facts/step.ts';

/** Before a command: has Go itself been put there by other means than the image, or its module's go.mod been made or changed? */
export function hasOtherGo(run: RunStep, command: CommandFacts): boolean {
  const steps = run.stage.chain.toReversed().flatMap((stage) => stage.steps);
  const before = steps.slice(0, steps.indexOf(run));
  const commands = before.flatMap((step) => (step.kind === 'run' ? step.commands : []));
  const own = run.commands.slice(0, run.commands.indexOf(command));
  const isCopied = before.some(
    (step) =>
      (step.kind === 'copy' || step.kind === 'add') &&
      (/^\/usr\/local(?:\/go(?:\/|$)|$)/.test(step.destination ?? '') ||
        step.sources.some(({ value }) => /(?:^|\/)go1\.[\d.]+[^/]*\.tar\.gz$/.test(value))) &&
      (step.from !== undefined || step.kind === 'add'),
  );
  return isCopied || [...commands, ...own].some((each) => CHANGES_GO.test(each.text) || writesGoMod(each));
}

const CHANGES_GO =
  /\bgo\d?[^/\s]*\.linux-[^/\s]*\.tar\.gz|go\.dev\/dl\/|dl\.google\.com\/go\/|golang\.org\/dl\/|\bgo(?:\s+-C\s+\S+)?\s+(?:mod\s+(?:init|edit|tidy)|work\s+(?:init|use|edit))\b/;

function writesGoMod({ program, text, redirects }: CommandFacts): boolean {
  if (
    redirects.some(
      ({ operator, target }) => operator.startsWith('>') && (target?.value ?? target?.text ?? '').endsWith('go.mod'),
    )
  )
    return true;
  return /^(?:sed|awk|perl|patch|rm|mv|cp|tee)$/.test(program) && /\bgo\.mod\b/.test(text);
}
