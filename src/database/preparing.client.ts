import { createHash } from 'node:crypto';
import pg from 'pg';

/**
 * A client that prepares every statement with parameters under a name made from its text, so that the server
 * parses and plans each of the protocol's statements once per connection and not once per deletion. The texts
 * are few and fixed: nothing that varies with the data stands in them.
 */
export class PreparingClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // The pool's listener and TypeORM's take turns; a session that is ended between the two would end the process
    // (RELIABILITY rule 9). The loss itself shows in the next statement.
    this.on('error', () => undefined);
  }

  // The many overloads of `pg` come down to this one for TypeORM, which passes text and values.
  override query(...given: unknown[]): never {
    const [text, values, ...rest] = given;
    const prepared =
      typeof text === 'string' && Array.isArray(values) ? [{ name: nameOf(text), text, values }] : given;
    return (super.query as (...args: unknown[]) => never).call(
      this,
      ...prepared,
      ...(prepared === given ? [] : rest),
    );
  }
}

const names = new Map<string, string>();

/** Names are hashed once per text: PostgreSQL cuts them at 63 bytes. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined)
    names.set(text, (name = `silgi_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`));
  return name;
}
