import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { auditJsonSchema, auditSchema } from '../../../scripts/audit-schema.ts';
import { lintJsonSchema, lintSchema } from '../../../scripts/lint-schema.ts';
import { cacheJsonSchema, cacheSchema } from '../../../scripts/cache-schema.ts';
import { initJsonSchema } from '../../../scripts/init-schema.ts';
import { reportJsonSchema, reportSchema } from '../../../scripts/report-schema.ts';
import { OPTION_NAMES } from '../../../src/config/options.ts';
import { configJsonSchema } from '../../../src/config/schema.ts';

const FORMATS = join(import.meta.dirname, '../../../docs/formats');
const read = (name: string): string => readFileSync(join(FORMATS, name), 'utf8');

describe('published schemas', () => {
  it.each([
    ['audit.schema.json', auditJsonSchema()],
    ['cache.schema.json', cacheJsonSchema()],
    ['config.schema.json', configJsonSchema()],
    ['init.schema.json', initJsonSchema()],
    ['report.schema.json', reportJsonSchema()],
    ['lint.schema.json', lintJsonSchema()],
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
