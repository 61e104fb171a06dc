/** What AWS, a file or the environment did not let a command do, in one line; undefined for what is a fault of ours and needs its stack. */
export function outsideTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  // `ENOTDIR: not a directory, mkdir '/x'`
  if (code !== undefined && path !== undefined && syscall !== undefined)
    return `${path}: ${error.message.replace(`${code}: `, '').replace(/, \w+ '.*$/s, '')} (${code} at ${syscall})`;
  if (error.message === 'Region is missing') return 'no AWS region is set; set AWS_REGION';
  if (error.name === 'CredentialsProviderError' || error.name === 'TokenProviderError')
    return `no AWS credentials: ${oneLine(error.message)}; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`;
  // Every error of the SDK's clients carries metadata, also of requests that got no answer.
  if (!('$metadata' in error)) return undefined;
  return `AWS: ${error.name === 'Error' ? '' : `${error.name}: `}${oneLine(error.message)}`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
