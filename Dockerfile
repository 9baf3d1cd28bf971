# The engine and its command line; the mail to check comes on standard input or as a mounted folder:
#   docker build -t checkmail . && docker run --rm -i --network none checkmail check --offline - < mail.eml
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
RUN useradd --system --create-home --uid 10001 checkmail
COPY --from=build /opt/checkmail /opt/checkmail
USER checkmail
ENV PATH=/opt/checkmail/bin:$PATH PYTHONUNBUFFERED=1 CHECKMAIL_DATA_DIR=/home/checkmail/data
ENTRYPOINT ["checkmail"]
CMD ["--help"]
