import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { extractText } from 'unpdf';
import { EXTENSION_REASONS, REFUSAL_GROUNDS, REQUEST_CHANNELS } from '../../src/common/index.js';
import { LETTER_WORDS } from '../../src/letter/letter.words.js';
import { today } from '../orchestrator/request.stage.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { type Api, expectProblem, openApi, REQUEST, SUBJECT } from '../admin/api.js';

const PATH = '/erasure-requests';

let database: TestDatabase;
let api: Api;
let patientId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url, { env: { CONTROLLER_NAME: 'Özel Işık Hastanesi' } });
});
beforeEach(async () => {
  patientId = await seedPatient(database, 1);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const post = (path: string, body: object = {}) => api.call('post', PATH + path, 'privacy-officer').send(body);
const recorded = async (more: object = {}) =>
  (await post('', { patientId, receivedOn: today(), channel: 'KEP', ...more }).expect(201)).body as {
    requestId: string;
    dueOn: string;
  };
const remove = () => api.call('post', `/patients/${patientId}/deletions`, 'system-admin').send(REQUEST);

/** The words of the letter, as whoever reads the PDF has them. */
async function letter(requestId: string, language: string): Promise<string> {
  const asked = api.call('get', `${PATH}/${requestId}/letter`, 'privacy-officer');
  const answer = await asked.set('Accept-Language', language).buffer(true).expect(200);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/pdf',
    'content-language': language,
    'content-disposition': `attachment; filename=silgi-request-${requestId}-${language}.pdf`,
    vary: expect.stringContaining('Accept-Language'),
  });
  const { text } = await extractText(new Uint8Array(answer.body as Buffer));
  return text.join(' ').replaceAll(/\s+/g, ' ');
}

describe('the letter to the data subject', () => {
  it('says that his request is extended, until when and why, in both languages', async () => {
    const { requestId } = await recorded();
    const extended = (await post(`/${requestId}/extension`, { reason: 'COMPLEXITY' }).expect(200)).body as {
      dueOn: string;
    };
    const english = await letter(requestId, 'en');
    expect(english).toContain(`We need more time for your request of ${today()}`);
    expect(english).toContain(`You will have our answer by ${extended.dueOn}.`);
    expect(english).toContain('The request is complex (GDPR, Article 12(3)) (COMPLEXITY)');
    const turkish = await letter(requestId, 'tr');
    expect(turkish).toContain(`Cevabımızı en geç ${extended.dueOn} tarihinde alacaksınız.`);
    expect(turkish).toContain('Özel Işık Hastanesi');
    expect(turkish).toContain('Kişisel Verileri Koruma Kuruluna şikâyette bulunabilirsiniz');
  });

  it('says that it is refused, and on which ground, whether it was extended or not', async () => {
    const { requestId } = await recorded();
    await post(`/${requestId}/extension`, { reason: 'NUMBER_OF_REQUESTS' }).expect(200);
    await post(`/${requestId}/refusal`, { ground: 'KVKK_ART_28_1_CC' }).expect(200);
    const english = await letter(requestId, 'en');
    expect(english).toContain(`We cannot carry out your request of ${today()}`);
    expect(english).toContain('KVKK, Article 28(1)(ç)');
    expect(english).toContain('complain to a supervisory authority (Article 77)');
    expect(english).not.toContain('more time');
    expect(await letter(requestId, 'tr')).toContain('KVKK, madde 28(1)(ç): millî savunma');
  });

  it('says that it is fulfilled, by which deletion and when, and what a deletion is not', async () => {
    const { requestId } = await recorded();
    const { deletionId = '' } = (await remove().expect(201)).body as { deletionId?: string };
    const english = await letter(requestId, 'en');
    expect(english).toContain(
      `We have carried out your request of ${today()}. On ${today()} the records about you`,
    );
    expect(english).toContain(deletionId);
    expect(english).toContain('They are not destroyed yet.');
    const turkish = await letter(requestId, 'tr');
    expect(turkish).toContain(`${today()} tarihli talebinizi yerine getirdik.`);
    expect(turkish).toContain('Kayıtlar henüz yok edilmemiştir.');
    await database.query(
      `UPDATE patient.sharded_erasure_request SET received_on = received_on + 1 WHERE erasure_request_id = $1`,
      [requestId],
    );
    expect(await letter(requestId, 'en')).toContain(`had been deleted on ${today()}, before your request of`);
  });

  it('has nobody’s name, and is the same as long as the record is', async () => {
    const { requestId } = await recorded();
    await post(`/${requestId}/refusal`, { ground: 'GDPR_ART_17_3_E' }).expect(200);
    const [row] = await database.query<{ family_name: string; given_name: string }>(
      'SELECT family_name, given_name FROM patient.sharded_patient_demographics WHERE patient_id = $1',
      [patientId],
    );
    const words = await letter(requestId, 'en');
    expect(words).not.toContain(row?.family_name);
    expect(words).not.toContain(SUBJECT);
    const bytes = async () =>
      (await api.call('get', `${PATH}/${requestId}/letter`, 'privacy-officer').buffer(true)).body as Buffer;
    expect(await bytes()).toEqual(await bytes());
  });

  it('says while a legal hold stands that it is deferred, and nothing of the hold', async () => {
    const { requestId } = await recorded();
    const held = api.call('post', `/patients/${patientId}/legal-holds`, 'privacy-officer');
    await held.send({ ground: 'INVESTIGATION', reference: '7/26' }).expect(201);
    const english = await letter(requestId, 'en');
    expect(english).toContain(`We cannot carry out your request of ${today()} now`);
    expect(english).not.toMatch(/hold|INVESTIGATION|investigation|7\/26|Date of this decision/);
    expect(await letter(requestId, 'tr')).toContain('şu anda yerine getiremiyoruz');
  });

  it('is refused where there is nothing to tell: open, and withdrawn', async () => {
    const { requestId } = await recorded();
    const ask = () => api.call('get', `${PATH}/${requestId}/letter`, 'privacy-officer');
    expectProblem(await ask(), 409, 'NOTHING_TO_TELL', { detail: expect.stringContaining('OPEN') });
    await post(`/${requestId}/withdrawal`).expect(200);
    expectProblem(await ask(), 409, 'NOTHING_TO_TELL', { detail: expect.stringContaining('WITHDRAWN') });
  });

  it('comes as a PDF and as nothing else', async () => {
    const { requestId } = await recorded();
    await post(`/${requestId}/refusal`, { ground: 'GDPR_ART_17_3_E' }).expect(200);
    const asked = api
      .call('get', `${PATH}/${requestId}/letter`, 'privacy-officer')
      .set('Accept', 'text/html');
    expectProblem(await asked, 406, 'NOT_ACCEPTABLE');
  });
});

describe('the words of the letters', () => {
  it.each(['en', 'tr'] as const)('name every way, reason and ground in %s, each differently', (language) => {
    const { channels, codes } = LETTER_WORDS[language];
    expect(Object.keys(channels).sort()).toEqual([...REQUEST_CHANNELS].sort());
    expect(Object.keys(codes).sort()).toEqual([...EXTENSION_REASONS, ...REFUSAL_GROUNDS].sort());
    for (const names of [channels, codes].map((one) => Object.values(one)))
      expect(new Set(names).size).toBe(names.length);
  });

  it('never say in Turkish that what is hidden was destroyed', () => {
    const said = JSON.stringify(LETTER_WORDS.tr, (_, value: unknown) =>
      typeof value === 'function' ? (value as (...days: string[]) => string)('gün', 'gün') : value,
    );
    // The By-Law has the word in its name.
    expect(said.match(/yok ed\S*/g)).toEqual(['yok edilmemiştir.']);
  });
});
