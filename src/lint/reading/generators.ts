import type { CommandFacts } from '../facts/command.ts';

/** Tools that write code or manifests, or check them. */
const TOOLS =
  /^(?:controller-gen|protoc|buf|mockgen|mockery|moq|counterfeiter|golangci-lint|staticcheck|govulncheck|gosec|gofmt|gofumpt|goimports|swag|sqlc|stringer|deepcopy-gen|client-gen|lister-gen|informer-gen|conversion-gen|defaulter-gen|openapi-gen|oapi-codegen|wire|templ|gqlgen|go-bindata|statik|easyjson|msgp|setup-envtest|ginkgo|gotestsum|enumer|go-enum)(?:-?v?\d[\w.-]*)?$/;

/** The name of what a command generates or checks with, if it does and is always run: `go generate`, `controller-gen`. */
export function generatorName({ go, program, isAlwaysRun, isSetting, argv }: CommandFacts): string | undefined {
  if (isSetting || !isAlwaysRun) return undefined;
  if (argv.length === 2 && /^-{1,2}version$|^version$/.test(argv[1] ?? '')) return undefined;
  if (TOOLS.test(program)) return program.replace(/-?v?\d+\.\d[\w.-]*$/, '');
  if (go === undefined) return undefined;
  if (/^(?:generate|vet|test|fmt)$/.test(go.subcommand)) return `go ${go.subcommand}`;
  if (go.subcommand !== 'run' && go.subcommand !== 'tool') return undefined;
  const [tool] = go.packages;
  const path = (tool?.value ?? '').split('@')[0] ?? '';
  const name = path.split('/').findLast((part) => !/^v\d+$/.test(part)) ?? '';
  return TOOLS.test(name) ? `go ${go.subcommand} ${name}` : undefined;
}
