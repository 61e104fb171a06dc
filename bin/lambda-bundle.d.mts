import type { BuildOptions } from 'esbuild';

export declare const lambdaBundle: (root: string, name: string) => BuildOptions & { readonly outfile: string };
