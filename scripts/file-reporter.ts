import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';

/** One line of the file that `SLIPWAY_FILE_RESULTS` names. */
export interface FileResult {
  /** As a reliability suite names it: `unit/pack/torn-packs`. */
  readonly file: string;
  /** Of its tests and hooks. */
  readonly seconds: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * A reporter of vitest's that writes down each file's result as it ends: vitest's own JSON report leaves the hooks out of
 * its times. https://vitest.dev/api/advanced/reporters.html
 */
export default class FileReporter implements Reporter {
  onTestModuleEnd(module: TestModule): void {
    const path = process.env['SLIPWAY_FILE_RESULTS'];
    if (path === undefined || path === '') return;
    const states = [...module.children.allTests()].map((test) => test.result().state);
    const count = (...wanted: readonly string[]): number => states.filter((state) => wanted.includes(state)).length;
    const hasFailedOutside = module.state() === 'failed' && count('failed') === 0;
    const result: FileResult = {
      file: relative(`${PROJECT_ROOT}/test`, module.moduleId).replace(/\.test\.ts$/, ''),
      seconds: Math.round(module.diagnostic().duration / 100) / 10,
      passed: count('passed'),
      failed: count('failed') + (hasFailedOutside ? 1 : 0),
      skipped: count('skipped', 'pending'),
    };
    appendFileSync(path, `${JSON.stringify(result)}\n`);
  }
}
