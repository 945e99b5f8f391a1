import { buildPlatformOverridden } from '../../../../src/lint/rules/build-platform-overridden.ts';
import { describeRule } from '../../../helpers/lint-rule.ts';

describeRule(buildPlatformOverridden, [
  {
    name: 'a default above FROM',
    files: `
      # syntax=docker/dockerfile:1
      ARG BUILDPLATFORM=linux/amd64
      FROM --platform=$BUILDPLATFORM golang:1.26 AS build
      RUN go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
    findings: [{ line: 2, at: 'BUILDPLATFORM=linux/amd64', fix: 'unsafe' }],
    unsafe: true,
    fixed: `
      # syntax=docker/dockerfile:1
      ARG BUILDPLATFORM
      FROM --platform=$BUILDPLATFORM golang:1.26 AS build
      RUN go build -o /app .
      FROM scratch
      COPY --from=build /app /app
    `,
  },
  {
    name: 'among others, with continuations, quotes and CRLF; used in a stage below',
    files:
      'ARG GO=1.26 \\\r\n    BUILDPLATFORM="linux/amd64"\r\nFROM --platform=${BUILDPLATFORM} golang:${GO} AS base\r\nFROM base\r\nRUN go build .\r\n',
    findings: [{ line: 2, at: 'BUILDPLATFORM="linux/amd64"' }],
    unsafe: true,
    fixed:
      'ARG GO=1.26 \\\r\n    BUILDPLATFORM\r\nFROM --platform=${BUILDPLATFORM} golang:${GO} AS base\r\nFROM base\r\nRUN go build .\r\n',
  },
  {
    name: 'bare, empty, or from the automatic ones',
    files: `
      ARG BUILDPLATFORM
      ARG BUILDPLATFORM=
      ARG BUILDPLATFORM=$BUILDOS/$BUILDARCH
      FROM --platform=$BUILDPLATFORM golang:1.26
      RUN go build .
    `,
    findings: [],
  },
  {
    name: 'in a stage, where it changes no FROM; never used; another name',
    files: `
      ARG MY_PLATFORM=linux/amd64
      FROM --platform=$MY_PLATFORM golang:1.26 AS a
      ARG BUILDPLATFORM=linux/amd64
      FROM golang:1.26
      COPY --from=a /go /a
      RUN go build .
    `,
    findings: [],
  },
]);
