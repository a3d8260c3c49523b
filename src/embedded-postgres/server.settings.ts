import { EmbeddedServerError } from './embedded-server.error.js';

/**
 * Server settings as options of the program `postgres`, quoted so that both a POSIX shell and cmd.exe, through
 * which pg_ctl passes them, read them alike.
 *
 * @throws EmbeddedServerError naming a setting that cannot be passed on that way
 */
export function commandLine(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      if (!/^[a-z_.]+$/.test(name) || !/^[\w.,:/ +-]*$/.test(value))
        throw new EmbeddedServerError(
          `The server setting ${name} has a name or value that cannot be passed on.`,
        );
      return `-c "${name}=${value}"`;
    })
    .join(' ');
}
