export { Public, Roles } from './access.decorator.js';
export { Forbidden, IssuerUnavailable, Unauthenticated } from './auth.errors.js';
export { AuthModule } from './auth.module.js';
export { ActingRole, callerOf, onSignIn, Subject } from './caller.js';
export { developmentToken, type TokenRequest } from './development.key.js';
export { type Role, ROLES } from './roles.js';
export { TokenVerifier } from './token.verifier.js';
