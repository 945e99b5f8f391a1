import type { Choices } from './choose.ts';
import type { ProjectFacts } from './types.ts';

interface IgnoreGroup {
  readonly comment: string;
  readonly patterns: readonly string[];
}

/**
 * What the compile never reads. Each file kept out is an edit that leaves the COPY of the sources cached; credentials stay out of
 * every layer. Patterns that could hide an embedded file are left out.
 */
export function writeDockerignore(facts: ProjectFacts, choices: Choices): string {
  const { embedded } = choices.program;
  const groups: readonly IgnoreGroup[] = [
    { comment: '# History and build definitions: a change there changes no program.', patterns: metaPatterns(facts) },
    { comment: '# Not compiled into programs.', patterns: ['**/*_test.go', '**/testdata', '*.md', 'docs', 'LICENSE'] },
    {
      comment: '# Results and tools of this machine.',
      patterns: ['bin', 'dist', 'tmp', '**/node_modules', '**/.DS_Store', '.idea', '.vscode'],
    },
    { comment: '# Credentials.', patterns: ['**/.env', '**/.env.*', '**/.netrc', '**/*.key', '**/*.pem'] },
  ];
  return `${groups
    .map(({ comment, patterns }) => ({ comment, patterns: patterns.filter((one) => isSafe(facts, embedded, one)) }))
    .filter(({ patterns }) => patterns.length > 0)
    .map(({ comment, patterns }) => [comment, ...patterns].join('\n'))
    .join('\n\n')}\n`;
}

function metaPatterns({ existing }: ProjectFacts): readonly string[] {
  return [
    '.git',
    '.gitignore',
    '.github',
    '.gitlab-ci.yml',
    '**/Dockerfile*',
    '.dockerignore',
    'docker-bake.hcl',
    ...existing.composeFiles,
  ];
}

/** A directory at the root is left alone when Go code or embedded files lie in it. */
function isSafe(facts: ProjectFacts, embedded: readonly string[], pattern: string): boolean {
  const hides = ignorePattern(pattern);
  const isCode = !/[*?]/.test(pattern) && facts.packageDirectories.some((directory) => hides.test(directory));
  return !isCode && !embedded.some((path) => hides.test(path));
}

/** Matches what the pattern names and all below it. Only for the patterns above: stars, and a double star in front. */
function ignorePattern(pattern: string): RegExp {
  const isAnywhere = pattern.startsWith('**/');
  const name = pattern
    .slice(isAnywhere ? 3 : 0)
    .replace(/[.+]/g, '\\$&')
    .replaceAll('*', '[^/]*');
  return new RegExp(`^${isAnywhere ? '(?:.*/)?' : ''}${name}(?:/.*)?$`);
}
