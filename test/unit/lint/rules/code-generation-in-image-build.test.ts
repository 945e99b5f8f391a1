import { codeGenerationInImageBuild } from '../../../../src/lint/rules/code-generation-in-image-build.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const file = (...lines: readonly string[]): string =>
  ['FROM golang:1.26', 'WORKDIR /src', 'COPY . .', ...lines, ''].join('\n');

const OPERATOR = `LOCALBIN ?= bin
CONTROLLER_GEN ?= $(LOCALBIN)/controller-gen-v0.16.1
.PHONY: build manifests generate fmt vet
build: manifests generate fmt vet
\tgo build -o bin/manager cmd/main.go
manifests:
\t$(CONTROLLER_GEN) rbac:roleName=x crd webhook paths="./..."
generate:
\t$(CONTROLLER_GEN) object paths="./..."
fmt:
\tgo fmt ./...
vet:
\tgo vet ./...
compile:
\tgo build -o bin/manager cmd/main.go
`;

describeRule(codeGenerationInImageBuild, [
  {
    name: 'prerequisites of the build target',
    files: { Makefile: OPERATOR, Dockerfile: file('RUN make build') },
    findings: [{ line: 4, at: 'make build', fix: 'none', message: '`controller-gen`, `go fmt`, `go vet`' }],
  },
  {
    name: 'in a list, over lines, with mounts and variables',
    files: {
      Makefile: OPERATOR,
      Dockerfile: file(
        'RUN --mount=type=cache,target=/root/.cache/go-build \\',
        '    # all of it',
        '    set -e && make CGO_ENABLED=0 build',
      ),
    },
    findings: [{ line: 6, at: 'make CGO_ENABLED=0 build' }],
  },
  {
    name: 'the default goal, go generate and go run',
    files: {
      Makefile:
        'all: app\napp: gen\n\tgo build -o app .\ngen:\n\tgo generate ./...\n\tgo run github.com/x/mockgen@v1.2.3 -destination m.go\n\tgo run ./cmd/own\n',
      Dockerfile: file('RUN make'),
    },
    findings: [{ line: 4, at: 'make', message: '`go generate`, `go run mockgen`' }],
  },
  {
    name: 'in the recipe itself, by a heredoc',
    files: {
      Makefile: 'build:\n\tprotoc --go_out=. api.proto\n\tgo test ./...\n\tgo build .\n',
      Dockerfile: file('RUN <<EOF', 'make build', 'EOF'),
    },
    findings: [{ line: 5, at: 'make build', message: '`protoc`, `go test`' }],
  },
  {
    name: 'a target whose name only holds such a word',
    files: { Makefile: 'agent:\n\tgo generate ./...\n\tgo build .\n', Dockerfile: file('RUN make agent') },
    findings: [{ line: 4, at: 'make agent' }],
  },
  {
    name: 'a target without it, formatting alone, a look at the version',
    files: {
      Makefile: `${OPERATOR}plain: fmt\n\tprotoc --version\n\tgo build .\n`,
      Dockerfile: file('RUN make compile', 'RUN make plain'),
    },
    findings: [],
  },
  {
    name: 'asked for by name, or without make: a variant that is wanted',
    files: {
      Makefile: `${OPERATOR}test: build\n\tgo test ./...\n`,
      Dockerfile: file(
        'RUN make test',
        'RUN make vet',
        'RUN make generate build',
        'RUN go vet ./... && go test ./... && go build .',
        'RUN go generate ./...',
      ),
    },
    findings: [],
  },
  {
    name: 'behind the compile, under a condition, or with nothing compiled',
    files: {
      Makefile:
        'build:\n\tgo build .\n\tgo vet ./...\nmaybe:\n\ttest -n "$$GEN" && go generate ./...\n\tgo build .\ndocs:\n\tswag init\n',
      Dockerfile: file('RUN make build', 'RUN make maybe', 'RUN make docs'),
    },
    findings: [],
  },
  {
    name: 'a Makefile that is not here',
    files: file('RUN make build'),
    findings: [],
  },
]);
