import { describe, expect, it } from 'vitest';
import { lintSchema } from '../../../../scripts/lint-schema.ts';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { isDockerfileName } from '../../../../src/lint/dockerfile-names.ts';
import { formatCheckstyle } from '../../../../src/lint/formats/checkstyle.ts';
import { formatGithub } from '../../../../src/lint/formats/github.ts';
import { formatGitlab } from '../../../../src/lint/formats/gitlab.ts';
import { formatJson } from '../../../../src/lint/formats/json.ts';
import { formatSarif } from '../../../../src/lint/formats/sarif.ts';
import { formatText } from '../../../../src/lint/formats/text.ts';
import { reportFindings, type LintReport } from '../../../../src/lint/report.ts';
import type { BuildRule, Finding } from '../../../../src/lint/types.ts';

const RULE: BuildRule = {
  id: 'rule-one',
  number: 1,
  subject: 'build',
  group: 'cache',
  severity: 'high',
  fix: 'safe',
  summary: 'something',
  check: () => [],
};

function reportOf(file: string, text: string, findings: readonly Partial<Finding>[]): LintReport {
  const files = fileTreeOf({ [file]: text });
  const full = findings.map(
    (finding): Finding => ({
      ruleId: 'rule-one',
      file,
      range: { start: 0, end: 1 },
      severity: 'high',
      confidence: 'high',
      message: 'why it is so',
      cost: 'much',
      ...finding,
    }),
  );
  return {
    findings: reportFindings(full, files, isDockerfileName),
    fileCount: 1,
    unreadCount: 0,
    fixed: [],
    rules: [RULE],
    version: '1.2.3',
  };
}

const TEXT = 'FROM a\nRUN go build -a \\\n    -o x\n';
const WORD = { start: 20, end: 22 };
const FIX = {
  isSafe: true,
  title: 'Remove `-a`',
  edits: [{ kind: 'remove-word', file: 'Dockerfile', range: WORD }],
} as const;
const plain = { paint: (_: string, text: string) => text };

describe('text', () => {
  it('shows control characters of a hostile file as what they are not', () => {
    const text = 'FROM a\nRUN \u001b[31mx\u202e\n';
    const shown = formatText(reportOf('Dockerfile', text, [{ range: { start: 11, end: 15 } }]), plain);
    // oxlint-disable-next-line no-control-regex
    expect(shown).not.toMatch(/[\u001b\u202e]/);
    expect(shown).toContain('RUN �[31mx�');
  });

  it('cuts long lines around the place', () => {
    const text = `RUN ${'x'.repeat(500)} here ${'y'.repeat(500)}`;
    const start = text.indexOf('here');
    const lines = formatText(reportOf('Dockerfile', text, [{ range: { start, end: start + 4 } }]), plain).split('\n');
    const [, source = '', mark = ''] = lines;
    expect(source.length).toBeLessThan(200);
    expect(source.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('here');
  });

  it('marks a range of several lines on its first one, and tabs as one column', () => {
    const lines = formatText(
      reportOf('Makefile', 'a:\n\tgo build \\\n\t  -a\n', [{ range: { start: 4, end: 19 } }]),
      plain,
    ).split('\n');
    expect(lines.slice(1, 3)).toEqual(['  2 |  go build \\', '    |  ^^^^^^^^^^']);
  });

  it('shows no password of an address, and marks the same words', () => {
    const text = 'ENV GOPROXY=https://me:of-the-proxy@proxy.example.com GOFLAGS=-a\n';
    const start = text.indexOf('GOFLAGS');
    const shown = formatText(reportOf('Dockerfile', text, [{ range: { start, end: start + 7 } }]), plain);
    const [, source = '', mark = ''] = shown.split('\n');
    expect(source).toBe('  1 | ENV GOPROXY=https://***@proxy.example.com GOFLAGS=-a');
    expect(source.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('GOFLAGS');
  });

  it('counts at the end', () => {
    const end = (report: LintReport): string => formatText(report, plain).trimEnd().split('\n').at(-1) ?? '';
    expect(end(reportOf('Dockerfile', TEXT, []))).toBe('nothing found in 1 file');
    expect(end(reportOf('Dockerfile', TEXT, [{ fix: FIX, range: WORD }, { severity: 'info' }]))).toBe(
      '2 findings in 1 file: 1 high, 1 info; `slipway lint --fix` mends 1',
    );
  });
});

describe('json', () => {
  it('fits its schema and gives the fix as lines', () => {
    const data = lintSchema.parse(JSON.parse(formatJson(reportOf('Dockerfile', TEXT, [{ fix: FIX, range: WORD }]))));
    expect(data.findings[0]).toMatchObject({ line: 2, column: 14, endLine: 2, endColumn: 16, group: 'cache' });
    expect(data.findings[0]?.fix).toEqual({
      safe: true,
      title: 'Remove `-a`',
      edits: [{ file: 'Dockerfile', line: 2, lineCount: 1, text: 'RUN go build \\\n' }],
    });
  });
});

describe('sarif', () => {
  it('has what the specification asks for', () => {
    const log = JSON.parse(formatSarif(reportOf('my dir/Dockerfile', TEXT, [{ range: WORD, severity: 'medium' }]))) as {
      version: string;
      runs: { tool: { driver: { rules: { id: string }[] } }; results: Record<string, unknown>[] }[];
    };
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(['rule-one']);
    expect(run?.results[0]).toMatchObject({
      ruleId: 'rule-one',
      ruleIndex: 0,
      level: 'warning',
      message: { text: 'why it is so. Cost: much.' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'my%20dir/Dockerfile' },
            region: { startLine: 2, startColumn: 14, endLine: 2, endColumn: 16 },
          },
        },
      ],
    });
  });

  it('hands on safe fixes only', () => {
    const results = (isSafe: boolean): unknown =>
      (
        JSON.parse(formatSarif(reportOf('Dockerfile', TEXT, [{ fix: { ...FIX, isSafe }, range: WORD }]))) as {
          runs: { results: { fixes?: unknown }[] }[];
        }
      ).runs[0]?.results[0]?.fixes;
    expect(results(false)).toBeUndefined();
    expect(results(true)).toMatchObject([
      {
        artifactChanges: [
          {
            replacements: [
              {
                deletedRegion: { startLine: 2, startColumn: 1, endLine: 3, endColumn: 1 },
                insertedContent: { text: 'RUN go build \\\n' },
              },
            ],
          },
        ],
      },
    ]);
  });
});

describe('github', () => {
  it('escapes what would end the command', () => {
    const file = 'a:b,c%\nd';
    expect(formatGithub(reportOf(file, TEXT, [{ message: 'one: 100%\ntwo', severity: 'low' }]))).toBe(
      '::notice file=a%3Ab%2Cc%25%0Ad,line=1,endLine=1,col=1,endColumn=2,title=slipway%3A rule-one::one: 100%25%0Atwo. Cost: much.\n',
    );
  });
});

describe('checkstyle', () => {
  it('is XML whatever the text holds', () => {
    const xml = formatCheckstyle(reportOf('a&b"<', TEXT, [{ message: 'if a < b && "c"\u0000' }]));
    expect(xml).toContain('<file name="a&amp;b&quot;&lt;">');
    expect(xml).toContain('message="if a &lt; b &amp;&amp; &quot;c&quot;?. Cost: much."');
    expect(xml).toContain('severity="error"');
  });
});

describe('gitlab', () => {
  const fingerprints = (report: LintReport): readonly string[] =>
    (JSON.parse(formatGitlab(report)) as { fingerprint: string }[]).map(({ fingerprint }) => fingerprint);

  it('gives each finding a fingerprint that stays when lines move', () => {
    const before = fingerprints(reportOf('Dockerfile', TEXT, [{ range: WORD }, { range: WORD }]));
    const moved = { start: WORD.start + 2, end: WORD.end + 2 };
    expect(new Set(before).size).toBe(2);
    expect(fingerprints(reportOf('Dockerfile', `\n\n${TEXT}`, [{ range: moved }, { range: moved }]))).toEqual(before);
  });
});
