/**
 * Is this GOCACHE output what `go test` keeps of a run that passed: its log of files and variables, what the test printed,
 * or its coverage profile? `head` is the first bytes of the output, `tail` its last ones, at least its last line.
 * Source: tryCacheWithID and saveOutput in https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/test/test.go
 */
export function isTestResult(head: string, tail: string): boolean {
  if (head.startsWith('# test log\n') || /^mode: (?:set|count|atomic)\n/.test(head)) return true;
  if (head.startsWith('!<arch>\n') || !tail.endsWith('\n')) return false;
  const lastLine = tail.slice(tail.lastIndexOf('\n', tail.length - 2) + 1);
  return /^ok {2}\t[^\t]+\t/.test(lastLine);
}
