import { builderCheck } from './checks/builder.ts';
import { clockCheck } from './checks/clock.ts';
import { configCheck } from './checks/config.ts';
import { credentialsCheck } from './checks/credentials.ts';
import { diskCheck } from './checks/disk.ts';
import { gcPolicyCheck } from './checks/gc-policy.ts';
import { helperBuildCheck } from './checks/helper-build.ts';
import { noCacheCheck } from './checks/no-cache.ts';
import { permissionsCheck } from './checks/permissions.ts';
import { publicCheck } from './checks/public.ts';
import { storeCheck } from './checks/store.ts';
import { versionCheck } from './checks/version.ts';
import type { Check } from './types.ts';

/** Every check, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  configCheck,
  builderCheck,
  helperBuildCheck,
  versionCheck,
  gcPolicyCheck,
  diskCheck,
  clockCheck,
  permissionsCheck,
  credentialsCheck,
  storeCheck,
  publicCheck,
  noCacheCheck,
];
