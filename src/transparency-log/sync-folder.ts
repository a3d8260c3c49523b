import { open } from 'node:fs/promises';

/** Puts the names in a folder on the disk: a new file is found again after a crash only where its name is. */
export async function syncFolder(path: string): Promise<void> {
  // Windows syncs no folder.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
