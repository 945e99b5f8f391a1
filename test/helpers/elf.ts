import { open } from 'node:fs/promises';

/** `e_machine` of an ELF file: 62 = x86-64, 183 = AArch64 (elf.h). */
export async function elfMachine(file: string): Promise<number> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(20), 0, 20, 0);
  if (buffer.toString('latin1', 0, 4) !== '\x7fELF') throw new Error(`\`${file}\` is no ELF file`);
  return buffer.readUInt16LE(18);
}
