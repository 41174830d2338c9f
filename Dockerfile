# syntax=docker/dockerfile:1
# One image for every service; the command says which. No compiler, tests or tools in what runs.
FROM python:3.13.9-slim-bookworm AS build
# What is installed beside the base: analytics, for `holdfast analyse`; "analytics charts" draws reports, too.
ARG EXTRAS="analytics"
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY pyproject.toml requirements.lock ./
COPY docker/base_lock.py docker/
# --require-hashes: what is installed is byte for byte what the lock names. pip check: and it is complete.
RUN python docker/base_lock.py $EXTRAS > /tmp/base.lock \
 && python -m venv /opt/holdfast \
 && /opt/holdfast/bin/pip install --require-hashes --no-deps --only-binary :all: -r /tmp/base.lock \
 && /opt/holdfast/bin/pip check
RUN python -m venv /opt/build && /opt/build/bin/pip install "hatchling==1.27.0"
COPY LICENSE README.md ./
COPY models models
COPY feeds feeds
COPY streams streams
COPY consumers consumers
COPY dashboards dashboards
COPY board board
COPY holdfast holdfast
RUN /opt/build/bin/python -m hatchling build -t wheel \
 && /opt/holdfast/bin/pip install --no-deps --no-index dist/*.whl \
 && /opt/holdfast/bin/holdfast --help > /dev/null

FROM python:3.13.9-slim-bookworm
LABEL org.opencontainers.image.title="Holdfast" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --home-dir /var/lib/holdfast --create-home --shell /usr/sbin/nologin holdfast
COPY --from=build /opt/holdfast /opt/holdfast
ENV PATH=/opt/holdfast/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOLDFAST_DATA_DIR=/var/lib/holdfast
USER 10001:10001
WORKDIR /var/lib/holdfast
VOLUME /var/lib/holdfast
ENTRYPOINT ["holdfast"]
CMD ["--help"]
