# Sekisho in a container: nothing is built, so one stage; not root; data and keys are volumes.
FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /srv/sekisho
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-progress && npm cache clean --force
COPY src ./src
COPY config ./config
RUN install -d -o node -g node -m 0700 /var/lib/sekisho/data /var/lib/sekisho/keys
USER node
ENV SEKISHO_DATA_DIR=/var/lib/sekisho/data SEKISHO_KEYS_DIR=/var/lib/sekisho/keys SEKISHO_HTTP_HOST=0.0.0.0
VOLUME ["/var/lib/sekisho/data", "/var/lib/sekisho/keys"]
EXPOSE 2587 2465 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=60", "src/main.ts"]
CMD ["serve", "--config", "config/gateway.yaml"]
