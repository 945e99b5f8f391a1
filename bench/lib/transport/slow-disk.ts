import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The first cgroup version lets the root group limit one device, with what the kernel writes behind everybody's back. */
const THROTTLE = '/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device';
/** A slow disk is felt only when it is full of what waits for it: 512 MB is what a machine of about 4 GB lets wait. */
const WAITING_BYTES = 512 << 20;
const DISK_BYTES = 16e9;
const SECTOR_BYTES = 512;

/** A disk that only one sample writes to, so that its bytes can be counted and its speed limited. */
export interface WorkDisk extends AsyncDisposable {
  readonly directory: string;
  /** From now on no more than so many bytes a second are written. */
  limit(bytesPerSecond: number): Promise<void>;
  /** Brings all that waits to the disk, and tells the bytes that were ever written to it. */
  writtenBytes(): Promise<number>;
}

export function canLimitDisks(): boolean {
  return existsSync(THROTTLE);
}

/** A file below `parent` as a loop device with ext4 on it. Needs root. */
export async function makeWorkDisk(parent: string): Promise<WorkDisk> {
  const directory = join(parent, 'disk');
  const image = join(parent, 'disk.img');
  await mkdir(directory, { recursive: true });
  await rm(image, { force: true });
  const file = await open(image, 'w');
  await file.truncate(DISK_BYTES);
  await file.close();
  // Past the page cache of the machine's own file system: each byte waits in one place only.
  const device = (await run('losetup', ['--find', '--show', '--direct-io=on', image])).stdout.trim();
  const number = (await readFile(join('/sys/block', basename(device), 'dev'), 'utf8')).trim();
  const waiting = join('/sys/class/bdi', number);
  const end = async (): Promise<void> => {
    if (canLimitDisks()) await writeFile(THROTTLE, `${number} 0`);
    // The loop device outlives us, with its settings.
    await writeFile(join(waiting, 'max_ratio'), '100');
    await writeFile(join(waiting, 'strict_limit'), '0');
    await run('umount', [directory]).finally(() => run('losetup', ['--detach', device]));
    await rm(image);
  };
  try {
    await run('mkfs.ext4', ['-q', device]);
    // Without the kernel's own clearing of tables in the background, which would be counted.
    await run('mount', ['-o', 'noinit_itable', device, directory]);
  } catch (error) {
    await run('losetup', ['--detach', device]);
    throw error;
  }
  return {
    directory,
    limit: async (bytesPerSecond) => {
      await writeFile(join(waiting, 'max_bytes'), String(WAITING_BYTES));
      await writeFile(join(waiting, 'strict_limit'), '1');
      await writeFile(THROTTLE, `${number} ${bytesPerSecond}`);
    },
    writtenBytes: async () => {
      await run('sync', ['--file-system', directory]);
      const fields = (await readFile(join('/sys/block', basename(device), 'stat'), 'utf8')).trim().split(/\s+/);
      return Number(fields[6]) * SECTOR_BYTES;
    },
    [Symbol.asyncDispose]: end,
  };
}
