import type { RestoreOutcome } from './restore-outcome.ts';
import type { StoreContext } from './types.ts';

/** A restore that isn't even tried is no fault, but a cold build wants its reason. */
export function tellSkipped(context: StoreContext, { report }: RestoreOutcome): void {
  if (report.decision?.share === 'modules' && report.decision.by === 'guard') {
    const text = `only modules are restored: ${report.decision.reason ?? ''}`;
    context.onEvent({ type: 'message', level: 'info', text });
  }
  if ((report.state !== 'skipped' && report.state !== 'no-mounts') || report.reason === undefined) return;
  const hint = report.hint === undefined ? {} : { hint: report.hint };
  context.onEvent({ type: 'message', level: 'info', text: `restore is skipped: ${report.reason}`, ...hint });
}
