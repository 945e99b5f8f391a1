import { relative, resolve, basename } from 'node:path';
import type { ReportData } from '../../report/data.ts';
import type { PlannedBuild } from '../../warm/types.ts';
import { readResultsFile } from '../bench/print-results.ts';
import { explainKept, pastOptions, readPast } from '../explain/explain-past.ts';
import { lastValue, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { readVersion } from '../../session/version.ts';
import { cleanData } from './clean-data.ts';
import { findFindings } from './find-findings.ts';
import { readHistory, readRun } from './read-run.ts';

/** All that is known of the last build, or of the one that a log tells of. */
export async function gatherReport(
  planned: PlannedBuild,
  { parsed, last }: { readonly parsed: ParsedWords; readonly last: number },
  io: CliIo,
): Promise<ReportData> {
  const { userBuild, dockerfilePath } = planned;
  const [log, benchFile] = [lastValue(parsed, 'from-log'), lastValue(parsed, 'bench')];
  const bench = benchFile === undefined ? undefined : await readResultsFile(resolve(io.cwd, benchFile));
  const kept = await readPast(planned, pastOptions(io, log));
  const findings = await findFindings(userBuild, dockerfilePath, io);
  const { makeReport } = await import('../../report/make-report.ts');
  const context = resolve(io.cwd, userBuild.context);
  const inContext = relative(context, resolve(io.cwd, dockerfilePath));
  const data = makeReport({
    madeAtMs: Date.now(),
    slipwayVersion: await readVersion(),
    subject: {
      name: basename(context),
      dockerfile: inContext.startsWith('..') ? basename(dockerfilePath) : inContext,
      ...(userBuild.target !== undefined && { target: userBuild.target }),
    },
    document: explainKept(kept),
    run: kept.run && readRun(kept.run),
    history: readHistory(kept, last),
    findings,
    bench,
  });
  return cleanData(data);
}
