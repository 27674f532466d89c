# docker build -t ingest . ; docker run --rm -v news:/home/ingest ingest crawl https://example.com
# Beyond the base image it needs a package registry for pip, and nothing else. PIP_INDEX_URL may name a mirror.
FROM python:3.13-slim AS build
ARG PIP_INDEX_URL
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE settings.py ./
COPY ingest ingest
COPY pipelines pipelines
RUN python -m venv /opt/ingest && /opt/ingest/bin/pip install --no-cache-dir -c constraints.txt '.[postgres]'

FROM python:3.13-slim
COPY --from=build /opt/ingest /opt/ingest
RUN useradd --create-home ingest
USER ingest
ENV PATH=/opt/ingest/bin:$PATH INGEST_HOME=/home/ingest
WORKDIR /home/ingest
VOLUME /home/ingest
ENTRYPOINT ["ingest"]
CMD ["run"]
