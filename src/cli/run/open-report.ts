import { open } from 'node:fs/promises';
import { errorMessage, SlipwayError } from '../../core/errors.ts';
import type { RunReport } from './report.ts';

export interface ReportFile extends AsyncDisposable {
  write(report: RunReport): Promise<void>;
}

/** Opens the file before anything runs, so that a wrong path costs no build. Throws USAGE. */
export async function openReport(file: string): Promise<ReportFile> {
  const handle = await open(file, 'w').catch((error: unknown) => {
    throw new SlipwayError('USAGE', `the report can't be written: ${errorMessage(error)}`, {
      hint: 'Name a file in a directory that is there: `--report FILE`.',
      cause: error,
    });
  });
  return {
    write: (report) => handle.writeFile(`${JSON.stringify(report, null, 2)}\n`),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
