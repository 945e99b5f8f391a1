/** A coordinate with no more digits than a screen shows. */
export function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A part of a whole, 0 to 1, as a percentage: what is placed so fits any width without being scaled. */
export function percent(share: number): string {
  return `${px(share * 100)}%`;
}
