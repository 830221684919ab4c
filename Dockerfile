# The gateway as an image: not root, nothing to write but one volume. Build and run it so:
#
#   docker build -t fax-gateway .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --stop-timeout 75 \
#     -v fax-state:/var/lib/fax-gateway -v ./config.toml:/etc/fax-gateway/config.toml:ro \
#     -v ./secrets:/run/secrets:ro -p 25:2525 -p 8025:8025 fax-gateway
#
# In the configuration, listeners take 0.0.0.0:2525 and above, the webhook 0.0.0.0:8025, and secrets are named as
# /run/secrets/...; they must belong to the user 10001 and be closed to others (chmod 600).

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/fax-gateway
COPY requirements.txt requirements-build.txt /tmp/
# Two libraries are published as source alone and built here, by the locked setuptools; all else comes as wheels.
RUN /opt/fax-gateway/bin/pip install --require-hashes --only-binary :all: -r /tmp/requirements-build.txt \
 && /opt/fax-gateway/bin/pip install --require-hashes --only-binary :all: --no-binary dkimpy,pyspf --no-build-isolation \
    --use-pep517 -r /tmp/requirements.txt \
 && /opt/fax-gateway/bin/pip uninstall --yes setuptools
COPY gateway /opt/fax-gateway/src/gateway
# The program as it lies in the repository, without a build step, as `make` does it; compiled here, for it cannot be later.
RUN printf '%s\n' /opt/fax-gateway/src > "$(/opt/fax-gateway/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/fax-gateway.pth" \
 && printf '#!/opt/fax-gateway/bin/python\nfrom gateway.cli import main\nmain()\n' > /opt/fax-gateway/bin/fax-gateway \
 && chmod +x /opt/fax-gateway/bin/fax-gateway \
 && /opt/fax-gateway/bin/python -m compileall -q /opt/fax-gateway/src

FROM python:3.13-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/opt/fax-gateway/bin:$PATH
RUN useradd --system --uid 10001 --no-create-home --home-dir /var/lib/fax-gateway --shell /usr/sbin/nologin fax-gateway \
 && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/fax-gateway
COPY --from=build /opt/fax-gateway /opt/fax-gateway
USER 10001
WORKDIR /var/lib/fax-gateway
VOLUME /var/lib/fax-gateway
EXPOSE 2525 8025
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import http.client; ask = http.client.HTTPConnection('127.0.0.1', 8025, timeout=4); ask.request('GET', '/healthz'); raise SystemExit(ask.getresponse().status != 200)"]
ENTRYPOINT ["fax-gateway"]
CMD ["serve", "--config", "/etc/fax-gateway/config.toml"]
