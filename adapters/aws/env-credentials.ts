/**
 * Takes the place of the SDK's chain of credential providers in the functions' bundles (bin/build.mjs): Lambda gives credentials as
 * environment variables and nothing else, and the chain's profiles, SSO and web identity weigh 118 KB.
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error('MissingEnvironment at AWS_ACCESS_KEY_ID: the Lambda runtime gives it');
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
};
