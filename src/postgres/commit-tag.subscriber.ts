import { type AfterQueryEvent, type EntitySubscriberInterface, EventSubscriber } from 'typeorm';

/**
 * TypeORM does not look at the tag of COMMIT: a transaction that the server has rolled back instead would pass for
 * committed (RELIABILITY rule 4). With this subscriber, `commitTransaction` fails there.
 */
@EventSubscriber()
export class CommitTagSubscriber implements EntitySubscriberInterface {
  /** @returns a promise that is rejected where the server answered COMMIT with another tag */
  afterQuery({ query, success, rawResults }: AfterQueryEvent): Promise<never> | undefined {
    if (query !== 'COMMIT' || !success) return undefined;
    const { command } = rawResults as { command: string };
    if (command === 'COMMIT') return undefined;
    return Promise.reject(
      new Error(`the server answered COMMIT with ${command} and kept nothing of the transaction`),
    );
  }
}
