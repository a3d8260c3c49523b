export { parseJsonBody } from './json.body.js';
export { requestRules } from './request.rules.js';
export { securityHeaders } from './security.headers.js';
export { limitServer } from './server.limits.js';
export { limitTraffic } from './traffic.limits.js';
