/** Any UUID that PostgreSQL takes, of whatever version: hospitals bring ids of their own. */
export const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
