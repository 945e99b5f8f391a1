import type { RunningStep } from '../../definitions/workflow/job-steps.ts';

const CONSTANT =
  /^(?:runner\.\w+|matrix\.[\w.-]+|github\.(?:repository\w*|workflow|job|ref\w*|head_ref|base_ref|event_name|event\.number|event\.pull_request\.number)|env\.\w+|inputs\.[\w-]+|vars\.\w+|secrets\.\w+|steps\.[\w-]*(?:go|setup)[\w-]*\.outputs\.[\w-]*version)$/;

/** Every part of it stays the same while sources change. Parts that aren't known may not. */
export function isFrozen(key: string, { lookup }: RunningStep): boolean {
  return [...key.matchAll(/\$\{\{([^]*?)\}\}/g)].every(([, expression = '']) => {
    const text = expression.trim();
    const hash = /^hashFiles\(([^]*)\)$/.exec(text);
    if (hash !== null) return hashesDependenciesOnly(hash[1] ?? '');
    if (!CONSTANT.test(text)) return false;
    const value = lookup(text);
    return !/^(?:env|inputs|steps)\./.test(text) || value === undefined || value.certainty === 'known';
  });
}

const DEPENDENCY_FILE =
  /(?:^|\/)(?:go\.(?:mod|sum|work|work\.sum)|\*\.sum|go\.\*|(?:[\w.-]*\.)?Dockerfile[\w.*-]*|\.tool-versions|\.go-version|Makefile|modules\.txt)$/i;

function hashesDependenciesOnly(list: string): boolean {
  const patterns = [...list.matchAll(/'([^']*)'/g)].map(([, pattern = '']) => pattern);
  return patterns.length > 0 && patterns.every((pattern) => pattern.startsWith('!') || DEPENDENCY_FILE.test(pattern));
}
