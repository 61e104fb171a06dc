/** Why a file could not be read, in words. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'no permission';
  if (code === 'Z_BUF_ERROR') return 'the gzip file ends too early';
  if (code === 'Z_DATA_ERROR') return 'the gzip file is damaged';
  return error instanceof Error ? error.message : String(error);
}
