import * as z from 'zod';
import { SCENARIOS, STRATEGIES } from '../src/bench/cells.ts';
import { MAX_REPEATS } from '../src/bench/read-results.ts';
import type { BenchResults, ScenarioName, StrategyName } from '../src/bench/results.ts';

const seconds = z.number().min(0);
const bytes = z.int().min(0);

const step = z.strictObject({
  name: z.string().describe('As BuildKit names it: `[build 3/4] RUN go build -o /out/app .`'),
  seconds,
  isCached: z.boolean(),
});

const sample = z.strictObject({
  strategy: z.enum(STRATEGIES as readonly [StrategyName, ...StrategyName[]]),
  scenario: z.enum(SCENARIOS as readonly [ScenarioName, ...ScenarioName[]]),
  cgo: z.literal([0, 1]).describe('What CGO_ENABLED was'),
  repeat: z.int().min(1).describe('The round; warm-ups are numbered apart'),
  isWarmUp: z.boolean().describe('Kept, and counted nowhere'),
  seconds: seconds.describe('Wall time of all three phases'),
  phases: z.strictObject({
    before: seconds.describe('Bringing the cache'),
    build: seconds,
    after: seconds.describe('Taking it away'),
  }),
  isCensored: z.boolean().describe('A time limit ended it: it would have taken longer'),
  steps: z.array(step),
  packagesCompiled: z.int().min(0).optional().describe('As `go build -v` names them; lacks where it was not seen'),
  bytesDown: bytes.describe('To the worker, from where the cache lives; no base images'),
  bytesUp: bytes.describe('From the worker to that place'),
  bytesStored: bytes.describe('What lies there afterwards'),
  startedAfter: seconds.describe("From the run's start"),
});

const machine = z.strictObject({
  cores: z.int().min(1),
  cpu: z.string(),
  memoryBytes: bytes,
  kernel: z.string(),
  diskWriteBytesPerSecond: z.number().min(0),
  tools: z.record(z.string(), z.string()).describe('Versions by tool: node, go, buildkit, slipway'),
});

const project = z.strictObject({
  module: z.string().describe('Module path'),
  revision: z.string().optional().describe('Commit of the checkout; lacks outside of git'),
  isDirty: z.boolean(),
  program: z.string().describe("The main package that was built, from the module's root"),
  packages: z.int().min(0),
  modules: z.int().min(0),
});

/** What `slipway bench --format json` prints. Only tests and the schema generator load this. */
export const benchSchema: z.ZodType<BenchResults> = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('slipway-bench'),
  startedAt: z.iso.datetime({ offset: true }),
  finishedAt: z.iso.datetime({ offset: true }),
  isQuick: z.boolean(),
  isPartial: z.boolean().describe('Stopped before all samples were made'),
  repeats: z.int().min(1).max(MAX_REPEATS),
  isolation: z.enum(['fresh-workers', 'mount-namespaces']),
  machine,
  project,
  samples: z.array(sample).describe('In the order in which they were made'),
  left: z.array(z.string()).describe('What was left out, and why'),
});

/** Published as `docs/formats/bench.schema.json`. */
export function benchJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(benchSchema, { target: 'draft-2020-12' }), title: 'slipway bench --format json' };
}
