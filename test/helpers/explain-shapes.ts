/**
 * Dockerfiles for the proof of `slipway explain`, each with what of it can be told by a change. Every RUN writes all that it
 * reads, so that another input gives another output; `NONCE` keeps the shapes apart in the builder's cache.
 */
export type Category =
  | 'COPY'
  | '--link'
  | 'bind'
  | '--from'
  | '.dockerignore'
  | 'ARG'
  | 'ENV'
  | 'heredoc'
  | 'multi-stage'
  | 'ADD'
  | 'settings';

export interface ExplainShape {
  readonly name: string;
  readonly categories: readonly Category[];
  readonly dockerfile: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly target?: string;
}

export const SHAPE_FILES: Readonly<Record<string, string>> = {
  'a.txt': 'a\n',
  'b.txt': 'b\n',
  'go.mod': 'module example.com/app\n',
  'dir/x.txt': 'x\n',
  'dir/y.md': 'y\n',
  'dir/sub/z.txt': 'z\n',
  'ignored/i.txt': 'i\n',
  'tool.sh': '#!/bin/sh\n',
};

const READ = 'find /in -type f | sort | xargs cat > /out.txt; echo NONCE >> /out.txt';

export const EXPLAIN_SHAPES: readonly ExplainShape[] = [
  {
    name: 'manifests, then everything',
    categories: ['COPY'],
    dockerfile: `FROM busybox:1.37
WORKDIR /in
COPY go.mod ./
RUN cat go.mod > /mod.txt; echo NONCE
COPY . .
RUN ${READ}
`,
  },
  {
    name: 'files, wildcards and directories one by one',
    categories: ['COPY'],
    dockerfile: `FROM busybox:1.37
COPY a.txt /in/a.txt
RUN cat /in/a.txt > /1; echo NONCE
COPY *.txt /in/texts/
RUN ${READ}
COPY dir/s* /in/s/
COPY --chown=1000:1000 --chmod=0640 b.txt tool.sh /in/two/
RUN ls -l /in/two > /2; echo NONCE
`,
  },
  {
    name: 'exclude and parents',
    categories: ['COPY'],
    dockerfile: `# syntax=docker/dockerfile:1
FROM busybox:1.37
COPY --exclude=*.md dir /in/dir
RUN ${READ}
COPY --parents dir/sub/z.txt ./a.txt /in/parents/
RUN ls /in/parents > /2; echo NONCE
`,
  },
  {
    name: 'linked layers',
    categories: ['--link', 'ARG'],
    dockerfile: `FROM busybox:1.37
ARG ONE=1
RUN echo $ONE > /one; echo NONCE
COPY --link a.txt /in/a.txt
COPY --link dir /in/dir
RUN ${READ}
COPY --link --chmod=0600 b.txt /in/b.txt
`,
  },
  {
    name: 'linked from a stage',
    categories: ['--link', '--from', 'multi-stage'],
    dockerfile: `FROM busybox:1.37 AS make
COPY a.txt /in/a.txt
RUN ${READ}
FROM busybox:1.37
ARG TWO=2
RUN echo $TWO > /two; echo NONCE
COPY --link --from=make /out.txt /out.txt
COPY --link b.txt /b.txt
RUN cat /b.txt > /b2; echo NONCE
`,
  },
  {
    name: 'bind mounts of the context',
    categories: ['bind'],
    dockerfile: `FROM busybox:1.37
RUN --mount=type=bind,source=a.txt,target=/a.txt cat /a.txt > /1; echo NONCE
RUN --mount=type=bind,source=dir,target=/in ${READ}
RUN --mount=target=/in,rw ${READ}
`,
  },
  {
    name: 'bind mounts of a stage, cache mounts beside',
    categories: ['bind', '--from', 'multi-stage'],
    dockerfile: `FROM busybox:1.37 AS files
COPY dir /in
RUN ${READ}
FROM busybox:1.37
WORKDIR /in
RUN --mount=type=bind,from=files,source=/out.txt,target=/in/out.txt cat out.txt > /1; echo NONCE
RUN --mount=type=cache,target=/go-cache --mount=type=bind,source=a.txt,target=a.txt cat a.txt > /2; echo NONCE
RUN --mount=type=cache,id=go,target=/root/.cache/go-build echo NONCE > /3
`,
  },
  {
    name: 'copies between stages that only copy',
    categories: ['--from', 'multi-stage'],
    dockerfile: `FROM scratch AS src
COPY . /src
FROM busybox:1.37 AS mods
COPY --from=src /src/go.mod /in/
RUN ${READ}
FROM busybox:1.37
COPY --from=mods /out.txt /mods.txt
COPY --from=src /src/dir /in/dir
RUN ${READ}
COPY --from=0 /src/a.txt /a.txt
`,
  },
  {
    name: 'an ignore file with exceptions',
    categories: ['.dockerignore', 'COPY'],
    dockerfile: `FROM busybox:1.37
WORKDIR /in
COPY dir dir
RUN ${READ}
COPY . .
RUN ${READ}
`,
    files: { '.dockerignore': 'ignored\n**/*.md\n!dir/y.md\nb.txt\n.dockerignore\nDockerfile\n' },
  },
  {
    name: 'an ignore file that keeps nearly all out',
    categories: ['.dockerignore', 'bind'],
    dockerfile: `FROM busybox:1.37
RUN --mount=type=bind,target=/in ${READ}
COPY . /in
RUN ${READ}
`,
    files: { '.dockerignore': '*\n!dir\ndir/sub\n!a.txt\n' },
  },
  {
    name: 'arguments above and below',
    categories: ['ARG'],
    dockerfile: `ARG TAG=1.37
FROM busybox:\${TAG} AS first
RUN echo NONCE > /0
ARG ONE=1
COPY a.txt /in/a.txt
RUN ${READ}
ARG TWO=2
COPY b.txt /in/\${TWO}.txt
RUN echo NONCE > /2
ENV FROM_ARG=$TWO
RUN echo $FROM_ARG > /3; echo NONCE
FROM busybox:1.37
ARG THREE
COPY --from=first /3 /3
RUN echo NONCE > /4
`,
  },
  {
    name: 'variables between steps',
    categories: ['ENV'],
    dockerfile: `FROM busybox:1.37
RUN echo NONCE > /0
ENV SETTING=SETTING_VALUE
COPY a.txt /in/a.txt
RUN ${READ}
WORKDIR /in
COPY b.txt b.txt
LABEL version=LABEL_VALUE
RUN echo NONCE > /2
CMD ["CMD_VALUE"]
`,
  },
  {
    name: 'variables of a base stage',
    categories: ['ENV', 'multi-stage'],
    dockerfile: `FROM busybox:1.37 AS base
ENV SETTING=SETTING_VALUE
WORKDIR /in
FROM base AS left
COPY a.txt .
RUN ${READ}
FROM busybox:1.37 AS right
COPY b.txt /in/
RUN ${READ}
FROM busybox:1.37
COPY --from=left /out.txt /left.txt
COPY --from=right /out.txt /right.txt
RUN cat /left.txt /right.txt > /both; echo NONCE
`,
  },
  {
    name: 'scripts and files in the Dockerfile',
    categories: ['heredoc', 'ARG'],
    dockerfile: `FROM busybox:1.37
ARG ONE=1
COPY <<PLAIN <<"QUOTED" /in/
one is $ONE HEREDOC_VALUE
PLAIN
one is not $ONE
QUOTED
RUN ${READ}
RUN <<SCRIPT
set -e
cat /in/* > /script.txt
echo NONCE HEREDOC_VALUE
SCRIPT
COPY a.txt /a.txt
`,
  },
  {
    name: 'a script beside other steps',
    categories: ['heredoc', 'multi-stage'],
    dockerfile: `FROM busybox:1.37 AS script
COPY a.txt /in/a.txt
RUN <<-SCRIPT cat > /script.txt
	echo HEREDOC_VALUE NONCE
SCRIPT
FROM busybox:1.37
COPY b.txt /in/b.txt
RUN ${READ}
COPY --from=script /script.txt /script.txt
COPY --chmod=0755 <<SCRIPT /run.sh
#!/bin/sh
echo HEREDOC_VALUE
SCRIPT
`,
  },
  {
    name: 'one of several targets',
    categories: ['multi-stage', 'COPY'],
    target: 'api',
    dockerfile: `FROM busybox:1.37 AS tools
COPY tool.sh /in/
RUN ${READ}
FROM busybox:1.37 AS other
COPY dir /in/
RUN ${READ}
FROM busybox:1.37 AS api
COPY a.txt /in/
RUN ${READ}
COPY --from=tools /out.txt /tool.txt
RUN cat /tool.txt > /t2; echo NONCE
FROM other
RUN echo NONCE
`,
  },
  {
    name: 'added files',
    categories: ['ADD', 'COPY'],
    dockerfile: `FROM busybox:1.37
ADD a.txt dir /in/
RUN ${READ}
ADD --chmod=0600 b.txt /in/b.txt
RUN ls -l /in > /2; echo NONCE
`,
  },
  {
    name: 'users, shells and directories',
    categories: ['settings', 'ENV'],
    dockerfile: `FROM busybox:1.37
RUN echo NONCE > /0; mkdir -m 777 /in
USER USER_VALUE
WORKDIR /in/deeper
COPY a.txt .
RUN cat a.txt; echo NONCE
SHELL ["/bin/sh", "SHELL_VALUE"]
RUN echo NONCE; echo 2
EXPOSE 8080
`,
  },
];
