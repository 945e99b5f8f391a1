/** Labels of GitHub's own machines, larger ones included: each job gets a new one. */
const HOSTED = /^(?:ubuntu|windows|macos)-(?:latest|slim|\d[\w.]*)(?:-[\w.-]+)?$/i;

/** Whether the machine is new for each job, kept between jobs, or can't be told. */
export function runnerKind(labels: readonly string[]): 'ephemeral' | 'persistent' | 'unknown' {
  // A self-hosted runner may be a pod that lives for one job; what is on its disk isn't known.
  if (labels.some((label) => label.toLowerCase() === 'self-hosted')) return 'unknown';
  return labels.length > 0 && labels.every((label) => HOSTED.test(label)) ? 'ephemeral' : 'unknown';
}
