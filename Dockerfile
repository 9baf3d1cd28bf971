# The whole bot: the processes that answer in Slack, and the engine's command line.
#   docker build -t checkmail .
#   docker run --init -v checkmail:/home/checkmail/data --env-file .env checkmail              # serve: Slack and worker
#   docker run --init --env-file .env checkmail worker                                         # a further worker (REDIS_URL)
#   docker run --rm -i --network none checkmail check --offline - < mail.eml                   # one mail, without Slack
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/checkmail && /opt/checkmail/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY knowledge knowledge
RUN /opt/checkmail/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --create-home --uid 10001 checkmail \
    && install -d -m 0700 -o checkmail -g checkmail /home/checkmail/data
COPY --from=build /opt/checkmail /opt/checkmail
USER checkmail
WORKDIR /home/checkmail
ENV PATH=/opt/checkmail/bin:$PATH PYTHONUNBUFFERED=1 \
    CHECKMAIL_DATA_DIR=/home/checkmail/data CHECKMAIL_HTTP=0.0.0.0:8080 CHECKMAIL_LOG=json
VOLUME ["/home/checkmail/data"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "\
import os, urllib.request; \
port = os.environ['CHECKMAIL_HTTP'].rpartition(':')[2]; \
urllib.request.urlopen(f'http://127.0.0.1:{port}/healthz', timeout=3)"]
ENTRYPOINT ["checkmail"]
CMD ["serve"]
