import type { CommandFacts } from '../facts/command.ts';

const MOST_CHARS = 72;

/** A command for a message, in backticks: as it is written, or the `make` of the RUN that leads to it; long ones are cut. */
export function commandName({ text, via }: CommandFacts): string {
  const [first] = via;
  const name = (first ?? text).replaceAll('${unknown_to_slipway}', '…').replaceAll(/\s+/g, ' ').trim();
  return `\`${name.length > MOST_CHARS ? `${name.slice(0, MOST_CHARS - 1)}…` : name}\``;
}
