import { dedent } from './lint-rule.ts';

/** A multi-stage Dockerfile with a dependency layer. */
export const LAYERED: string = `FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -o /app .
FROM scratch
COPY --from=build /app /app
`;

/** A multi-stage Dockerfile with both cache mounts. */
export const MOUNTED: string = `FROM golang:1.26 AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build --mount=type=cache,target=/go/pkg/mod CGO_ENABLED=0 go build -o /app .
FROM scratch
COPY --from=build /app /app
`;

export interface WorkflowShape {
  /** Default: `push`. One line of YAML. */
  readonly on?: string;
  /** Lines below the job, `strategy:` for one. */
  readonly job?: string;
  readonly runsOn?: string;
  readonly jobs?: string;
}

/** A workflow of one job with these steps; templates are dedented. */
export function workflow(
  steps: string,
  { on = 'push', job = '', runsOn = 'ubuntu-latest' }: WorkflowShape = {},
): string {
  const indented = (text: string, by: string): string => dedent(text).replace(/^(?=.)/gm, by);
  return `on: ${on}\njobs:\n  build:\n    runs-on: ${runsOn}\n${indented(job, '    ')}    steps:\n${indented(steps, '      ')}`;
}

export const WORKFLOW = '.github/workflows/build.yml';
