import { type DynamicModule, Injectable, Module, Optional } from '@nestjs/common';
import type { Language } from '../certificate/index.js';
import type { Controller } from '../config/index.js';
import { ControllersCalendar, ErasureRequests } from '../patient/index.js';
import { printLetter } from './request.letter.js';

/** In whose name letters are written. */
class LetterWriter {
  constructor(readonly controller: Controller | undefined) {}
}

/** Writes letters to data subjects. Each is made anew, of the record as it is; nothing is stored. */
@Injectable()
export class Letters {
  constructor(
    private readonly requests: ErasureRequests,
    private readonly writer: LetterWriter,
    @Optional() private readonly calendar: ControllersCalendar = new ControllersCalendar(),
  ) {}

  /**
   * @returns a PDF
   * @throws ErasureRequestNotFound, NothingToTell
   */
  async answerTo(erasureRequestId: string, language: Language): Promise<Buffer> {
    const request = await this.requests.get(erasureRequestId);
    return printLetter(request, this.writer.controller, language, (moment) => this.calendar.dayOf(moment));
  }
}

/** Letters to data subjects, for the API. */
@Module({})
export class LetterModule {
  /**
   * @param modules what is read through: they export the requests
   * @param controller whom the letters name; nobody unless told
   */
  static over(
    modules: NonNullable<DynamicModule['imports']>,
    controller: Controller | undefined,
  ): DynamicModule {
    return {
      module: LetterModule,
      imports: modules,
      providers: [Letters, { provide: LetterWriter, useValue: new LetterWriter(controller) }],
      exports: [Letters],
    };
  }
}
