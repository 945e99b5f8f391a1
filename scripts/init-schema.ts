import * as z from 'zod';
import type { InitReport } from '../src/cli/init/print-init.ts';
import type { Decision, ModuleFacts, ProgramFacts, ProjectFacts, Question } from '../src/generate/types.ts';

const count = z.int().min(0);
const names = z.array(z.string());
const directory = z.string().describe('From the root, without a slash at its ends; empty for the root');

const program = z.strictObject({
  importPath: z.string(),
  directory,
  module: directory,
  name: z.string().describe('What `go build` would call its file'),
  cgo: z.strictObject({ answer: z.enum(['yes', 'optional', 'maybe', 'unknown', 'no']), because: names }),
  needsCertificates: z.boolean(),
  needsTimeZones: z.boolean(),
  usesUserLookup: z.boolean(),
  listens: z.boolean(),
  addresses: z.array(
    z.strictObject({
      address: z.string(),
      port: z.int().min(1).max(65_535),
      isLoopback: z.boolean(),
      evidence: z.enum(['call', 'default', 'literal']),
    }),
  ),
  versionVariables: names.describe('Variables that `-ldflags=-X` can set, the likeliest first'),
  embedded: names.describe('Files of `//go:embed`; the pattern where there are none yet'),
  externalImports: count,
}) satisfies z.ZodType<ProgramFacts>;

const module = z.strictObject({
  directory,
  path: z.string(),
  go: z.string().optional(),
  toolchain: z.string().optional(),
  requires: count.describe('Required modules without those that a directory replaces'),
  hasGoSum: z.boolean(),
  isVendored: z.boolean(),
  localReplacements: names,
  outside: names.describe('Local replacements that leave the root'),
  privateModules: names.describe('Required modules that GOPRIVATE names'),
}) satisfies z.ZodType<ModuleFacts>;

const facts = z.strictObject({
  modules: z.array(module),
  workspace: z
    .strictObject({
      go: z.string().optional(),
      toolchain: z.string().optional(),
      modules: names,
      outside: names,
      localReplacements: names,
      hasSum: z.boolean(),
      isVendored: z.boolean(),
    })
    .optional(),
  programs: z.array(program),
  generates: z.array(z.strictObject({ file: z.string(), command: z.string() })),
  existing: z.strictObject({
    dockerfiles: names,
    ignoreFiles: names,
    workflows: names,
    pipelines: names,
    bakeFiles: names,
    composeFiles: names,
  }),
  surroundings: z.strictObject({
    goPrivate: z.string(),
    hasNetrc: z.boolean(),
    sshHosts: names,
    hasOuterWorkspace: z.boolean(),
  }),
  packageDirectories: names,
}) satisfies z.ZodType<ProjectFacts>;

const decision = z.strictObject({
  name: z.string(),
  value: z.string(),
  because: z.string(),
}) satisfies z.ZodType<Decision>;

const question = z.strictObject({
  flag: z.string(),
  text: z.string(),
  options: names.describe('The answers there are; empty for free text'),
  isRequired: z.boolean().describe('Nothing is written without an answer'),
}) satisfies z.ZodType<Question>;

const file = z.strictObject({
  path: z.string(),
  text: z.string(),
  status: z.enum(['create', 'overwrite', 'unchanged', 'kept']).describe('`kept`: it is there and differs'),
  diff: z.string().describe('A patch from what is there to `text`; empty for new and unchanged files'),
});

/** What `slipway init --format json` prints. Only tests and the schema generator load this. */
export const initSchema: z.ZodType<InitReport> = z.strictObject({
  schemaVersion: z.literal(1),
  facts,
  decisions: z.array(decision),
  files: z.array(file),
  notes: names,
  questions: z.array(question),
  nextCommand: z.string().optional(),
});

/** Published as `docs/formats/init.schema.json`. */
export function initJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(initSchema, { target: 'draft-2020-12' }),
    title: 'slipway init with --format json',
  };
}
