export { Public, Roles } from './access.decorator.js';
export { Forbidden, IssuerUnavailable, Unauthenticated } from './auth.errors.js';
export { AuthModule } from './auth.module.js';
export { AskedBy, type Caller, callerOf, SignedIn } from './caller.js';
export { developmentToken, type TokenRequest } from './development.key.js';
export { type Role, ROLES } from './roles.js';
export { SignIn } from './sign.in.js';
export { TokenVerifier } from './token.verifier.js';
