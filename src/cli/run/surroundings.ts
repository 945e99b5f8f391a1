import type { AroundOptions, AroundReport, CommandResult } from '../../warm/around.ts';
import type { CliIo } from '../io.ts';
import type { RunReport } from './report.ts';

/** What a run has to do around its command: for the image builds that it starts, or for this machine's own Go. */
export interface Surroundings extends AsyncDisposable {
  /** What the report says of them. */
  readonly facts: Pick<RunReport, 'engine' | 'reason' | 'targets'>;
  /** Variables that the command gets beside those of this process. */
  readonly env: CliIo['env'];
  /** Restores, runs the command and saves. Absent where there is nothing to restore into. */
  readonly around?: (command: () => Promise<CommandResult>, options: AroundOptions) => Promise<AroundReport>;
  /** What `--dry-run` prints. */
  printPlan(): Promise<void>;
}
