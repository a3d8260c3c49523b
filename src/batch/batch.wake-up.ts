import { Injectable } from '@nestjs/common';

/** Tells the worker of the same process that there may be something to do; other processes look every second. */
@Injectable()
export class BatchWakeUp {
  private listener: () => void = () => undefined;

  /** @param listener takes the place of any other */
  listen(listener: () => void): void {
    this.listener = listener;
  }

  call(): void {
    this.listener();
  }
}
