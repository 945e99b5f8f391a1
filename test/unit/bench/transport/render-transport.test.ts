import { describe, expect, it } from 'vitest';
import { readStepSeconds } from '../../../../bench/lib/transport/measure-transport.ts';
import { renderTransport } from '../../../../bench/lib/transport/render-transport.ts';
import type { TransportSample } from '../../../../bench/lib/transport/results.ts';

function sample(over: Partial<TransportSample>): TransportSample {
  return {
    ...{ transport: 'injection', modules: 'zips', diskLimit: 0, repeat: 0, load: 0.1, seconds: 20, compileSeconds: 8 },
    ...{ settledSeconds: 25, downBytes: 450e6, writtenBytes: 2.1e9, mountBytes: 1.5e9, ...over },
  };
}

function render(samples: readonly TransportSample[]): string {
  const machine = { cores: 2, cpu: 'some', memoryBytes: 8e9, kernel: '6', diskWriteBytesPerSecond: 300e6, tools: {} };
  const facts = {
    schemaVersion: 1,
    commit: 'abc1234',
    startedAt: '2026-11-30T02:00:00.000Z',
  } as const;
  return renderTransport({ ...facts, machine, samples });
}

describe('the table', () => {
  it('gives each transport its median, all its seconds, and its ratio to injection on the same disk', () => {
    const seconds = [30, 10, 20];
    const text = render([
      ...seconds.map((each, repeat) => sample({ repeat, seconds: each })),
      ...seconds.map((each, repeat) => sample({ transport: 'from-old', repeat, seconds: each + 10 })),
      sample({ diskLimit: 30, seconds: 80 }),
      sample({ diskLimit: 30, transport: 'from-old', seconds: 60, mountBytes: 900e6 }),
    ]);
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.map((row) => row.split(' | ').slice(0, 3))).toEqual([
      ['| `slipway build --fetch client`: packs injected', '20.0 s (30.0, 10.0, 20.0)', '1.00x'],
      ['| `from=`, layers as they are stored', '30.0 s (40.0, 20.0, 30.0)', '1.50x'],
      ['| `slipway build --fetch client`: packs injected', '80.0 s', '1.00x'],
      ['| `from=`, layers as they are stored', '60.0 s', '0.75x'],
    ]);
    expect(text.match(/^\*\*.*\*\*$/gm)).toEqual([
      '**Modules as zips, the disk as it is**',
      '**Modules as zips, a disk of 30 MB/s**',
    ]);
    expect(rows[3]).toContain('900 MB');
  });

  it('says under which load it was measured', () => {
    expect(render([sample({}), sample({ repeat: 1, load: 3 })])).toContain('load averages from 0.1 to 3.0');
  });
});

describe('the compile step of a log', () => {
  const LOG = [
    '#8 [build 3/4] COPY . .',
    '#8 DONE 0.4s',
    '#9 [build 4/4] RUN --mount=type=cache,target=/go-cache     go build -o /out/app .',
    '#9 12.10 go: downloading example.com/m v1.0.0',
    '#9 DONE 9.1s',
    '#10 DONE 0.2s',
  ].join('\n');

  it('is the RUN that runs go build', () => {
    expect(readStepSeconds(LOG)).toBe(9.1);
  });

  it('is missed loudly where it isn’t there or came from the layer cache', () => {
    expect(() => readStepSeconds(LOG.replace('go build', 'make'))).toThrow(/no step that runs go build/);
    expect(() => readStepSeconds(LOG.replace('#9 DONE 9.1s', '#9 CACHED'))).toThrow(/no step that runs go build/);
  });
});
