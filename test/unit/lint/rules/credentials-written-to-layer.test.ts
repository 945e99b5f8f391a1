import { credentialsWrittenToLayer } from '../../../../src/lint/rules/credentials-written-to-layer.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

/** A RUN in front of a compile, at line 4. */
const before = (lines: string): string => `FROM golang:1.26
ARG GITHUB_TOKEN
WORKDIR /src
${lines}COPY . .
RUN go build -o /app .
`;

describeRule(credentialsWrittenToLayer, [
  {
    name: 'a token in the git configuration',
    files: before(
      'RUN git config --global url."https://${GITHUB_TOKEN}@github.com/".insteadOf "https://github.com/"\n',
    ),
    findings: [{ line: 4, message: /`git` writes `\$GITHUB_TOKEN` into `~\/\.gitconfig`/, fix: 'unsafe' }],
    fixed: `FROM golang:1.26
ARG GITHUB_TOKEN
WORKDIR /src
COPY . .
RUN --mount=type=secret,id=netrc,target=/root/.netrc \\
    go build -o /app .
`,
    unsafe: true,
  },
  {
    name: 'with a user, in a chain',
    files: before(
      'RUN apt-get update && git config --global url."https://oauth2:$GITHUB_TOKEN@gitlab.com".insteadOf https://gitlab.com && go mod download\n',
    ),
    findings: [{ line: 4, fix: 'unsafe' }],
    fixed: `FROM golang:1.26
ARG GITHUB_TOKEN
WORKDIR /src
RUN --mount=type=secret,id=netrc,target=/root/.netrc \\
    apt-get update && go mod download
COPY . .
RUN --mount=type=secret,id=netrc,target=/root/.netrc \\
    go build -o /app .
`,
    unsafe: true,
  },
  {
    name: 'a header',
    files: before('RUN git config --global http.extraheader "Authorization: bearer ${GITHUB_TOKEN}"\n'),
    findings: [{ line: 4 }],
  },
  {
    name: 'a netrc file by echo',
    files: before('RUN echo "machine github.com login x password ${GITHUB_TOKEN}" > ~/.netrc\n'),
    findings: [{ line: 4, at: '~/.netrc', message: '`$GITHUB_TOKEN` into `.netrc`' }],
  },
  {
    name: 'a netrc file by a here-document',
    files: before('RUN cat <<EOF > /root/.netrc\nmachine github.com login x password ${GITHUB_TOKEN}\nEOF\n'),
    findings: [{ line: 4, at: '/root/.netrc' }],
  },
  {
    name: 'a netrc file by tee',
    files: before('RUN printf "machine a login b password %s" "$GITHUB_TOKEN" | tee /root/.netrc\n'),
    findings: [{ line: 4, at: '/root/.netrc' }],
  },
  {
    name: 'a netrc file by COPY',
    files: before('COPY <<EOF /root/.netrc\nmachine github.com login x password ${GITHUB_TOKEN}\nEOF\n'),
    findings: [{ line: 4, fix: 'none' }],
  },
  {
    name: 'git credentials and an ssh key',
    files: before(
      'RUN echo "https://x:$GITHUB_TOKEN@github.com" > /root/.git-credentials\nRUN mkdir -p ~/.ssh && echo "$SSH_KEY" > ~/.ssh/id_ed25519\n',
    ),
    findings: [
      { line: 4, at: '/root/.git-credentials' },
      { line: 5, at: '~/.ssh/id_ed25519', message: '$SSH_KEY', fix: 'none' },
    ],
  },
  {
    name: 'a clone with a token',
    files: before('RUN git clone https://$GITHUB_TOKEN@github.com/a/b /b\n'),
    findings: [{ line: 4, message: '.git/config', fix: 'none' }],
  },
  {
    name: 'a proxy with a login',
    files: before(
      'ENV GOPROXY=https://user:${GITHUB_TOKEN}@proxy.example.com\nRUN go env -w GOPROXY=https://u:$GITHUB_TOKEN@proxy.example.com\n',
    ),
    findings: [
      { line: 4, message: '`GOPROXY` holds a credential' },
      { line: 5, message: "Go's env file" },
    ],
  },
  {
    name: "a password in clear isn't repeated in the message",
    files: before('RUN git config --global url."https://me:hunter2@example.com/".insteadOf https://example.com/\n'),
    findings: [{ line: 4, message: /^(?!.*hunter2).*a password/ }],
  },
  {
    name: 'ssh in the place of https, and other settings',
    files: before(
      'RUN git config --global url."ssh://git@github.com/".insteadOf "https://github.com/" && git config --global url."git@github.com:".insteadOf https://github.com/\nRUN git config --global --add safe.directory "$PWD"\n',
    ),
    findings: [],
  },
  {
    name: 'a value from a secret mount',
    files: before(
      'RUN --mount=type=secret,id=token git config --global url."https://$(cat /run/secrets/token)@github.com/".insteadOf https://github.com/\n',
    ),
    findings: [],
  },
  {
    name: 'a value from a secret in the environment',
    files: before(
      'RUN --mount=type=secret,id=token,env=GH git config --global url."https://${GH}@github.com/".insteadOf https://github.com/\n',
    ),
    findings: [],
  },
  {
    name: 'a secret netrc file',
    files: before('RUN --mount=type=secret,id=netrc,target=/root/.netrc go mod download\n'),
    findings: [],
  },
  {
    name: 'a file that the same step removes, or that lies in a mount',
    files: before(
      'RUN echo "machine a password $GITHUB_TOKEN" > ~/.netrc && go mod download && rm -f ~/.netrc\nRUN --mount=type=tmpfs,target=/root echo "machine a password $GITHUB_TOKEN" > /root/.netrc\n',
    ),
    findings: [],
  },
  {
    name: 'an address without a login',
    files: before('ENV GOPROXY=https://${HOST}/go,direct\nRUN git clone https://github.com/$OWNER/b@v1 /b\n'),
    findings: [],
  },
  {
    name: 'no Go',
    files: 'FROM node:24\nARG T\nRUN echo "machine a password $T" > ~/.netrc\n',
    findings: [],
  },
]);
