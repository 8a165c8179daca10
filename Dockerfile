# syntax=docker/dockerfile:1
# Multi-stage: the build stage has pip, the image that runs has neither pip nor a shell's package cache.
# Run it with a read-only root file system; only /run/sidecar (sockets) and /var/lib/sidecar (audit) are written:
#   docker run --read-only --tmpfs /run/sidecar:uid=65532,gid=65532 -v sidecar-state:/var/lib/sidecar \
#     -v ./sidecar.toml:/etc/sidecar/sidecar.toml:ro agent-sidecar
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
WORKDIR /build
RUN python -m venv /opt/sidecar
COPY requirements.lock ./
RUN /opt/sidecar/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY sidecar ./sidecar
COPY rules ./rules
RUN /opt/sidecar/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/sidecar/bin/pip uninstall --yes hatchling editables pip \
 && find /opt/sidecar -name __pycache__ -prune -exec rm -r {} +
# Byte code is written here, since the root file system is read-only later. Some packages carry templates that are no
# Python; compileall's exit code tells of those and is no reason to stop.
RUN /opt/sidecar/bin/python -m compileall -q /opt/sidecar/lib || [ $? -eq 1 ]

FROM ${BASE}
LABEL org.opencontainers.image.title="agent-sidecar" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 65532 sidecar && useradd --uid 65532 --gid 65532 --no-create-home --shell /usr/sbin/nologin sidecar \
 && install -d -o sidecar -g sidecar -m 0750 /run/sidecar /var/lib/sidecar
COPY --from=build /opt/sidecar /opt/sidecar
ENV PATH=/opt/sidecar/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
VOLUME ["/run/sidecar", "/var/lib/sidecar"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=2s --start-period=15s --retries=3 CMD ["sidecar", "health"]
ENTRYPOINT ["sidecar"]
CMD ["serve"]
