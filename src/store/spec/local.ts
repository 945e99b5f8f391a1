import { checkKeys, type CommonSpec, invalid, readCommon, type SpecKind } from './fields.ts';

export interface LocalStoreSpec extends CommonSpec {
  readonly type: 'local';
  readonly dest: string;
}

export const LOCAL: SpecKind<LocalStoreSpec> = {
  example: 'type=local,dest=DIR',
  parse(spec) {
    checkKeys(spec, ['dest']);
    const dest = spec.fields.get('dest') ?? '';
    if (dest === '') throw invalid(spec.text, 'does not say where', 'Write `type=local,dest=DIR`.');
    return { type: 'local', dest, ...readCommon(spec) };
  },
  format: (spec) => [`dest=${spec.dest}`],
};
