import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';

/** `docs/api.md`: every declaration that `slipway` exports, as TypeScript emits it. A promise that changes shows in the diff. */
export function formatApiReport(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-api-'));
  try {
    const tsc = join(PROJECT_ROOT, 'node_modules/.bin/tsc');
    execFileSync(tsc, ['--project', join(PROJECT_ROOT, 'tsconfig.types.json'), '--outDir', directory]);
    const door = readFileSync(join(directory, 'index.d.ts'), 'utf8');
    const parts = [...door.matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/(.+)\.ts';$/gm)].map(
      ([, names = '', file = '']) => {
        const declarations = readDeclarations(readFileSync(join(directory, `${file}.d.ts`), 'utf8'));
        return names
          .split(',')
          .map((name) => name.trim().replace(/^type /, ''))
          .filter((name) => name !== '')
          .map((name) => show(name, declarations, file));
      },
    );
    const head =
      '# What the library promises\n\nGenerated from the code by `npm run generate`. How to use it: [guide](guides/library.md).';
    return `${[head, ...parts.flat()].join('\n\n')}\n`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function show(exported: string, declarations: ReadonlyMap<string, string>, file: string): string {
  const [name = '', alias] = exported.split(' as ');
  const text = declarations.get(name);
  if (text === undefined) throw new Error(`\`${name}\` is exported, but ${file}.d.ts does not declare it`);
  const note = alias === undefined ? '' : ` (\`${name}\` of \`${file}\`)`;
  return `## ${alias ?? name}${note}\n\n\`\`\`ts\n${text}\n\`\`\``;
}

/** The exported declarations of an emitted file by name, each with the comment above it. */
function readDeclarations(text: string): ReadonlyMap<string, string> {
  // A statement begins at the margin; what closes one or belongs to it stands there only as a brace or a comment's line.
  const statements = text.split(/\n(?=\/\*\*|(?:export|import|declare) )/).reduce<string[]>((all, part) => {
    const last = all.at(-1);
    if (last?.startsWith('/**') === true && /^\/\*\*(?:(?!\*\/)[\s\S])*\*\/$/.test(last))
      return [...all.slice(0, -1), `${last}\n${part}`];
    return [...all, part];
  }, []);
  return new Map(
    statements.flatMap((statement) => {
      const name = /^export (?:declare )?(?:abstract )?(?:interface|type|class|function|const|enum) (\w+)/m.exec(
        statement,
      )?.[1];
      return name === undefined ? [] : [[name, statement.trim()] as const];
    }),
  );
}
