import { readVersion } from '../../session/version.ts';

/** What docker asks each plugin first. Source: the CLI plugin spec, docs/extend/cli_plugins.md in docker/cli. */
export async function formatMetadata(): Promise<string> {
  const metadata = {
    SchemaVersion: '0.1.0',
    Vendor: 'slipway',
    Version: `v${await readVersion()}`,
    ShortDescription: 'Go builds that start warm',
  };
  return `${JSON.stringify(metadata)}\n`;
}
