import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOracle } from '../test/helpers/go-oracle.ts';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';

/** Builds the Go programs of test/oracle before the suites start, as their minutes are for tests. */
for (const name of await readdir(join(PROJECT_ROOT, 'test', 'oracle'))) await buildOracle(name);
