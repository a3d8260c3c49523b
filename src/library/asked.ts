import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { LONGEST_PAGE, ValidationFailed } from '../admin/index.js';
import { type Requester, RequesterRefused, requesterByToken, UUID } from '../common/index.js';

/**
 * Who asks, as the application has signed them in: the audit event and the certificate say that the requester was known
 * by a token of this issuer. Silgi cannot check it; the application answers for it.
 */
export interface SilgiRequester {
  /** Whom the token was issued to (`sub`): 1 to 255 characters, none of them invisible. */
  readonly subject: string;
  /** Who issued it (`iss`). */
  readonly issuer: string;
  /** The role under which the application lets this be done, by whatever name it has there. */
  readonly role: string;
}

/** What every call says that changes something. */
export interface Asked {
  readonly requestedBy: SilgiRequester;
  /** 1 to 64 of the characters `A-Za-z0-9._-`, by which the application's log knows the request; made unless told. */
  readonly requestId?: string | undefined;
}

/** Which page of a list, newest first. */
export interface SilgiPage {
  /** Only what is older than the one with this id (UUID): the last of the page before. */
  readonly before?: string | undefined;
  /** At most so many: 1 to 200. */
  readonly limit: number;
}

export const oneOf = <Word extends string>(words: readonly Word[]) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });
export const uuid = z
  .string({ error: 'must be a UUID' })
  .regex(UUID, { error: 'must be a UUID' })
  .transform((id) => id.toLowerCase());
const name = z.string({ error: 'must be a text' }).min(1, { error: 'must not be empty' });
const limit = z
  .int({ error: 'must be a whole number' })
  .min(1, { error: 'must be at least 1' })
  .max(LONGEST_PAGE, { error: `must be at most ${LONGEST_PAGE}` });

export const requestId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: 'must be 1 to 64 of the characters A-Za-z0-9._-' })
  .optional();
/** The fields of {@link Asked}. */
export const ASKED = {
  requestedBy: z.strictObject({ subject: name, issuer: name, role: name }),
  requestId,
};
/** The fields of {@link SilgiPage}. */
export const PAGE = { before: uuid.optional(), limit };

/** @throws ValidationFailed */
export function checked<Schema extends z.ZodType>(schema: Schema, asked: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(asked);
  if (parsed.success) return parsed.data;
  throw new ValidationFailed(
    parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message:
        issue.code === 'unrecognized_keys'
          ? `has what is not known: ${issue.keys.join(', ')}`
          : issue.message,
    })),
  );
}

/** @param what the name of the field that it would be. @throws ValidationFailed */
export function checkedId(what: string, asked: string): string {
  return checked(z.object({ [what]: uuid }), { [what]: asked })[what] ?? '';
}

/** Who asks, and by which request. @throws ValidationFailed */
export function askedBy({ requestedBy, requestId: request = randomUUID() }: Asked) {
  return { ...requesterOf(requestedBy), requestId: request };
}

function requesterOf(requestedBy: SilgiRequester): Requester {
  try {
    return requesterByToken(requestedBy);
  } catch (error) {
    if (!(error instanceof RequesterRefused)) throw error;
    throw new ValidationFailed([{ path: 'requestedBy.subject', message: error.message }]);
  }
}
