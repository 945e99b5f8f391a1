/** What `go env -w NAME=value` wrote into the file that GOENV names; '' without. The last line of a name counts. */
export function readGoEnvFile(text: string, name: string): string {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}=`));
  return (
    lines
      .at(-1)
      ?.slice(name.length + 1)
      .trim() ?? ''
  );
}
