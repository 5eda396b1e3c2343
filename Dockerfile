# One image for every app; the command says which: `docker run haunt node dist/apps/gateway/src/main.js`. Without one it is everything
# in one process. Any builder will do, also one without BuildKit. Health checks belong to who runs it: docker-compose.yml, k8s/.
ARG NODE=node:24-bookworm-slim

# What runs. Depends on the lock alone, so an edit of the sources installs nothing.
FROM ${NODE} AS packages
WORKDIR /haunt
COPY package.json package-lock.json ./
# Nothing needs an install script: native parts come built.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY tools/slim.mjs tools/
RUN node tools/slim.mjs node_modules

FROM ${NODE} AS build
WORKDIR /haunt
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && rm -r dist/bench dist/.stamp

FROM ${NODE}
LABEL org.opencontainers.image.title="Haunt" \
      org.opencontainers.image.description="A crypto price server you run yourself: many venues in, one defensible price per asset out." \
      org.opencontainers.image.licenses="MIT"
# Source maps of our own code (4 MB) are in the image: a stack trace should name a line that somebody can look at.
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps HOST=0.0.0.0 HEALTH_PORT=8080 DATA_DIR=/data
WORKDIR /haunt
COPY package.json LICENSE ./
COPY --from=packages /haunt/node_modules ./node_modules
COPY --from=build /haunt/dist ./dist
# Only the process that keeps its store in files writes here; with Redis the root file system may be read-only. No VOLUME:
# every container of the others would get one.
RUN mkdir /data && chown 1000:1000 /data
# By number, so that an orchestrator can see that it is not root.
USER 1000:1000
EXPOSE 3001 8080
# Every app ends on SIGTERM by itself and leaves no child behind, so it needs no init before it.
STOPSIGNAL SIGTERM
ENTRYPOINT []
CMD ["node", "dist/apps/standalone/src/main.js"]
