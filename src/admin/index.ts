export { AdminModule } from './admin.module.js';
export { configureHttp } from './http.application.js';
export { openApiDocument } from './openapi.document.js';
export { startBanner } from './start.banner.js';
export { NestLog, serviceLogger } from './service.logger.js';
