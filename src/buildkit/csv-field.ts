/** One `key=value` field of buildx's and buildctl's comma-separated flags, quoted where CSV asks for it. */
export function formatCsvField(key: string, value: string): string {
  const field = `${key}=${value}`;
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
