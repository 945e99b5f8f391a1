import { buildReferences, type BuildReferences } from './cache-references.ts';
import type { Choices } from './choose.ts';
import { imageAddress } from './image-address.ts';
import { hasModuleLayer } from './manifests.ts';

/** .github/workflows/image.yml: builds on pull requests, builds and pushes on the main branch and on version tags. */
export function writeGithubWorkflow(choices: Choices, slipwayVersion: string): string {
  const references = buildReferences(choices);
  const address = imageAddress(choices);
  return [
    'name: image',
    '',
    'on:',
    '  push:',
    '    branches: [main]',
    "    tags: ['v*']",
    '  pull_request:',
    '',
    'permissions:',
    '  contents: read',
    '  packages: write',
    '',
    'concurrency:',
    '  group: image-${{ github.ref }}',
    '  cancel-in-progress: true',
    '',
    'env:',
    `  IMAGE: ${address?.name ?? 'ghcr.io/${{ github.repository }}'}`,
    "  PUSH: ${{ github.event_name == 'push' }}",
    '',
    'jobs:',
    '  image:',
    `    runs-on: ${runnerOf(choices)}`,
    '    steps:',
    '      - uses: actions/checkout@v4',
    '      - uses: docker/setup-buildx-action@v3',
    '      - uses: docker/login-action@v3',
    "        if: env.PUSH == 'true'",
    '        with:',
    ...loginLines(address?.registry ?? 'ghcr.io'),
    ...(hasModuleLayer(choices) ? layerSteps(references) : mountSteps(references, slipwayVersion)),
    '',
  ].join('\n');
}

/** GitHub's own registry takes the token of the run; every other one needs an account. */
function loginLines(registry: string): readonly string[] {
  const isOwn = registry === 'ghcr.io';
  return [
    `          registry: ${registry}`,
    `          username: \${{ ${isOwn ? 'github.actor' : 'secrets.REGISTRY_USER'} }}`,
    `          password: \${{ secrets.${isOwn ? 'GITHUB_TOKEN' : 'REGISTRY_PASSWORD'} }}`,
  ];
}

/** cgo compiles for the machine it runs on; a build for ARM gets one of these. Everything else is cross-compiled. */
function runnerOf({ isCgo, platforms }: Choices): string {
  const isArm = platforms.length > 0 && platforms.every((platform) => /(?:^|\/)arm/.test(platform));
  return isCgo && isArm ? 'ubuntu-24.04-arm' : 'ubuntu-latest';
}

/** The layers travel in GitHub's cache, those of the build stage too (mode=max); pull requests only read. */
function layerSteps({ scope, platforms, usesVersion, needsNetrc, needsSsh }: BuildReferences): readonly string[] {
  return [
    '      # slipway ignore=cache-mount-on-ephemeral-builder the modules travel as a layer, packages are compiled anew',
    '      - uses: docker/build-push-action@v6',
    '        with:',
    '          context: .',
    '          push: ${{ env.PUSH }}',
    '          tags: ${{ env.IMAGE }}:${{ github.sha }}',
    ...(platforms === '' ? [] : [`          platforms: ${platforms}`]),
    ...(usesVersion ? ['          build-args: VERSION=${{ github.ref_name }}'] : []),
    ...(needsNetrc ? ['          secrets: |', '            netrc=${{ secrets.NETRC }}'] : []),
    ...(needsSsh ? ['          ssh: default'] : []),
    `          cache-from: type=gha,scope=${scope}`,
    `          cache-to: \${{ github.event_name == 'push' && 'type=gha,mode=max,scope=${scope}' || '' }}`,
  ];
}

/** Cache mounts stay behind on a hosted runner; slipway brings them back and takes along what is new. */
function mountSteps(references: BuildReferences, slipwayVersion: string): readonly string[] {
  const { platforms, usesVersion, needsNetrc, needsSsh } = references;
  const words = [
    'slipway build',
    '--store "type=registry,ref=$IMAGE/cache"',
    ...(platforms === '' ? [] : [`--platform ${platforms}`]),
    ...(usesVersion ? ['--build-arg VERSION="$GITHUB_REF_NAME"'] : []),
    ...(needsNetrc ? ['--secret id=netrc,env=NETRC'] : []),
    ...(needsSsh ? ['--ssh default'] : []),
    '--output type=image,push="$PUSH"',
    '--tag "$IMAGE:$GITHUB_SHA"',
    '.',
  ];
  return [
    '      - uses: actions/setup-node@v4',
    '        with:',
    '          node-version: 24',
    `      - run: npm install --global slipway@${slipwayVersion}`,
    '      - run: |',
    ...words.map(
      (word, index) => `          ${index === 0 ? '' : '  '}${word}${index === words.length - 1 ? '' : ' \\'}`,
    ),
    ...(needsNetrc ? ['        env:', '          NETRC: ${{ secrets.NETRC }}'] : []),
  ];
}
