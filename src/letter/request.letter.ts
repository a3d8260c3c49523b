import { type Language, Sheet } from '../certificate/index.js';
import { SilgiError } from '../common/index.js';
import type { Controller } from '../config/index.js';
import type { StandingRequest } from '../patient/index.js';
import { LETTER_WORDS, type LetterWords } from './letter.words.js';

/** Nothing has been decided that the data subject could be told. */
export class NothingToTell extends SilgiError {
  readonly code = 'NOTHING_TO_TELL';
  constructor(readonly state: StandingRequest['state']) {
    super(
      `This erasure request is ${state}, and was not extended: there is nothing to tell the data subject yet. ` +
        'Fulfil, refuse or extend it.',
    );
  }
}

/** What a letter says: the decision, when it was taken, and the facts beside it. */
interface Decision {
  readonly at: Date;
  readonly text: string;
  readonly facts: readonly (readonly [name: string, value: string, font?: 'mono'])[];
  readonly isDeleted: boolean;
  /** Nobody has decided on a day; the request waits. */
  readonly isUndated?: boolean;
}

/**
 * Prints the letter to the data subject on A4: fulfilled, refused, extended or deferred, from the record of his request alone.
 * Names and addresses are not on it, as the record has none. The same record gives the same letter.
 *
 * @param dayOf a moment's day in the zone of the controller
 * @throws NothingToTell where it is open and was not extended, and where it was withdrawn
 */
export async function printLetter(
  request: StandingRequest,
  controller: Controller | undefined,
  language: Language,
  dayOf: (moment: Date) => string,
): Promise<Buffer> {
  const words = LETTER_WORDS[language];
  const { at, text, facts, isDeleted, isUndated = false } = decisionOf(request, words, dayOf);
  const { title, subtitle } = words;
  const named = [controller?.name, controller?.registration, controller?.contact].filter(
    (one) => one != null,
  );
  const subject = `${words.request} ${request.erasureRequestId}`;
  const sheet = new Sheet({ title, subject, lang: language, date: at });
  sheet.title(title, subtitle);
  sheet.paragraph(words.salutation, { size: 10 });
  sheet.paragraph(text, { size: 10 });
  sheet.heading(words.facts);
  sheet.facts([
    [words.controller, named.length === 0 ? words.notNamed : named.join(', ')],
    [words.request, request.erasureRequestId, 'mono'],
    [words.receivedOn, request.receivedOn],
    [words.channel, words.channels[request.channel]],
  ]);
  sheet.heading(words.decision);
  sheet.facts(isUndated ? facts : [...facts, [words.answeredOn, dayOf(at)]]);
  if (isDeleted) {
    sheet.heading(words.meaning);
    sheet.list(words.meaningOf, false);
  }
  sheet.heading(words.rights);
  sheet.list(words.rightsOf, false);
  return sheet.end((page, of) => `${title} · ${request.erasureRequestId} · ${words.page(page, of)}`);
}

function decisionOf(request: StandingRequest, words: LetterWords, dayOf: (moment: Date) => string): Decision {
  const { state, receivedOn, dueOn, deletedAt, deletionId, closingGround, closedAt } = request;
  const { extendedAt, extensionReason } = request;
  if (state === 'FULFILLED' && deletedAt !== null) {
    const isBefore = dayOf(deletedAt) < receivedOn;
    const text = (isBefore ? words.deletedBefore : words.fulfilled)(receivedOn, dayOf(deletedAt));
    const at = isBefore ? request.recordedAt : deletedAt;
    return { at, text, facts: [[words.deletion, deletionId ?? '', 'mono']], isDeleted: true };
  }
  if (
    state === 'REFUSED' &&
    closedAt !== null &&
    closingGround !== null &&
    closingGround !== 'REQUEST_WITHDRAWN'
  ) {
    const facts = [[words.ground, coded(closingGround, words)]] as const;
    return { at: closedAt, text: words.refused(receivedOn), facts, isDeleted: false };
  }
  if (state === 'DEFERRED') {
    const facts = [[words.decision, words.later]] as const;
    return {
      at: request.recordedAt,
      text: words.deferred(receivedOn),
      facts,
      isDeleted: false,
      isUndated: true,
    };
  }
  if (state === 'OPEN' && extendedAt !== null && extensionReason !== null) {
    const facts = [[words.reason, coded(extensionReason, words)] as const, [words.dueOn, dueOn] as const];
    return { at: extendedAt, text: words.extended(receivedOn, dueOn), facts, isDeleted: false };
  }
  throw new NothingToTell(state);
}

const coded = (code: keyof LetterWords['codes'], { codes }: LetterWords) => `${codes[code]} (${code})`;
