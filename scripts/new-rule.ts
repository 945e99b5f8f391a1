import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CATALOGUE } from '../test/helpers/catalogue.ts';
import { ruleName } from './rule-index.ts';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';

/** `npm run new:rule -- RULE-ID`: the three files of a rule, to be filled in. What is there is left alone. */
const [id = ''] = process.argv.slice(2);
const entry = CATALOGUE.find((each) => each.id === id);
if (entry === undefined) {
  process.stderr.write(`\`${id}\` is no rule of the catalogue: see test/helpers/catalogue.ts\n`);
  process.exit(2);
}
const name = ruleName(id);
const { number, group, severity, fix } = entry;

await write(
  `src/lint/rules/${id}.ts`,
  `import type { ImageBuild } from '../facts/image-build.ts';
import type { BuildRule, Problem } from '../types.ts';

export const ${name}: BuildRule = {
  id: '${id}',
  number: ${number},
  subject: 'build',
  group: '${group}',
  severity: '${severity}',
  fix: '${fix}',
  summary: '',
  check: (build) => checkBuild(build),
};

function checkBuild(build: ImageBuild): readonly Problem[] {
  return [];
}
`,
);
await write(
  `docs/rules/${id}.md`,
  `# ${id}

## Output
\`\`\`text
Dockerfile:4:1 ${severity} ${id}
\`\`\`

## Why

## Examples
Bad:
\`\`\`dockerfile
\`\`\`
Good:
\`\`\`dockerfile
\`\`\`

## Fix
`,
);
await write(
  `test/unit/lint/rules/${id}.test.ts`,
  `import { ${name} } from '../../../../src/lint/rules/${id}.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(${name}, [
  {
    name: '',
    files: \`
      FROM golang:1.26
      RUN go build -o /app .
    \`,
    findings: [{ line: 2 }],
  },
]);
`,
);

async function write(path: string, text: string): Promise<void> {
  const file = join(PROJECT_ROOT, path);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) {
    process.stdout.write(`${path} is there (${(await readFile(file)).length} bytes), left alone\n`);
    return;
  }
  await writeFile(file, text);
  process.stdout.write(`${path}\n`);
}
