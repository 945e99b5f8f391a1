import { buildReferences, type BuildReferences } from './cache-references.ts';
import type { Choices } from './choose.ts';
import { imageAddress } from './image-address.ts';
import { hasModuleLayer } from './manifests.ts';

/** .gitlab-ci.yml with one job that builds, and pushes on the default branch and on tags. */
export function writeGitlabPipeline(choices: Choices, slipwayVersion: string): string {
  const references = buildReferences(choices);
  const isLayers = hasModuleLayer(choices);
  const address = imageAddress(choices);
  return [
    'image:',
    '  stage: build',
    // slipway needs Node 24; a layer cache needs nothing but Docker.
    `  image: ${isLayers ? 'docker:28' : 'node:24-alpine'}`,
    '  services:',
    '    - docker:28-dind',
    '  variables:',
    '    DOCKER_TLS_CERTDIR: /certs',
    ...(isLayers
      ? []
      : ['    DOCKER_HOST: tcp://docker:2376', '    DOCKER_TLS_VERIFY: "1"', '    DOCKER_CERT_PATH: /certs/client']),
    `    IMAGE: ${address?.name ?? '$CI_REGISTRY_IMAGE'}`,
    '    PUSH: "false"',
    '  rules:',
    '    - if: $CI_COMMIT_TAG || $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
    '      variables:',
    '        PUSH: "true"',
    '    - if: $CI_PIPELINE_SOURCE == "merge_request_event"',
    '  before_script:',
    ...(isLayers
      ? []
      : [
          '    - apk add --no-cache docker-cli docker-cli-buildx',
          `    - npm install --global slipway@${slipwayVersion}`,
        ]),
    address === undefined
      ? '    - echo "$CI_REGISTRY_PASSWORD" | docker login --username "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"'
      : `    - echo "$REGISTRY_PASSWORD" | docker login --username "$REGISTRY_USER" --password-stdin ${address.registry}`,
    '    - docker context create dind',
    '    - docker buildx create --use dind',
    '  script:',
    '    - >-',
    ...commandWords(references, isLayers).map((word) => `      ${word}`),
    '',
  ].join('\n');
}

function commandWords(references: BuildReferences, isLayers: boolean): readonly string[] {
  const { scope, platforms, usesVersion, needsNetrc, needsSsh } = references;
  const cache = `type=registry,ref=$IMAGE/cache:${scope}`;
  return [
    isLayers ? 'docker buildx build' : 'slipway build --store type=registry,ref=$IMAGE/cache',
    ...(isLayers ? [`--cache-from ${cache}`, `$(test "$PUSH" = false || echo --cache-to ${cache},mode=max)`] : []),
    ...(platforms === '' ? [] : [`--platform ${platforms}`]),
    ...(usesVersion ? ['--build-arg VERSION=$CI_COMMIT_REF_NAME'] : []),
    ...(needsNetrc ? ['--secret id=netrc,src=$NETRC'] : []),
    ...(needsSsh ? ['--ssh default=$SSH_KEY'] : []),
    '--output type=image,push=$PUSH',
    '--tag $IMAGE:$CI_COMMIT_SHORT_SHA .',
  ];
}
