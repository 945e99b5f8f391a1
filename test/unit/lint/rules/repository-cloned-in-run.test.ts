import { repositoryClonedInRun } from '../../../../src/lint/rules/repository-cloned-in-run.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const FINAL = `
  FROM alpine:3.22
  COPY --from=build /app /app
`;

const build = (...lines: readonly string[]): string =>
  ['FROM golang:1.26 AS build', ...lines, 'FROM alpine:3.22', 'COPY --from=build /app /app', ''].join('\n');

const SHA = '0123456789abcdef0123456789abcdef01234567';

describeRule(repositoryClonedInRun, [
  {
    name: 'the default branch, built in one RUN',
    files: build('RUN git clone --depth 1 https://git.example.com/team/app.git && cd app && go build -o /app .'),
    findings: [
      {
        line: 2,
        at: 'git clone --depth 1 https://git.example.com/team/app.git',
        message: 'takes the default branch once',
      },
    ],
  },
  {
    name: 'a branch, built by a later RUN in a WORKDIR',
    files: build(
      'RUN git clone -b main https://git.example.com/team/app /src',
      'WORKDIR /src/cmd/app',
      'RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .',
    ),
    findings: [{ line: 2, message: 'takes `main` once' }],
  },
  {
    name: 'a heredoc, make, a pull of the same branch',
    files: build(
      'RUN <<EOF',
      'git clone git@git.example.com:team/app.git /src',
      'cd /src',
      'git pull origin main',
      'make build',
      'EOF',
    ),
    findings: [{ line: 3 }],
  },
  {
    name: 'cloned in one stage, built in the next',
    files: `
      FROM alpine/git AS src
      RUN git clone https://git.example.com/team/app.git /src
      FROM golang:1.26 AS build
      COPY --from=src /src /src
      WORKDIR /src
      RUN go build -o /app .
      ${FINAL.trim().replaceAll('\n  ', '\n      ')}
    `,
    findings: [{ line: 2 }],
  },
  {
    name: 'go install of the program itself',
    files: `
      FROM golang:1.26 AS build
      RUN CGO_ENABLED=0 go install example.com/team/app/cmd/app@latest
      FROM scratch
      COPY --from=build /go/bin/app /app
    `,
    findings: [{ line: 2, message: 'takes `latest` once' }],
  },
  {
    name: 'go install in the image that starts it',
    files: 'FROM golang:1.26\nRUN go install example.com/team/app@main\nENTRYPOINT ["/go/bin/app"]\n',
    findings: [{ line: 2, message: '`main`' }],
  },
  {
    name: 'a commit, a tag, an argument',
    files: {
      'a.Dockerfile': build(
        `RUN git clone https://git.example.com/a.git && cd a && git checkout ${SHA} && go build -o /app .`,
      ),
      'b.Dockerfile': build(
        'RUN git clone -b v1.2.3 --depth=1 https://git.example.com/a.git /a && cd /a && go build -o /app .',
      ),
      'c.Dockerfile': build(
        'ARG REF=v1.0.0',
        'RUN git clone --branch "$REF" https://git.example.com/a.git /a && cd /a && go build -o /app .',
      ),
      'd.Dockerfile': build(
        'ARG REF',
        'RUN git clone https://git.example.com/a.git /a && git -C /a checkout $REF',
        'RUN cd /a && go build -o /app .',
      ),
      'e.Dockerfile': build(
        `RUN git clone https://git.example.com/a.git /a && cd /a && git fetch origin ${SHA} && git reset --hard FETCH_HEAD && go build -o /app .`,
      ),
      'f.Dockerfile': build(
        `RUN git clone --revision=${SHA} https://git.example.com/a.git /a && cd /a && go build -o /app .`,
      ),
    },
    findings: [],
  },
  {
    name: 'a tool beside the sources of the context',
    files: build(
      'COPY . /src',
      'RUN git clone https://git.example.com/tool.git /tool && cd /tool && go install .',
      'RUN cd /src && go build -o /app .',
    ),
    findings: [],
  },
  {
    name: 'a tool that starts the sources of a mount',
    files:
      'FROM golang:1.26\nWORKDIR /app\nRUN go install example.com/reload@latest\nCOPY go.mod go.sum ./\nRUN go mod download\nCMD ["reload"]\n',
    findings: [],
  },
  {
    name: 'cloned for something else than a compile',
    files: build('RUN git clone https://git.example.com/data.git /data', 'RUN go install example.com/app@v1.0.0'),
    findings: [],
  },
  {
    name: 'go install of tools, and of a version',
    files: {
      'a.Dockerfile': 'FROM golang:1.26\nRUN go install example.com/tool@latest\nCMD ["bash"]\n',
      'b.Dockerfile':
        'FROM golang:1.26 AS build\nRUN go install example.com/team/app@v1.2.3\nFROM scratch\nCOPY --from=build /go/bin/app /app\n',
      'c.Dockerfile':
        'FROM golang:1.26 AS build\nRUN go install example.com/gen@latest\nCOPY . .\nRUN gen && go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n',
    },
    findings: [],
  },
  {
    name: 'ADD of a repository is asked for its commit in each build',
    files: build('ADD https://git.example.com/team/app.git#main /src', 'RUN cd /src && go build -o /app .'),
    findings: [],
  },
]);
