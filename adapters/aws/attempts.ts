import { errorFields, type Output } from './output.ts';

/** The works of one sweep: what fails is logged and kept, and stops nothing else. */
export function createAttempts(output: Pick<Output, 'error'>) {
  const failures: unknown[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
      output.error('sweep failed', { what, ...errorFields(error) });
    }
  };
  return { attempt, failures };
}
