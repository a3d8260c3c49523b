# The service alone: its database is a PostgreSQL server of its own (docker-compose.yml shows one).
#   docker build --tag silgi .
#
# The digest holds every build to the same image, the name before it says which; renew both together.

ARG NODE_IMAGE=node:22.23.3-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY bin ./bin
COPY src ./src
# The first command builds.
RUN node bin/silgi.mjs --version
# Optional packages are the embedded PostgreSQL, which is for development and has no place here.
RUN npm prune --omit=dev --omit=optional

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
# Nothing is installed at run time: npm and its like are not there. /data is all that the service may write to.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-* \
  && ln -s /app/bin/silgi.mjs /usr/local/bin/silgi \
  && install --directory --owner=1000 --group=1000 --mode=0700 /data
WORKDIR /app
# Owned by root: the service cannot change its own files, and runs on a read-only file system.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/bin ./bin
COPY --from=build /app/dist ./dist
# By number, so that an orchestrator can see that it is not root: `node` of the image.
USER 1000:1000
VOLUME /data
EXPOSE 3000
# SIGTERM lets the running requests finish; a deletion is committed or rolled back, never cut.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/v1/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/start.mjs"]
