// CSI, OSC and the other escape sequences of ECMA-48, then whatever control characters are left (tabs stay).
const OSC = /(?:\u001b\]|\u009d)[\s\S]*?(?:\u0007|\u001b\\|\u009c|$)/g;
const CSI = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?/g;
const OTHER_ESCAPE = /\u001b[ -/]*[0-~]?/g;
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g;
// Characters that show nothing, and those that turn the direction of text: the runner's search skips some of them.
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A line that a child printed, made harmless: no terminal escapes, of a line redrawn with carriage returns only what it
 * showed last, and no workflow command, which GitHub's runner looks for in every line of a step's output. The runner
 * takes `::name` at the start of a line and `##[name` anywhere:
 * github.com/actions/runner/blob/079cdb1d05fe0ec50f8c51de5a4fa51d0eb189b0/src/Runner.Common/ActionCommand.cs
 */
export function cleanText(text: string): string {
  const shown = text.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  const plain = shown
    .replace(OSC, '')
    .replace(CSI, '')
    .replace(OTHER_ESCAPE, '')
    .replace(CONTROL, '')
    .replace(INVISIBLE, '');
  return plain.replaceAll('##[', '## [').replace(/^(\s*)::/, '$1: :');
}
