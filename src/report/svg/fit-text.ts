/** Widths by the pixel, for texts whose place is worked out without a browser. Rather too wide than cut. */
const MONO = 0.615;
const SANS = 0.575;

// East Asian wide characters and pictures take two columns.
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Extended_Pictographic}]/u;

/** `RUN go build -o /ap…`: as much of a text as fits. */
export function fitText(
  text: string,
  widthPx: number,
  { fontPx, isMono }: { readonly fontPx: number; readonly isMono: boolean },
): string {
  const most = Math.floor(widthPx / (fontPx * (isMono ? MONO : SANS)));
  let columns = 0;
  let fitting = '';
  let shortened = '';
  for (const char of text) {
    columns += WIDE.test(char) ? 2 : 1;
    if (columns > most) return `${shortened.trimEnd()}…`;
    fitting += char;
    if (columns < most) shortened = fitting;
  }
  return fitting;
}
