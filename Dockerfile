# One image for every app; the command chooses which. See docker-compose.yml and k8s/.
FROM node:24-bookworm-slim AS build
WORKDIR /haunt
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 HEALTH_PORT=8080 DATA_DIR=/data
WORKDIR /haunt
COPY --from=build /haunt/package.json ./
COPY --from=build /haunt/node_modules ./node_modules
COPY --from=build /haunt/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 3001 8080
VOLUME /data
CMD ["node", "--enable-source-maps", "dist/apps/standalone/src/main.js"]
