export { LetterModule, Letters } from './letters.js';
export { NothingToTell } from './request.letter.js';
