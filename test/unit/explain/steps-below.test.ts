import { describe, expect, it } from 'vitest';
import { readSteps } from '../../../src/explain/compare-builds.ts';
import { stepsBelow } from '../../../src/explain/steps-below.ts';

function below(dockerfile: string): readonly string[] {
  const files = new Map([['main.go', 'a']]);
  const options = { fileName: 'Dockerfile', buildArgs: {} };
  const steps = readSteps({ dockerfile, options, files, excludeTest: () => () => false });
  const made = stepsBelow(steps);
  return steps.map(({ id }) => [id, ...(made.get(id) ?? [])].join(' '));
}

describe('what a step is made from', () => {
  it('is the step above, and the last one of each stage it takes from, by name or number', () => {
    const dockerfile = `FROM golang:1.26 AS Build
WORKDIR /src
COPY . .
RUN go build -o /app .
FROM alpine AS assets
RUN apk add ca-certificates
FROM scratch
COPY --from=1 /etc/ssl /etc/ssl
COPY --from=build /app /app
`;
    expect(below(dockerfile)).toEqual(['0.2', '0.3 0.2', '0.4 0.3', '1.2', '2.1 1.2', '2.2 2.1 0.4']);
  });

  it('is told through stages that only copy, mounts from a stage, and stages on a stage', () => {
    const dockerfile = `FROM scratch AS src
COPY main.go /src/main.go
FROM golang:1.26 AS build
RUN --mount=from=src,target=/src go build -o /app /src
FROM build AS test
RUN go test ./...
`;
    expect(below(dockerfile)).toEqual(['0.1', '1.2 0.1', '2.1 1.2']);
  });
});
