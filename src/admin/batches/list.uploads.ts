import { Injectable } from '@nestjs/common';
import { Places } from '../http/places.js';
import { RateLimited } from '../http/request.errors.js';

const MOST_UPLOADS = 8;
/** One person's, or one program's: the others have room left. */
const MOST_UPLOADS_OF_ONE = 2;
const TRY_LATER_S = 5;
const TOO_MANY = {
  each: `You send ${MOST_UPLOADS_OF_ONE} lists in CSV at a time already, as many as one caller may: wait for the answer to one of them.`,
  all: `${MOST_UPLOADS} lists in CSV are being taken in, as many as this service takes at a time.`,
};

/** Lists in CSV that are on their way: to read and store a million lines is work for this process and its database. */
@Injectable()
export class ListUploads {
  private readonly places = new Places(MOST_UPLOADS_OF_ONE, MOST_UPLOADS);

  /**
   * Has a list come in.
   *
   * @param subject who sends it
   * @returns to be called when it is stored or refused
   * @throws RateLimited before any of it is read
   */
  enter(subject: string): () => void {
    const place = this.places.take(subject);
    if (typeof place === 'string') throw new RateLimited(TRY_LATER_S, TOO_MANY[place]);
    return place;
  }
}
