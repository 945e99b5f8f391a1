/** The page of a rule, from the root of this repository. */
export function ruleUrl(id: string): string {
  return `docs/rules/${id}.md`;
}
