import type { CanaryGround } from './canary-ground.ts';
import { smallMounts, writeSmallApp } from './faulty-app.ts';

/** What of the app's secrets a step sees, each as `/out/seen/NAME` by its SHA-256. */
export const SEEN_IN_BUILD = ['argument', 'url', 'variable', 'file', 'netrc', 'context'] as const;

const SECRETS = ['variable', 'file', 'netrc', 'printed', 'linked'];

/**
 * The small app with steps that get every secret a build can be given, and leave some in the cache: a test prints one, and
 * a program that `go run` keeps has one linked in.
 */
export async function plantCanaryApp(ground: CanaryGround, id: string): Promise<string> {
  const directory = await writeSmallApp(`${ground.planted}/app`, id);
  await ground.plant('app/internal/token/token_test.go', TEST);
  await ground.plant('app/cmd/linked/main.go', LINKED);
  const mounts = [smallMounts(id), ...SECRETS.map((name) => `--mount=type=secret,id=${name}`)].join(' ');
  const dockerfile = [
    'FROM golang:1.26 AS build',
    'ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache CGO_ENABLED=0 GOFLAGS=-trimpath',
    'WORKDIR /src',
    'ARG DEPLOY_TOKEN',
    'ARG MODULES_FROM',
    'RUN mkdir -p /out/seen && printf %s "$DEPLOY_TOKEN" | sha256sum > /out/seen/argument && printf %s "$MODULES_FROM" | sha256sum > /out/seen/url',
    'COPY . .',
    `RUN ${mounts} cd /run/secrets && for name in variable file netrc; do sha256sum < $name > /out/seen/$name; done && cd /src \\`,
    '  && sha256sum < .git-credentials > /out/seen/context \\',
    '  && PRINTED="$(cat /run/secrets/printed)" go test -vet=off -v ./internal/token > /dev/null \\',
    '  && go run -ldflags "-X main.token=$(cat /run/secrets/linked)" ./cmd/linked \\',
    '  && go build -v -o /out/app .',
    'FROM build AS broken',
    'ARG DEPLOY_TOKEN',
    'RUN echo "$DEPLOY_TOKEN" | grep -q "nothing like it"',
    'FROM scratch',
    'COPY --from=build /out /',
    '',
  ];
  await ground.plant('app/Dockerfile', dockerfile.join('\n'), 0o644);
  return directory;
}

const TEST = `package token

import (
	"os"
	"testing"
)

func TestToken(t *testing.T) { t.Log(os.Getenv("PRINTED")) }
`;

const LINKED = `package main

var token string

func main() { println("linked", len(token)); if len(token) == 0 { println(token) } }
`;
