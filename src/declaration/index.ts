export * from './declaration.js';
export { declarationJsonSchema } from './declaration.schema.js';
export * from './qualified.name.js';
export { beginning } from '../yaml/index.js';
export { DeclarationRefused, readDeclaration, readDeclarationObject } from './read.declaration.js';
