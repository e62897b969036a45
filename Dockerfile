# docker build -t migrate-openrouter . && docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" migrate-openrouter . --dry-run
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY migrator migrator
RUN pip install --no-cache-dir --prefix=/installed .

FROM python:3.13-slim
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*'
COPY --from=build /installed /usr/local
# journals, which undo reads: mount a volume there to keep them; whoever the container runs as may write there
RUN mkdir -m 1777 /state
ENV MIGRATE_OPENROUTER_STATE=/state
VOLUME /state
WORKDIR /work
ENTRYPOINT ["migrate-openrouter"]
