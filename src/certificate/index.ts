export { type Certificate, certificateJsonSchema } from './certificate.document.js';
export { CertificateInvalid, CertificateRefused, LiveRowsFound } from './certificate.errors.js';
export { CertificateModule } from './certificate.module.js';
export { type VerifiedCertificate, verifyCertificate } from './certificate.verification.js';
export { type Language, LANGUAGES } from './certificate.words.js';
export { type CertificateFile, DeletionCertificates } from './certificates.js';
export { Sheet } from './pdf.sheet.js';
