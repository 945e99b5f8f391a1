import type { BenchResults } from '../bench/results.ts';
import type { ExplainDocument } from '../explain/document.ts';
import { benchCharts } from './bench-charts.ts';
import { findCriticalPath } from './critical-path.ts';
import type { ReportData, ReportFinding, ReportPastRun, ReportRun, ReportSubject } from './data.ts';
import { groupPackages } from './group-packages.ts';
import { sortFindings } from './sort-findings.ts';

/** What is known of a build, from wherever it came. */
export interface ReportFacts {
  readonly madeAtMs: number;
  readonly slipwayVersion: string;
  readonly subject: ReportSubject;
  readonly document: ExplainDocument;
  readonly run?: ReportRun | undefined;
  /** The last build last. */
  readonly history: readonly ReportPastRun[];
  readonly findings: readonly ReportFinding[];
  readonly bench?: BenchResults | undefined;
}

/** The one set of data that page, Markdown and JSON are made from. */
export function makeReport(facts: ReportFacts): ReportData {
  const { document, run, bench } = facts;
  const { steps, counts, packages } = document;
  return {
    schemaVersion: 1,
    kind: 'slipway-report',
    madeAt: new Date(facts.madeAtMs).toISOString(),
    slipwayVersion: facts.slipwayVersion,
    subject: facts.subject,
    ...(run && { run }),
    steps,
    counts,
    criticalPath: findCriticalPath(steps),
    ...(packages && { packages: groupPackages(packages) }),
    history: facts.history,
    findings: sortFindings(facts.findings),
    ...(bench && { bench: benchCharts(bench) }),
  };
}
