# syntax=docker/dockerfile:1
# Errand in a container: docs/deploy-container.md
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY workflows/package.json workflows/
COPY console/package.json console/
COPY mcp-app/package.json mcp-app/
RUN npm ci --no-audit --no-fund
COPY . .
# The package as it is published, and no more than that.
RUN npm pack --pack-destination /tmp \
  && npm install --prefix /app --no-audit --no-fund /tmp/errand-*.tgz

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Errand" \
  org.opencontainers.image.description="A self-hosted server that runs agent workflows for other programs over MCP." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}"
ENV NODE_ENV=production \
  ERRAND_HOST=0.0.0.0 \
  ERRAND_DATA=/data \
  ERRAND_WORKFLOWS=/workflows
COPY --from=build /app/node_modules /app/node_modules
RUN ln -s /app/node_modules/.bin/errand /usr/local/bin/errand \
  && install -d -o node -g node /data /workflows
# By number, so that Kubernetes can tell that it is not root.
USER 1000:1000
WORKDIR /workflows
VOLUME ["/data"]
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (/^[0-9]+$/.test(process.env.ERRAND_PORT ?? '') ? process.env.ERRAND_PORT : 8787) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/node_modules/errand/dist/cli/main.js"]
CMD ["serve"]
