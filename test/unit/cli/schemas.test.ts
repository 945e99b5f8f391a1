import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { auditJsonSchema, auditSchema } from '../../../scripts/audit-schema.ts';
import { benchJsonSchema, benchSchema } from '../../../scripts/bench-schema.ts';
import { lintJsonSchema, lintSchema } from '../../../scripts/lint-schema.ts';
import { doctorJsonSchema, doctorSchema } from '../../../scripts/doctor-schema.ts';
import { cacheJsonSchema, cacheSchema } from '../../../scripts/cache-schema.ts';
import { initJsonSchema } from '../../../scripts/init-schema.ts';
import { reportPageJsonSchema } from '../../../scripts/report-page-schema.ts';
import { reportJsonSchema, reportSchema } from '../../../scripts/report-schema.ts';
import { readResults } from '../../../src/bench/read-results.ts';
import { runJsonSchema, runSchema } from '../../../scripts/run-schema.ts';
import { OPTION_NAMES } from '../../../src/config/options.ts';
import { configJsonSchema } from '../../../src/config/schema.ts';

const FORMATS = join(import.meta.dirname, '../../../docs/formats');
const read = (name: string): string => readFileSync(join(FORMATS, name), 'utf8');

describe('published schemas', () => {
  it.each([
    ['audit.schema.json', auditJsonSchema()],
    ['bench.schema.json', benchJsonSchema()],
    ['cache.schema.json', cacheJsonSchema()],
    ['config.schema.json', configJsonSchema()],
    ['doctor.schema.json', doctorJsonSchema()],
    ['init.schema.json', initJsonSchema()],
    ['report-page.schema.json', reportPageJsonSchema()],
    ['report.schema.json', reportJsonSchema()],
    ['lint.schema.json', lintJsonSchema()],
    ['run.schema.json', runJsonSchema()],
  ])('%s is what the code says (npm run generate)', (name, schema) => {
    expect(read(name)).toBe(`${JSON.stringify(schema, null, 2)}\n`);
  });

  it('name every option and allow no other', () => {
    const schema = configJsonSchema() as { properties: Record<string, unknown>; additionalProperties: boolean };
    expect(Object.keys(schema.properties)).toEqual(['$schema', ...OPTION_NAMES, 'lint']);
    expect(schema.additionalProperties).toBe(false);
  });
});

describe('the reports of docs/formats/report.md', () => {
  const samples = [...read('report.md').matchAll(/```json\n([^]*?)```/g)].map((match) => match[1] ?? '');

  it('are there', () => {
    expect(samples).toHaveLength(3);
  });

  it.each(samples)('fits the schema: sample %#', (sample) => {
    const data = JSON.parse(sample) as Record<string, unknown>;
    expect(reportSchema.safeParse(data).error).toBeUndefined();
    expect(reportSchema.safeParse({ ...data, schemaVersion: 2 }).success).toBe(false);
    expect(reportSchema.safeParse({ ...data, extra: 1 }).success).toBe(false);
  });
});

describe('the document of docs/formats/cache.md', () => {
  it('fits the schema', () => {
    const sample = /```json\n([^]*?)```/.exec(read('cache.md'))?.[1] ?? '';
    const data = JSON.parse(sample) as Record<string, unknown>;
    expect(cacheSchema.safeParse(data).error).toBeUndefined();
    expect(cacheSchema.safeParse({ ...data, extra: 1 }).success).toBe(false);
    expect(cacheSchema.safeParse({ ...data, schemaVersion: 2 }).success).toBe(false);
  });
});

describe('the document of docs/formats/audit.md', () => {
  it('fits the schema', () => {
    const sample = /```json\n([^]*?)```/.exec(read('audit.md'))?.[1] ?? '';
    const data = JSON.parse(sample) as Record<string, unknown>;
    expect(auditSchema.safeParse(data).error).toBeUndefined();
    expect(auditSchema.safeParse({ ...data, extra: 1 }).success).toBe(false);
    expect(auditSchema.safeParse({ ...data, schemaVersion: 2 }).success).toBe(false);
  });
});

describe('the document of docs/formats/lint.md', () => {
  it('fits the schema', () => {
    const sample = /```json\n([^]*?)```/.exec(read('lint.md'))?.[1] ?? '';
    const data = JSON.parse(sample) as Record<string, unknown>;
    expect(lintSchema.safeParse(data).error).toBeUndefined();
    expect(lintSchema.safeParse({ ...data, extra: 1 }).success).toBe(false);
  });
});

describe('the document of docs/formats/bench.md', () => {
  it('fits the schema and is read', () => {
    const sample = /```json\n([^]*?)```/.exec(read('bench.md'))?.[1] ?? '';
    const data = JSON.parse(sample) as Record<string, unknown>;
    expect(benchSchema.safeParse(data).error).toBeUndefined();
    expect(benchSchema.safeParse({ ...data, extra: 1 }).success).toBe(false);
    expect(benchSchema.safeParse({ ...data, schemaVersion: 2 }).success).toBe(false);
    expect(readResults(sample, 'bench.md')).toEqual(data);
  });
});

describe('the document of docs/formats/doctor.md', () => {
  it('fits the schema', () => {
    const sample = /```json\n([^]*?)```/.exec(read('doctor.md'))?.[1] ?? '';
    const data = JSON.parse(sample) as Record<string, unknown>;
    expect(doctorSchema.safeParse(data).error).toBeUndefined();
    expect(doctorSchema.safeParse({ ...data, extra: 1 }).success).toBe(false);
  });
});

describe('the document of docs/formats/run.md', () => {
  it('fits the schema', () => {
    const sample = /```json\n([^]*?)```/.exec(read('run.md'))?.[1] ?? '';
    const data = JSON.parse(sample) as Record<string, unknown>;
    expect(runSchema.safeParse(data).error).toBeUndefined();
    expect(runSchema.safeParse({ ...data, extra: 1 }).success).toBe(false);
    expect(runSchema.safeParse({ ...data, schemaVersion: 2 }).success).toBe(false);
  });
});
