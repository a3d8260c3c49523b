import type { Request } from 'express';

/** What is read of Express's router: a layer with a route is one path with its methods. */
interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/**
 * The methods with which this path is routed, as the router itself has them: HEAD is answered where GET is
 * (RFC 9110, section 9.3.2).
 *
 * @returns capital letters, in alphabetical order; empty where no call has the path
 */
export function methodsOf({ app, path }: Request): string[] {
  const layers = app.router.stack as unknown as readonly Layer[];
  const methods = layers.flatMap((layer) =>
    layer.route !== undefined && matches(layer, path) ? Object.keys(layer.route.methods) : [],
  );
  if (methods.includes('get')) methods.push('head');
  return [...new Set(methods.map((method) => method.toUpperCase()))].sort();
}

function matches(layer: Layer, path: string): boolean {
  try {
    return layer.match(path);
  } catch {
    // Parameters are decoded after the path has matched.
    return true;
  }
}
