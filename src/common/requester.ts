/** How it is known who asked: by a token that was checked, or by the login at a terminal. Kept with the audit event. */
export type RequestedVia =
  | {
      readonly kind: 'TOKEN';
      /** The `iss` of the token; the requester is its `sub`. */
      readonly issuer: string;
    }
  | {
      readonly kind: 'TERMINAL';
      /** The login by which PostgreSQL knows the session; the requester is the user of the operating system. */
      readonly databaseLogin: string;
      /** In whose name that user says to act. Nobody has checked it. */
      readonly claimedName: string | null;
    };

/** Who asks for a deletion, under which role, and how that is known. */
export interface Requester {
  readonly requestedBy: string;
  /** The role of the token; null at a terminal, where no role is checked. */
  readonly requestedRole: string | null;
  /** Null of a batch that an older release has taken, which did not keep it. */
  readonly requestedVia: RequestedVia | null;
}

/** A name cannot stand in the audit log; the message says why. */
export class RequesterRefused extends Error {
  override readonly name = 'RequesterRefused';
}

const LONGEST_NAME = 255;
/**
 * Control characters, half surrogates, and what is not seen or changes the direction of what is (UTS 39): with them,
 * one name could be shown as another. The default ignorable ones hold the zero-width and the bidirectional controls.
 */
const NEVER_IN_A_NAME = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Who is known by a token.
 *
 * @param token its `sub` and `iss`, both verified, and the role under which it was let in
 * @throws RequesterRefused where the subject cannot stand in the audit log
 */
export function requesterByToken(token: {
  readonly subject: string;
  readonly issuer: string;
  readonly role: string;
}): Requester {
  const { subject, issuer, role } = token;
  assertName(subject, 'The claim sub of the token');
  return { requestedBy: subject, requestedRole: role, requestedVia: { kind: 'TOKEN', issuer } };
}

/**
 * Who is known by a terminal.
 *
 * @param terminal the user of the operating system and the login of the database session; and the name in which that
 *   user says to act
 * @throws RequesterRefused where one of them cannot stand in the audit log
 */
export function requesterAtTerminal(terminal: {
  readonly osUser: string;
  readonly databaseLogin: string;
  readonly claimedName?: string | undefined;
}): Requester {
  const { osUser, databaseLogin, claimedName = null } = terminal;
  assertName(osUser, 'The name of the user of this system');
  assertName(databaseLogin, 'The login of the database');
  if (claimedName !== null) assertName(claimedName, 'The name given with --as');
  return {
    requestedBy: osUser,
    requestedRole: null,
    requestedVia: { kind: 'TERMINAL', databaseLogin, claimedName },
  };
}

/** @throws RequesterRefused naming what is wrong, and a character by its number alone */
export function assertName(name: string, what: string): void {
  if (name.trim() === '') throw new RequesterRefused(`${what} is empty.`);
  if (name !== name.trim()) throw new RequesterRefused(`${what} begins or ends with a space.`);
  if (Array.from(name).length > LONGEST_NAME)
    throw new RequesterRefused(`${what} is longer than ${LONGEST_NAME} characters.`);
  const [bad] = NEVER_IN_A_NAME.exec(name) ?? [];
  if (bad === undefined) return;
  const number = (bad.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  throw new RequesterRefused(
    `${what} holds the character U+${number}: a control character, or one that is not seen or turns the direction of ` +
      'the text.',
  );
}
