# The image of the sidecar: built in one stage with pip, run in another without it, by a user without rights.
#
#   docker build -t agent-sidecar .
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges -v ./config:/etc/sidecar:ro \
#     -v agent-socket:/run/agent -v sidecar-state:/var/lib/sidecar agent-sidecar
#
# config/ holds sidecar.toml and the issuers' keys that it names. Let `server.socket` be /run/agent/guard.sock there,
# and give the agent's container that volume and the group 65532: it then reaches the data socket and not the control
# socket, which stays in /run/sidecar. Written are these two folders and /var/lib/sidecar (the audit log) alone: neither
# HOME nor /tmp is needed to serve. `sidecar demo` and `sidecar replay` want a --tmpfs /tmp.
# BASE is any image with Python 3.11 or newer and Debian's groupadd and useradd.
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
 && /opt/sidecar/bin/pip uninstall --yes hatchling editables pathspec pluggy trove-classifiers pip \
 && find /opt/sidecar -name __pycache__ -prune -exec rm -r {} +
# Byte code is written here, since the root file system is read-only later. Some packages carry templates that are no
# Python; compileall's exit code tells of those and is no reason to stop.
RUN /opt/sidecar/bin/python -m compileall -q /opt/sidecar/lib || [ $? -eq 1 ]

FROM ${BASE}
LABEL org.opencontainers.image.title="agent-sidecar" org.opencontainers.image.licenses="Apache-2.0"
# Images of Python come with pip, and without the standard library's byte code: a second for each start and health check.
RUN python -m compileall -q "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" || [ $? -eq 1 ]
RUN python -m pip uninstall --yes --quiet setuptools wheel pip || true
RUN groupadd --gid 65532 sidecar && useradd --uid 65532 --gid 65532 --no-create-home --shell /usr/sbin/nologin sidecar \
 && install -d -o sidecar -g sidecar -m 0750 /run/agent /run/sidecar /var/lib/sidecar
COPY --from=build /opt/sidecar /opt/sidecar
ENV PATH=/opt/sidecar/bin:$PATH SIDECAR_CONFIG=/etc/sidecar/sidecar.toml PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
VOLUME ["/run/agent", "/run/sidecar", "/var/lib/sidecar"]
STOPSIGNAL SIGTERM
# The settings tell it where to ask. A check starts Python: that takes a second of CPU where there is little of it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["sidecar", "health"]
ENTRYPOINT ["sidecar"]
CMD ["serve"]
