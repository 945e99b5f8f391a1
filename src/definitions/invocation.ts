import { isRemoteContext, treePath } from './values/tree-path.ts';
import type { BuildInvocation, Setting } from './types.ts';

/** What a build has from where it stands, whatever it builds. */
export type InvocationPlace = Pick<
  BuildInvocation,
  'file' | 'kind' | 'builder' | 'job' | 'matrixRow' | 'isMatrixOpen' | 'restoresMounts'
>;

/** The place of a build in a file that says nothing of the machine it runs on. */
export function unplaced(file: string, kind: BuildInvocation['kind']): InvocationPlace {
  return {
    file,
    kind,
    builder: 'unknown',
    job: undefined,
    matrixRow: new Map(),
    isMatrixOpen: false,
    restoresMounts: false,
  };
}

export type InvocationDetails = Pick<BuildInvocation, 'tool' | 'range' | 'label' | 'dockerfile' | 'context'> &
  Partial<Omit<BuildInvocation, keyof InvocationPlace>>;

/** An invocation with nothing set but what is given. */
export function toInvocation(place: InvocationPlace, details: InvocationDetails): BuildInvocation {
  return {
    target: undefined,
    platforms: undefined,
    buildArgs: [],
    cacheFrom: [],
    cacheTo: [],
    noCache: undefined,
    contextNames: [],
    isPushed: false,
    isOpen: false,
    ...place,
    ...details,
  };
}

export interface PlaceWords {
  /** As written; undefined where the tool's default holds, '.'. */
  readonly context: Setting | undefined;
  readonly dockerfile: Setting | undefined;
  /** Directory of the tree from which the context is named; undefined when it isn't known. */
  readonly workingDirectory: string | undefined;
  /** `-f` is named from the working directory by `docker build`, from the context by bake and Compose. */
  readonly isDockerfileInContext: boolean;
}

export interface Place {
  readonly context: string | undefined;
  readonly dockerfile: string | undefined;
}

/** Where in the tree the context and the Dockerfile of a build lie, each undefined when it can't be known. */
export function resolvePlace({ context, dockerfile, workingDirectory, isDockerfileInContext }: PlaceWords): Place {
  const contextPath = directory(workingDirectory, context);
  const isLocal = context === undefined || !isRemoteContext(context.text);
  if (dockerfile === undefined) {
    return {
      context: contextPath,
      dockerfile: contextPath === undefined ? undefined : join(contextPath, 'Dockerfile'),
    };
  }
  const base = isDockerfileInContext ? contextPath : workingDirectory;
  const isNamed = dockerfile.certainty === 'known' && dockerfile.text !== '-' && isLocal;
  return {
    context: contextPath,
    dockerfile: isNamed && base !== undefined ? treePath(base, dockerfile.text) : undefined,
  };
}

function directory(workingDirectory: string | undefined, context: Setting | undefined): string | undefined {
  if (workingDirectory === undefined) return undefined;
  if (context === undefined) return workingDirectory;
  if (context.certainty !== 'known' || isRemoteContext(context.text)) return undefined;
  return treePath(workingDirectory, context.text === '' ? '.' : context.text);
}

function join(base: string, name: string): string {
  return base === '' ? name : `${base}/${name}`;
}
