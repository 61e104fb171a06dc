/** The oldest Node.js that the commands run on; `engines` of the package says the same. */
const OLDEST = [20, 19] as const;

/** Why this Node.js cannot run the commands, in one line; undefined when it can. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return isOld ? `Node.js must be ${OLDEST.join('.')} or newer; was ${version}` : undefined;
}
