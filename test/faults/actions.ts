import type { PlayedAction } from './action.js';
import { deletion } from './deletion.action.js';
import { recordActions } from './record.actions.js';

/** Every action that the matrix plays. */
export const ACTIONS: readonly PlayedAction[] = [deletion, ...recordActions];
