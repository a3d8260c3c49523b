export { AdminModule } from './admin.module.js';
export { configureHttp } from './http/http.application.js';
export { openApiDocument } from './http/openapi.document.js';
export { startBanner } from './http/start.banner.js';
export { NestLog, serviceLogger } from '../telemetry/index.js';
