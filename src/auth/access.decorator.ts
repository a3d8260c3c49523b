import { Reflector } from '@nestjs/core';
import type { Role } from './roles.js';

/** Opens a handler to callers with one of these roles. */
export const Roles = Reflector.createDecorator<readonly Role[] | undefined>();

/** Opens a handler to everybody, signed in or not. */
export const Public = Reflector.createDecorator<boolean>();
