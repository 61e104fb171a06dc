/** Lambda's own Invoke call, so that SDKs and the AWS CLI can run a function from outside. */
import type { Route } from '../endpoint/server.ts';
import { readBody, send } from '../endpoint/server.ts';
import type { FunctionDefinition, InvokeResult } from './host.ts';

export function createLambdaRoute(
  functions: readonly FunctionDefinition[],
  invoke: (definition: FunctionDefinition, payload: string) => Promise<InvokeResult>,
  invokeLater: (definition: FunctionDefinition, payload: string) => void,
): Route {
  return (request, response, path) => {
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
    if (name === undefined) return false;
    const wanted = decodeURIComponent(name);
    const definition = functions.find(({ name: own, label, arn }) => [own, label, arn].includes(wanted));
    if (definition === undefined) {
      response.setHeader('x-amzn-errortype', 'ResourceNotFoundException');
      send(response, 404, 'application/json', JSON.stringify({ Message: `Function not found: ${wanted}` }));
      return true;
    }
    readBody(
      request,
      body => {
        const payload = body.length === 0 ? '{}' : body.toString('utf8');
        if (request.headers['x-amz-invocation-type'] === 'Event') {
          invokeLater(definition, payload);
          send(response, 202, 'application/json', '');
          return;
        }
        void invoke(definition, payload).then(result => {
          if (result.error !== undefined) response.setHeader('x-amz-function-error', 'Unhandled');
          send(response, 200, 'application/json', result.payload);
        });
      },
      error => send(response, error.status, 'application/json', JSON.stringify({ Message: error.message })),
    );
    return true;
  };
}
