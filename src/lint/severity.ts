/** What a finding weighs, from the lightest. */
export const SEVERITIES = ['info', 'low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const GROUPS = ['cache', 'layers', 'modules', 'cgo', 'image', 'workflow', 'security'] as const;
export type Group = (typeof GROUPS)[number];

/** `low`: a fact that the finding needs was guessed. */
export type Confidence = 'high' | 'low';
