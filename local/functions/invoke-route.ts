/** Lambda's own Invoke call: of functions that may invoke another, and of SDKs and the AWS CLI from outside. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../endpoint/errors.ts';
import type { Route } from '../endpoint/server.ts';
import { readBody, send } from '../endpoint/server.ts';
import type { FunctionDefinition, InvokeResult } from './host.ts';

export function createLambdaRoute(
  functions: readonly FunctionDefinition[],
  invoke: (definition: FunctionDefinition, payload: string) => Promise<InvokeResult>,
  invokeLater: (definition: FunctionDefinition, payload: string) => void,
  /** Throws where whoever signed the request may not invoke the function. */
  authorize: (request: IncomingMessage, functionArn: string) => void,
): Route {
  return (request, response, path) => {
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
    if (name === undefined) return false;
    const wanted = decodeURIComponent(name);
    const definition = functions.find(({ name: own, label, arn }) => [own, label, arn].includes(wanted));
    if (definition === undefined) {
      refuse(response, new AwsError('ResourceNotFoundException', `Function not found: ${wanted}`, { status: 404 }));
      return true;
    }
    try {
      authorize(request, definition.arn);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      refuse(response, new AwsError(error.code, error.message, { status: 403 }));
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

function refuse(response: ServerResponse, { code, message, status }: AwsError): void {
  response.setHeader('x-amzn-errortype', code);
  send(response, status, 'application/json', JSON.stringify({ Message: message }));
}
