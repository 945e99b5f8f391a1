import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPageSchema } from '../../scripts/report-page-schema.ts';
import { formatBytes, formatCount, formatSeconds } from '../../src/core/size.ts';
import type { ReportData } from '../../src/report/data.ts';
import { checkPage, showPage, startBrowser } from '../helpers/browser.ts';
import { buildSmall, layGround, type Ground, type SmallBuilt } from '../helpers/faulty-ground.ts';
import { runSlipway } from '../helpers/run-slipway.ts';

let ground: Ground;
let browser: Browser;
beforeAll(async () => {
  ground = await layGround();
  browser = await startBrowser();
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await ground?.[Symbol.asyncDispose]();
});

async function dataOf({ app, machine }: SmallBuilt): Promise<ReportData> {
  const asked = await runSlipway(['report', '--format', 'json', app.directory], { env: machine.env });
  expect(asked.exitCode, asked.stderr).toBe(0);
  return reportPageSchema.parse(JSON.parse(asked.stdout));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe('the report of a real build', () => {
  it('tells the truth of it: what moved, what ran and why, how it went over time', async () => {
    const first = await buildSmall(ground, { store: ground.seedStore });
    const one = await dataOf(first);
    expect(first.report.restore.state).toBe('restored');
    const down = one.run?.transfers.filter(({ direction }) => direction === 'down') ?? [];
    expect(down.map(({ what }) => what)).toContain('gocache');
    expect(sum(down.map(({ bytes }) => bytes))).toBe(first.report.restore.bytesMoved);

    const second = await buildSmall(ground, { store: ground.seedStore, app: first.app, machine: first.machine });
    const { report } = second;
    const two = await dataOf(second);
    const { run } = two;
    if (run === undefined) throw new Error('slipway built it');
    expect([run.totalSeconds, run.buildSeconds, run.scope]).toEqual([
      report.totalSeconds,
      report.buildSeconds,
      report.scope,
    ]);
    const up = run.transfers.filter(({ direction }) => direction === 'up');
    expect(sum(up.map(({ bytes }) => bytes))).toBe(report.save.bytesMoved);
    expect(up.map(({ what }) => what)).toEqual(['gocache', 'documents']);
    expect(run.entries.used + run.entries.new).toBe(report.save.entriesUsed);
    expect(run.entries.new).toBe(report.save.entriesNew);
    // The snapshot's own count of what the build did not touch.
    const stored = run.entries.stored ?? [];
    expect(stored.map(({ kind }) => kind)).toEqual(['gocache', 'gomodcache']);
    expect(sum(stored.map(({ entries, idle }) => entries - idle))).toBe(run.entries.used + run.entries.new);
    // Phases follow each other, and the steps lie within the build.
    const [restore, build, save] = ['restore', 'build', 'save'].map((name) =>
      run.spans.find((span) => span.name === name),
    );
    expect(restore?.to).toBeLessThanOrEqual(build?.from ?? 0);
    expect(build?.to).toBeLessThanOrEqual(save?.from ?? 0);
    expect(save?.to).toBeLessThanOrEqual(run.totalSeconds + 0.5);
    for (const { startedAfter = 0, seconds = 0 } of two.steps)
      expect(startedAfter + seconds).toBeLessThan(run.buildSeconds + 0.5);
    expect(two.steps.map(({ keyword, state }) => `${keyword} ${state}`)).toEqual([
      'WORKDIR cached',
      'COPY re-run',
      'RUN re-run',
      'COPY re-run',
    ]);
    expect(two.criticalPath.steps).toEqual(two.steps.slice(1).map(({ id }) => id));
    expect(two.packages).toEqual({ count: 1, groups: [{ cause: 'main', kind: 'sources', packages: ['main'] }] });
    expect(two.history.map(({ totalSeconds }) => totalSeconds)).toEqual([
      first.report.totalSeconds,
      report.totalSeconds,
    ]);
    expect(two.history.every(({ bytesStored = 0 }) => bytesStored > 100_000)).toBe(true);

    const file = path.join(ground.directory, 'page.html');
    const written = await runSlipway(['report', '--out', file, second.app.directory], { env: second.machine.env });
    expect(written.exitCode, written.stderr).toBe(0);
    await using shown = await showPage(browser, file);
    const text = (await shown.page.locator('body').innerText()).replace(/\s+/g, ' ');
    for (const words of [
      `The build took ${formatSeconds(report.totalSeconds)}. 3 of 4 steps re-ran because main.go changed.`,
      `${formatBytes(report.save.bytesMoved)} went there`,
      `${formatCount(run.entries.used)} entries of the mounts were used, ${run.entries.new} entries are new`,
      'The last 2 builds took',
      '1 package was compiled because main changed.',
    ]) {
      expect(text).toContain(words);
    }
    for (const check of ['structure', 'text', 'layout'] as const)
      expect(await checkPage(shown.page, check)).toEqual([]);
    expect(shown.complaints).toEqual([]);
    expect(Buffer.byteLength(await readFile(file))).toBeLessThan(100_000);
  });
});
