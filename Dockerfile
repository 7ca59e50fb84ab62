# Sekisho in a container: nothing is built, so one stage; not root; configuration, data and keys come from outside.
FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /srv/sekisho
COPY package.json package-lock.json .npmrc ./
# The runtime is the image's own, not the one among the optional packages.
RUN npm ci --omit=dev --omit=optional --no-progress && npm cache clean --force
COPY src ./src
COPY config ./config
RUN ln -s /srv/sekisho/src/main.ts /usr/local/bin/sekisho
# The sample listens on its own machine alone; who reaches a container is for the engine to say.
RUN install -d /etc/sekisho && sed "s/host: 127.0.0.1/host: 0.0.0.0/" config/gateway.yaml > /etc/sekisho/gateway.yaml
RUN install -d -o node -g node -m 0700 /var/lib/sekisho/data /var/lib/sekisho/keys
# User `node`, as a number: some engines only believe numbers not to be root.
USER 1000:1000
ENV SEKISHO_CONFIG=/etc/sekisho/gateway.yaml SEKISHO_DATA_DIR=/var/lib/sekisho/data SEKISHO_KEYS_DIR=/var/lib/sekisho/keys
VOLUME ["/var/lib/sekisho/data", "/var/lib/sekisho/keys"]
EXPOSE 2587 2465 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=16", "--heap-growing-percent=60", "--use-largepages=silent", "--no-parallel-scavenge", "--invocation-count-for-turbofan=1000", "/srv/sekisho/src/main.ts"]
CMD ["serve"]
