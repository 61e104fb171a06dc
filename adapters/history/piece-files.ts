/** Pieces of history as files of one folder: written whole or not at all. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PieceStore } from './account-history.ts';

export function pieceFiles(folder: string): PieceStore {
  const pathOf = (key: string) => join(folder, `${key}.json`);
  return {
    read: async key => {
      try {
        return await readFile(pathOf(key), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write: async (key, text) => {
      await mkdir(folder, { recursive: true });
      await writeFile(`${pathOf(key)}.part`, text);
      await rename(`${pathOf(key)}.part`, pathOf(key));
    },
  };
}
