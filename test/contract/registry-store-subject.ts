import { loginEnvironment, startRegistry, type RegistryProgram } from '../helpers/registry.ts';
import { openTestStore } from '../helpers/store-contract-open.ts';
import { startTokenServer } from '../helpers/token-server.ts';
import { describeStoreContract } from './store-contract.ts';

/** The contract on a real registry, once for each kind of login. */
export function describeRegistryStore(title: string, program: RegistryProgram): void {
  for (const auth of ['no login', 'htpasswd', 'token'] as const) {
    describeStoreContract(`${title}, ${auth}`, async () => {
      const tokens = auth === 'token' ? await startTokenServer() : undefined;
      const registry = await startRegistry({
        program,
        ...(auth === 'htpasswd' && { auth }),
        ...(tokens && { auth: tokens }),
      });
      const spec = { type: 'registry', host: registry.host, repository: 'team/app-cache' } as const;
      const env = auth === 'no login' ? {} : loginEnvironment(registry.host);
      return {
        store: openTestStore(spec, env),
        other: openTestStore(spec, env),
        hasExclusiveSnapshots: false,
        async close() {
          await registry.stop();
          await tokens?.stop();
        },
      };
    });
  }
}
