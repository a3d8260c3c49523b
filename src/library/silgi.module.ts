import { type DynamicModule, Inject, type InjectionToken, Module, type Provider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { EmbeddedService } from './embedded.service.js';
import { HostServer } from './host.server.js';
import { Silgi } from './silgi.js';
import type { SilgiAsyncOptions, SilgiName, SilgiOptions } from './silgi.options.js';

const OPTIONS = Symbol('the options of one Silgi');

/**
 * What a Silgi is injected by.
 *
 * @param name as in the options of its module; the class itself where it has none
 */
export function getSilgiToken(name?: string): InjectionToken {
  return name === undefined ? Silgi : `Silgi ${name}`;
}

/** Injects the Silgi of this name. */
export function InjectSilgi(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getSilgiToken(name));
}

/**
 * Silgi in an application of NestJS: all that the application gets of it is {@link Silgi}, from everywhere. Imported
 * once for each database.
 */
@Module({})
export class SilgiModule {
  /** @throws ConfigurationError where an option is wrong, when the application starts */
  static forRoot(options: SilgiOptions & SilgiName): DynamicModule {
    const { name, ...others } = options;
    return moduleOf(name, { provide: OPTIONS, useValue: others });
  }

  /** @throws ConfigurationError where an option is wrong, when the application starts */
  static forRootAsync({ name, imports = [], inject = [], useFactory }: SilgiAsyncOptions): DynamicModule {
    return { ...moduleOf(name, { provide: OPTIONS, inject, useFactory }), imports };
  }
}

function moduleOf(name: string | undefined, options: Provider): DynamicModule {
  const token = getSilgiToken(name);
  return {
    module: SilgiModule,
    global: true,
    providers: [
      options,
      {
        provide: EmbeddedService,
        inject: [OPTIONS, HttpAdapterHost],
        useFactory: (told: SilgiOptions, host: HttpAdapterHost) =>
          new EmbeddedService(told, new HostServer(host)),
      },
      {
        provide: token,
        inject: [EmbeddedService],
        useFactory: (service: EmbeddedService) => new Silgi(service),
      },
    ],
    exports: [token],
  };
}
