import { describe, expect, it } from '@jest/globals';
// Importing the application is what declares the entities.
import { AppModule } from '../app.module.js';
import { ROLES } from '../auth/index.js';
import { DELETION_REASONS, LEGAL_BASES } from '../common/index.js';
import { patientOwnedTables } from '../shards/index.js';
import { type Language, LANGUAGES, WORDS } from './certificate.words.js';

/** What a certificate of this language would show as the code writes it. */
function withoutName(language: Language, codes: readonly string[]): string[] {
  return codes.filter((code) => WORDS[language].names[code] === undefined);
}

describe('the words of a certificate', () => {
  it.each(LANGUAGES)('name every resource type that is declared (%s)', (language) => {
    expect(AppModule).toBeDefined();
    const types = patientOwnedTables().map(({ resourceType }) => resourceType);
    expect(types.length).toBeGreaterThan(0);
    expect(withoutName(language, types)).toEqual([]);
  });

  it.each(LANGUAGES)('name every shard, role, reason and legal basis (%s)', (language) => {
    const shards = new Set(patientOwnedTables().map(({ shard }) => shard));
    expect(withoutName(language, [...shards, ...ROLES, ...DELETION_REASONS, ...LEGAL_BASES])).toEqual([]);
  });
});
