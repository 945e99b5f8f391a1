import { scratchLacksRuntimeData } from '../../../../src/lint/rules/scratch-lacks-runtime-data.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

const mod = { 'go.mod': 'module example.com/app\n\ngo 1.26\n' };
const client = {
  ...mod,
  'main.go': 'package main\n\nimport "net/http"\n\nfunc main() { _, _ = http.Get("https://example.com") }\n',
};
const zones = {
  ...mod,
  'main.go': 'package main\n\nimport "time"\n\nfunc main() { _, _ = time.LoadLocation("Europe/Berlin") }\n',
};
const server = {
  ...mod,
  'main.go': 'package main\n\nimport "net/http"\n\nfunc main() { _ = http.ListenAndServe(":80", nil) }\n',
};
const two = (final: string, flags = ''): string =>
  `FROM golang:1.26-alpine AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build ${flags}-o /app .\n${final}\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]\n`;

describeRule(scratchLacksRuntimeData, [
  {
    name: 'a client of HTTPS',
    files: { Dockerfile: two('FROM scratch\n# the program'), ...client },
    findings: [{ line: 5, at: 'scratch', fix: 'unsafe', message: 'root certificates' }],
    unsafe: true,
    fixed: {
      Dockerfile: two(
        'FROM scratch\nCOPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n# the program',
      ),
    },
  },
  {
    name: 'time zones, in a package of its own; CRLF',
    files: {
      Dockerfile: two('FROM scratch').replaceAll('\n', '\r\n'),
      ...mod,
      'main.go': 'package main\n\nimport _ "example.com/app/clock"\n\nfunc main() {}\n',
      'clock/clock.go': 'package clock\n\nimport "time"\n\nvar X, _ = time.LoadLocation("Asia/Tokyo")\n',
    },
    findings: [{ line: 5, fix: 'unsafe', message: 'time zones' }],
    unsafe: true,
    fixed: {
      Dockerfile: two(
        'FROM scratch\nCOPY --from=build /usr/local/go/lib/time/zoneinfo.zip /zoneinfo.zip\nENV ZONEINFO=/zoneinfo.zip',
      ).replaceAll('\n', '\r\n'),
    },
  },
  {
    name: 'a final stage through another one from scratch',
    files: { Dockerfile: two('FROM scratch AS empty\nFROM empty'), ...client },
    findings: [{ line: 5, at: 'scratch' }],
  },
  {
    name: 'a builder that is no golang image: found, not mended',
    files: { Dockerfile: two('FROM scratch').replace('golang:1.26-alpine', 'example.com/go'), ...client },
    findings: [{ line: 5, fix: 'none' }],
  },
  {
    name: 'certificates are copied: a file, a directory, another stage, by a variable',
    files: {
      Dockerfile: two('FROM scratch\nCOPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/'),
      'b.Dockerfile': two('FROM scratch\nCOPY --from=build /etc/ssl /etc/ssl'),
      'c.Dockerfile': two('FROM scratch\nCOPY ca-bundle.pem /roots.pem\nENV SSL_CERT_FILE=/roots.pem'),
      'd.Dockerfile': two('FROM scratch\nCOPY --from=build /rootfs /'),
      'e.Dockerfile': two('FROM scratch\nADD rootfs.tar.gz /'),
      ...client,
    },
    findings: [],
  },
  {
    name: 'embedded roots',
    files: {
      Dockerfile: two('FROM scratch'),
      'go.mod': 'module example.com/app\n\ngo 1.26\n\nrequire golang.org/x/crypto/x509roots/fallback v0.1.0\n',
      'main.go':
        'package main\n\nimport (\n\t"net/http"\n\n\t_ "golang.org/x/crypto/x509roots/fallback"\n)\n\nfunc main() { _, _ = http.Get("https://example.com") }\n',
    },
    findings: [],
  },
  {
    name: 'time zones copied, or in the program by tag',
    files: {
      Dockerfile: two('FROM scratch\nCOPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo'),
      'b.Dockerfile': two('FROM scratch', '-tags timetzdata '),
      ...zones,
    },
    findings: [],
  },
  {
    name: 'time zones in the program by import',
    files: {
      Dockerfile: two('FROM scratch'),
      ...mod,
      'main.go':
        'package main\n\nimport (\n\t"time"\n\t_ "time/tzdata"\n)\n\nfunc main() { _, _ = time.LoadLocation("UTC") }\n',
    },
    findings: [],
  },
  { name: 'a server needs neither', files: { Dockerfile: two('FROM scratch'), ...server }, findings: [] },
  { name: 'another image', files: { Dockerfile: two('FROM alpine:3.22'), ...client }, findings: [] },
  { name: 'sources that are not known', files: two('FROM scratch'), findings: [] },
]);
