import { SlipwayError } from '../core/errors.ts';
import { readCsvFields } from '../dockerfile/csv.ts';
import { formatCsvField } from './csv-field.ts';
import type { UserBuild } from './types.ts';

/** One `--output` in full: type, destination and the exporter's attributes in the order written. */
interface BuildOutput {
  readonly type: string;
  readonly dest: string | undefined;
  readonly attributes: ReadonlyMap<string, string>;
}

/** buildx's short forms: a bare word is a local export, `-` a tar on standard output. Source: github.com/docker/buildx/blob/v0.38.2/util/buildflags/export.go#L87-L127 */
function parseOutput(text: string): BuildOutput {
  const fields = readCsvFields(text);
  if (fields === undefined) throw invalid(text, 'its quotes are wrong');
  if (fields.length === 1 && fields[0] === text && !text.startsWith('type=')) {
    return { type: text === '-' ? 'tar' : 'local', dest: text, attributes: new Map() };
  }
  const attributes = new Map<string, string>();
  for (const field of fields) {
    const at = field.indexOf('=');
    if (at < 0) throw invalid(text, `\`${field}\` has no value`);
    attributes.set(field.slice(0, at).trim().toLowerCase(), field.slice(at + 1));
  }
  const type = attributes.get('type') ?? '';
  if (type === '') throw invalid(text, 'its type is missing');
  const dest = attributes.get('dest') || undefined;
  attributes.delete('type');
  attributes.delete('dest');
  return { type, dest, attributes };
}

/**
 * The outputs of a build as buildctl takes them. What buildx adds by itself is added here: `registry` is a pushed
 * image, tags name every image, `--push` makes one. Source: github.com/docker/buildx/blob/v0.38.2/commands/build.go#L1102-L1124, build/opt.go#L425-L456
 */
export function planBuildctlOutputs(build: UserBuild): readonly string[] {
  const outputs = build.outputs
    .map(parseOutput)
    .map((output) => (output.type === 'registry' ? pushed({ ...output, type: 'image' }) : output));
  const all = build.push ? withPush(outputs) : outputs;
  return all.map((output) => formatOutput(named(output, build.tags)));
}

/** Does the build stream its result to standard output? */
export function streamsResult(outputs: readonly string[], client: 'buildx' | 'buildctl' | 'embedded'): boolean {
  return outputs.map(parseOutput).some(({ type, dest, attributes }) => {
    const isStream = type === 'tar' || ((type === 'oci' || type === 'docker') && !isFalse(attributes.get('tar')));
    // Without a destination buildx's `type=docker` loads the image into Docker.
    return isStream && (dest === '-' || (dest === undefined && !(type === 'docker' && client === 'buildx')));
  });
}

function withPush(outputs: readonly BuildOutput[]): readonly BuildOutput[] {
  if (outputs.some(({ type }) => type === 'image'))
    return outputs.map((output) => (output.type === 'image' ? pushed(output) : output));
  return [...outputs, pushed({ type: 'image', dest: undefined, attributes: new Map() })];
}

function pushed(output: BuildOutput): BuildOutput {
  const attributes = new Map(output.attributes).set('push', 'true');
  if (!attributes.has('unpack')) attributes.set('unpack', 'false');
  return { ...output, attributes };
}

function named(output: BuildOutput, tags: readonly string[]): BuildOutput {
  if (!['image', 'oci', 'docker'].includes(output.type)) return output;
  if (tags.length > 0) return { ...output, attributes: new Map(output.attributes).set('name', tags.join(',')) };
  if (output.attributes.get('push') === 'true' && !output.attributes.has('name')) {
    throw new SlipwayError('USAGE', 'a push needs a name to push to', { hint: 'add `-t registry/name:tag`' });
  }
  return output;
}

function formatOutput({ type, dest, attributes }: BuildOutput): string {
  const fields = [`type=${type}`, ...(dest === undefined || dest === '-' ? [] : [formatCsvField('dest', dest)])];
  for (const [key, value] of attributes) fields.push(formatCsvField(key, value));
  return fields.join(',');
}

function isFalse(value: string | undefined): boolean {
  return value !== undefined && ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value);
}

function invalid(text: string, why: string): SlipwayError {
  return new SlipwayError('USAGE', `\`--output ${text}\` can't be read: ${why}`, {
    hint: 'write `--output type=local,dest=DIR`, `type=tar`, `type=oci`, `type=image` or `type=registry`',
  });
}
