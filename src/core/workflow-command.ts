export type AnnotationLevel = 'error' | 'warning' | 'notice';

/**
 * One line that a runner of GitHub Actions takes for a command: `::name key=value,…::text`.
 * docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function formatWorkflowCommand(
  name: string,
  properties: Readonly<Record<string, string | number>>,
  text: string,
): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name}${list.length === 0 ? '' : ` ${list.join(',')}`}::${escapeData(text)}\n`;
}

/** Source: escapeData and escapeProperty, github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
